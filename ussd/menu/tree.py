"""Places boxes of different heights as a tidy tree, from left to right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Children = Mapping[str, Sequence[str]]
Heights = Mapping[str, int]


@dataclass(frozen=True)
class Place:
    """Where a box stands: its column, and its upper edge."""

    column: int
    top: int


@dataclass(frozen=True)
class _Block:
    """A placed tree, with the space that it takes in each of its columns."""

    places: dict[str, Place]
    reach: list[tuple[int, int]]

    def moved(self, *, down: int, right: int = 0) -> "_Block":
        return _Block(
            {name: Place(p.column + right, p.top + down) for name, p in self.places.items()},
            [(top + down, bottom + down) for top, bottom in self.reach],
        )


def arrange(root: str, children: Children, heights: Heights, *, gap: int) -> dict[str, Place]:
    """Place a tree as close as `gap` allows; its upper edge is 0, its root in column 0."""
    block = _block(root, children, heights, gap)
    return block.moved(down=-min(top for top, _ in block.reach)).places


def _block(root: str, children: Children, heights: Heights, gap: int) -> _Block:
    below = _Block({}, [])
    for child in children.get(root, ()):
        below = _under(below, _block(child, children, heights, gap), gap)
    top = _middle(below) - heights[root] // 2
    inner = below.moved(down=0, right=1)
    return _Block({root: Place(0, top), **inner.places}, [(top, top + heights[root]), *below.reach])


def _under(above: _Block, block: _Block, gap: int) -> _Block:
    """Push the block down until it is clear of the one above in every column that they share."""
    shared = zip(above.reach, block.reach, strict=False)
    block = block.moved(down=max((a[1] + gap - b[0] for a, b in shared), default=0))
    columns = max(len(above.reach), len(block.reach))
    reach = [
        _span([each.reach[column] for each in (above, block) if column < len(each.reach)])
        for column in range(columns)
    ]
    return _Block({**above.places, **block.places}, reach)


def _span(reaches: list[tuple[int, int]]) -> tuple[int, int]:
    return min(top for top, _ in reaches), max(bottom for _, bottom in reaches)


def _middle(block: _Block) -> int:
    return sum(block.reach[0]) // 2 if block.reach else 0
