"""Draws the graph as one SVG, the same bytes for the same code."""

import re
from collections.abc import Iterator
from html import escape
from itertools import cycle
from typing import Final

from ussd.menu.graph import DIAL, REFUSED, Graph
from ussd.menu.placing import CHARACTER_WIDTH, INSET, MARGIN, WIDTH, Placed, plan
from ussd.menu.rows import HEADER, Chip, Row, Style

SMALL_WIDTH: Final = 6.1
INK, PALE, PAPER, EDGE = "#23272e", "#68707d", "#f6f4ee", "#d3cdbf"
TINTS: Final = (
    "#0b7a75",
    "#b4530a",
    "#2459a8",
    "#8a3b8f",
    "#3f7d20",
    "#a8324a",
    "#5b4bb5",
    "#7d6200",
    "#1d7ea3",
    "#7a4a2b",
)
STYLE: Final = f"""<style>
text {{ font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  fill: {INK}; white-space: pre; }}
.name {{ fill: #fff; font-weight: 600; }}
.small {{ font-size: 10px; }}
.pale, .value {{ fill: {PALE}; }}
.value {{ font-style: italic; }}
.title {{ font-size: 28px; font-weight: 600; }}
.heading {{ font-size: 17px; font-weight: 600; }}
.curve {{ fill: none; stroke-width: 1.7; opacity: .8; }}
</style>"""
LEGEND: Final = (
    "A chip names the page that a line leads to when it stands elsewhere;"
    " a dashed one depends on where the caller came from."
    " On every page 0 leads back and 00 to the top."
)
_VALUE: Final = re.compile(r"(\{\w+\})")


def draw(graph: Graph) -> str:
    """The whole picture."""
    return "".join(f"{line}\n" for line in _Picture(graph).lines())


class _Picture:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._plan = plan(graph)
        parts = dict.fromkeys(card.written.card.part for card in self._plan.cards.values())
        menu = [part for part in parts if part not in (DIAL, REFUSED)]
        self._tints = dict(zip(menu, cycle(TINTS), strict=False))

    def lines(self) -> Iterator[str]:
        width, height = self._plan.width, self._plan.height
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">'
        )
        yield STYLE
        yield _box(0, 0, width, height, fill=PAPER)
        yield from self._head()
        for words, y in self._plan.headings:
            yield _text(MARGIN, y + 12, words, "heading")
        for placed in self._plan.cards.values():
            yield from self._curves(placed)
        for placed in self._plan.cards.values():
            yield from self._card(placed)
        yield "</svg>"

    def _head(self) -> Iterator[str]:
        counted = f"{len(self._graph.screens)} screens, {self._graph.links} links"
        yield f'<title id="title">The pages of the short code: {counted}</title>'
        yield _text(MARGIN, 56, "The pages of the short code", "title")
        yield _text(MARGIN, 82, f"{counted}, read from the code. {LEGEND}", "pale")
        x: float = MARGIN
        for part, tint in self._tints.items():
            yield _box(round(x), 100, 12, 12, fill=tint, rx=3)
            yield _text(round(x) + 18, 110, part)
            x += 18 + (len(part) + 3) * CHARACTER_WIDTH

    def _curves(self, placed: Placed) -> Iterator[str]:
        for row in placed.written.rows:
            for name in row.curves:
                child = self._plan.cards[name]
                x, y = placed.x + WIDTH, placed.y + row.top + row.height // 2
                end, to = child.x, child.y + HEADER // 2
                bend = (x + end) // 2
                yield (
                    f'<path class="curve" stroke="{self._tint(name)}"'
                    f' d="M{x} {y}C{bend} {y} {bend} {to} {end} {to}"/>'
                )

    def _card(self, placed: Placed) -> Iterator[str]:
        card, x, y = placed.written.card, placed.x, placed.y
        tint = self._tint(card.name)
        yield _box(x, y, WIDTH, placed.written.height, fill="#fff", stroke=EDGE, rx=12)
        # Round above, straight below.
        yield (
            f'<path fill="{tint}" d="M{x} {y + HEADER}v{12 - HEADER}a12 12 0 0 1 12 -12'
            f'h{WIDTH - 24}a12 12 0 0 1 12 12v{HEADER - 12}z"/>'
        )
        yield _text(x + INSET, y + 19, card.name, "name")
        for row in placed.written.rows:
            yield from self._row(row, x, y + row.top)

    def _row(self, row: Row, x: int, y: int) -> Iterator[str]:
        left = x + INSET
        match row.style:
            case Style.WORDS | Style.OPTION:
                yield _text(left, y + 12, row.text)
                yield from self._chips(row, left, y - 1)
            case Style.DIALLED | Style.OVER:
                yield _text(left, y + 11, row.text, "small pale")
            case Style.OR:
                yield f'<path stroke="{EDGE}" d="M{x} {y + 8}h{WIDTH}"/>'
                yield _box(left - 4, y + 1, 22, 14, fill="#fff")
                yield _text(left, y + 11, row.text, "small pale")
            case Style.FIELD:
                yield _box(left, y + 3, WIDTH - 2 * INSET, 18, fill=PAPER, stroke=EDGE, rx=4)
                yield _text(left + 7, y + 15, row.text, "small pale")
            case Style.CHIPS:
                yield from self._chips(row, left, y)

    def _chips(self, row: Row, left: int, y: int) -> Iterator[str]:
        for chip in row.chips:
            yield from self._chip(chip, left, y)

    def _chip(self, chip: Chip, left: int, y: int) -> Iterator[str]:
        tint = self._tint(chip.passage.to)
        x = left + round(chip.start * SMALL_WIDTH)
        dashes = ' stroke-dasharray="3 2"' if chip.passage.carried else ""
        width = round(chip.width * SMALL_WIDTH)
        yield (
            f'<rect x="{x}" y="{y + 1}" width="{width}" height="15" rx="7.5" fill="#fff"'
            f' stroke="{tint}"{dashes}/>'
        )
        words = escape(f"→ {chip.passage.to}")
        yield f'<text class="small" x="{x + 6}" y="{y + 12}" style="fill:{tint}">{words}</text>'

    def _tint(self, name: str) -> str:
        return self._tints.get(name.partition(".")[0], INK)


def _box(x: int, y: int, width: int, height: int, **attributes: str | int) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}"{more}/>'


def _text(x: int, y: int, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    spans = _VALUE.sub(r'<tspan class="value">\1</tspan>', escape(words, quote=False))
    return f'<text{named} x="{x}" y="{y}">{spans}</text>'
