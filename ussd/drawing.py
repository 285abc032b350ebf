"""Draws a page in at most 156 septets, in as many parts as it takes."""

import re
from dataclasses import dataclass, replace
from typing import Final

from core.gsm7 import septets
from core.text import Language, Text, _
from ussd.pages import End, Letter, Link, Menu, Option, Page, Question

# Safaricom shows 160 characters and nobody says whether `CON ` counts (help article 1284096).
PAGE_SEPTETS: Final = 156
MOST_OPTIONS: Final = 5

BACK, HOME, MORE = "0", "00", "99"
# An amount that is torn apart could be read as an option.
_BETWEEN_WORDS: Final = re.compile(r"(?<!KES) ")
BACK_LINE = _("0. Back")
MORE_LINE = _("99. More")


class PageTooLongError(Exception):
    """A page that does not fit; a failing test, never a cut sentence. Carries the page."""

    def __init__(self, body: str) -> None:
        super().__init__(f"{septets(body)} septets:\n{body}")
        self.body = body


@dataclass(frozen=True)
class Drawn:
    """One part of a page as the caller sees it."""

    body: str
    options: tuple[Link, ...] = ()
    more: bool = False
    ends: bool = False


def draw(
    page: Page, *, language: Language, part: int = 0, hint: Text | None = None, back: bool
) -> Drawn:
    """Draw one part of the page; a part past the last draws the last.

    A hint leaves the parts as they are: if it pushed options over into the next part, whoever
    turns the page would never see them. Raises PageTooLongError where it has no room.
    """
    footer = _footer(language, back=back)
    parts = _split(page, language, footer)
    return _finish(parts[min(part, len(parts) - 1)], page, _said(hint, language), footer)


def draw_all(
    page: Page, *, language: Language, hint: Text | None = None, back: bool
) -> list[Drawn]:
    """Draw every part of the page, each with the hint above it."""
    footer = _footer(language, back=back)
    said = _said(hint, language)
    return [_finish(part, page, said, footer) for part in _split(page, language, footer)]


def fits(body: str) -> bool:
    """Whether a handset shows all of it."""
    return septets(body) <= PAGE_SEPTETS


def _said(hint: Text | None, language: Language) -> str:
    return f"{hint.in_(language)}\n" if hint else ""


def _footer(language: Language, *, back: bool) -> str:
    return f"\n{BACK_LINE.in_(language)}" if back else ""


def _split(page: Page, language: Language, footer: str) -> list[Drawn]:
    """The parts, still without hint and footer.

    Questions and endings have one part: on a question `99` is an answer, after an ending nobody
    listens. That each of them fits is proven with the longest data.
    """
    text = page.text.in_(language)
    more = f"\n{MORE_LINE.in_(language)}"
    match page:
        case End():
            return [Drawn(text, ends=True)]
        case Letter(options=options):
            return _split_letter(text, options, language, more)
        case Menu(options=()):
            return _split_text(text, more, footer, ending=footer)
        case Menu(options=options):
            return _split_options(text, options, language, more)
        case Question(options=options):
            links = tuple(option.leads_to for option in options)
            return [Drawn(text + _lines(options, language), links)]


def _split_options(
    text: str, options: tuple[Option, ...], language: Language, more: str
) -> list[Drawn]:
    parts = []
    start = 0
    while start < len(options):
        for size in range(min(MOST_OPTIONS, len(options) - start), 0, -1):
            shown = options[start : start + size]
            rest = start + size < len(options)
            body = text + _lines(shown, language) + (more if rest else "")
            if fits(body):
                break
        else:
            raise PageTooLongError(text + _lines(options[start : start + 1], language))
        parts.append(Drawn(body, tuple(option.leads_to for option in shown), more=rest))
        start += size
    return parts


def _split_letter(
    text: str, options: tuple[Option, ...], language: Language, more: str
) -> list[Drawn]:
    lines = _lines(options, language)
    *parts, last = _split_text(text, more, footer="", ending=lines)
    links = tuple(option.leads_to for option in options)
    return [*parts, replace(last, body=last.body + lines, options=links)]


def _split_text(text: str, more: str, footer: str, ending: str) -> list[Drawn]:
    """Parts with room for the footer below each, and for the ending below the last."""
    parts = []
    words = _BETWEEN_WORDS.split(text)
    while not fits(" ".join(words) + ending):
        sizes = range(len(words) - 1, 0, -1)
        most = next((n for n in sizes if fits(" ".join(words[:n]) + more + footer)), 0)
        if not most:
            raise PageTooLongError(words[0] + more + footer)
        size = _sentences(words[:most])
        parts.append(Drawn(" ".join(words[:size]) + more, more=True))
        words = words[size:]
    return [*parts, Drawn(" ".join(words))]


def _sentences(words: list[str]) -> int:
    """How many of these words to show: whole sentences, if they fill half of the page."""
    ends = (
        size for size in range(len(words), len(words) // 2, -1) if words[size - 1][-1:] in ".?!"
    )
    return next(ends, len(words))


def _lines(options: tuple[Option, ...], language: Language) -> str:
    return "".join(
        f"\n{number}. {option.label.in_(language)}" for number, option in enumerate(options, 1)
    )


def _finish(part: Drawn, page: Page, said: str, footer: str) -> Drawn:
    """Add the hint, and the reminder of `0` where there is room; the key works everywhere."""
    bare = said + part.body
    if part.ends:
        footer = ""
    # A page without options leaves nothing to press but `0`, so it must say so.
    least = bare + footer if isinstance(page, Menu) and not page.options else bare
    if not fits(least):
        raise PageTooLongError(least)
    return replace(part, body=bare + footer if fits(bare + footer) else bare)
