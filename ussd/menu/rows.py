"""The lines of a card: how they wrap, how high they are, and where their chips stand."""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from textwrap import wrap
from typing import Final

from ussd.menu.graph import Card, Exit, Face, Passage
from ussd.menu.joining import AND_SO_ON
from ussd.pages import End

CHARACTERS: Final = 31
HEADER: Final = 28
PADDING: Final = 7
# In characters of the small font: an arrow and air around the name.
CHIP_AIR: Final = 4
CHIPS_WIDTH: Final = 36


class Style(Enum):
    """What a row looks like."""

    DIALLED = auto()
    WORDS = auto()
    OPTION = auto()
    FIELD = auto()
    CHIPS = auto()
    OR = auto()
    OVER = auto()


HEIGHTS: Final = {
    Style.DIALLED: 18,
    Style.WORDS: 16,
    Style.OPTION: 18,
    Style.FIELD: 24,
    Style.CHIPS: 20,
    Style.OR: 16,
    Style.OVER: 18,
}


@dataclass(frozen=True)
class Chip:
    """A passage that is named, because its curve would cross the picture."""

    passage: Passage
    start: int

    @property
    def width(self) -> int:
        """In characters of the small font."""
        return len(self.passage.to) + CHIP_AIR

    @property
    def end(self) -> int:
        """Where the next one may start."""
        return self.start + self.width


@dataclass(frozen=True)
class Row:
    """One line of a card, `top` below its upper edge; `curves` are the cards it is joined to."""

    style: Style
    text: str = ""
    curves: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    top: int = 0

    @property
    def height(self) -> int:
        """In pixels."""
        return HEIGHTS[self.style]


@dataclass(frozen=True)
class Written:
    """A card with its lines."""

    card: Card
    rows: tuple[Row, ...]
    height: int


def write(card: Card, *, children: Collection[str]) -> Written:
    """The lines of a card; a passage to a child is a curve, every other one a chip."""
    rows = []
    top = HEADER + PADDING
    for row in _rows(card, children):
        rows.append(replace(row, top=top))
        top += row.height
    return Written(card, tuple(rows), top + PADDING)


def _rows(card: Card, children: Collection[str]) -> Iterator[Row]:
    for digits in card.dialled:
        yield Row(Style.DIALLED, f"dial …*{digits}#")
    for place, face in enumerate(card.faces):
        if place:
            yield Row(Style.OR, "or")
        yield from _of_face(face, children)


def _of_face(face: Face, children: Collection[str]) -> Iterator[Row]:
    for line in face.words.splitlines():
        yield from (Row(Style.WORDS, part) for part in wrap(line, CHARACTERS))
    for one in face.exits:
        yield from _of_exit(one, children)
    if face.kind is End:
        yield Row(Style.OVER, "the call is over")


def _of_exit(one: Exit, children: Collection[str]) -> Iterator[Row]:
    curves = tuple(passage.to for passage in one.passages if passage.to in children)
    chips = _chip_rows(passage for passage in one.passages if passage.to not in children)
    if one.typed:
        yield Row(Style.FIELD, one.label, curves)
    else:
        start = _start(one.keys)
        first, *others = wrap(start + one.label, CHARACTERS, subsequent_indent=" " * len(start))
        beside = () if others else _beside(first, chips)
        yield Row(Style.OPTION, first, curves, beside)
        yield from (Row(Style.OPTION, part) for part in others)
        chips = [] if beside else chips
    yield from (Row(Style.CHIPS, chips=row) for row in chips)


def _start(keys: str) -> str:
    if keys.endswith(AND_SO_ON):
        return f"{keys} "
    return f"{keys}. " if keys else "- "


def _chip_rows(passages: Iterable[Passage]) -> list[tuple[Chip, ...]]:
    rows: list[tuple[Chip, ...]] = []
    for passage in passages:
        start = rows[-1][-1].end + 1 if rows else 0
        if rows and Chip(passage, start).end <= CHIPS_WIDTH:
            rows[-1] = (*rows[-1], Chip(passage, start))
        else:
            rows.append((Chip(passage, 0),))
    return rows


def _beside(text: str, rows: list[tuple[Chip, ...]]) -> tuple[Chip, ...]:
    """The only row of chips, at the right end of the option's line, if it has room there."""
    if len(rows) != 1:
        return ()
    space = CHIPS_WIDTH - rows[0][-1].end
    taken = math.ceil(len(text) * CHIPS_WIDTH / CHARACTERS) + 1
    return tuple(Chip(one.passage, one.start + space) for one in rows[0] if space >= taken)
