"""Where everything stands: one tree below the other, each with its heading."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ussd.menu.graph import DIAL, REFUSED, Graph
from ussd.menu.rows import CHARACTERS, Written, write
from ussd.menu.tree import arrange

# Every monospaced font is at most this wide at 12 pixels.
CHARACTER_WIDTH: Final = 7.25
INSET: Final = 13
WIDTH: Final = round(CHARACTERS * CHARACTER_WIDTH) + 2 * INSET
BETWEEN_COLUMNS: Final = 84
GAP: Final = 22
MARGIN: Final = 40
TITLE: Final = 150
HEADING: Final = 34
BETWEEN_TREES: Final = 56
NOBODY: Final = "Nobody comes here"
HEADINGS: Final = {DIAL: "When somebody dials", REFUSED: "When something is refused"}


@dataclass(frozen=True)
class Placed:
    """A card and its upper left corner; `children` are joined to it by curves."""

    written: Written
    x: int
    y: int
    children: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The whole picture in numbers. Headings are words at a height."""

    cards: Mapping[str, Placed]
    headings: tuple[tuple[str, int], ...]
    width: int
    height: int


def plan(graph: Graph) -> Plan:
    """Place every card; what nobody comes to stands last, under a heading that says so."""
    children = graph.family()
    written = {
        name: write(card, children=children.get(name, ())) for name, card in graph.cards.items()
    }
    heights = {name: each.height for name, each in written.items()}
    cards: dict[str, Placed] = {}
    headings = []
    top = TITLE
    for root in (DIAL, REFUSED, *graph.unreachable()):
        headings.append((HEADINGS.get(root, NOBODY), top))
        top += HEADING
        for name, place in arrange(root, children, heights, gap=GAP).items():
            x = MARGIN + place.column * (WIDTH + BETWEEN_COLUMNS)
            below = tuple(children.get(name, ()))
            cards[name] = Placed(written[name], x, top + place.top, below)
        top = max(card.y + card.written.height for card in cards.values()) + BETWEEN_TREES
    width = max(card.x for card in cards.values()) + WIDTH + MARGIN
    return Plan(cards, tuple(headings), width, top)
