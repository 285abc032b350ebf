"""Draws a page in at most 156 septets, in as many parts as it takes."""

import re
from dataclasses import dataclass
from typing import Final

from core.gsm7 import septets
from core.text import Language, Text, _
from ussd.pages import End, Link, Menu, Option, Page, Question

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

    Raises PageTooLongError where not even one option fits beside the text.
    """
    parts = draw_all(page, language=language, hint=hint, back=back)
    return parts[min(part, len(parts) - 1)]


def draw_all(
    page: Page, *, language: Language, hint: Text | None = None, back: bool
) -> list[Drawn]:
    """Draw every part of the page."""
    said = f"{hint.in_(language)}\n" if hint else ""
    text = said + page.text.in_(language)
    # The reminder of `0` is shown where there is room; the key works everywhere.
    footer = f"\n{BACK_LINE.in_(language)}" if back else ""
    more = f"\n{MORE_LINE.in_(language)}"
    match page:
        case End():
            return [Drawn(_fitting(text), ends=True)]
        case Menu(options=()):
            return _split_text(text, more, footer)
        case Menu(options=options):
            return _split_options(text, options, language, more, footer)
        case Question(options=options):
            whole = text + _lines(options, language)
            links = tuple(option.leads_to for option in options)
            return [Drawn(_with_footer(whole, footer), links)]


def fits(body: str) -> bool:
    """Whether a handset shows all of it."""
    return septets(body) <= PAGE_SEPTETS


def _split_options(
    text: str, options: tuple[Option, ...], language: Language, more: str, footer: str
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
            raise PageTooLongError(text)
        links = tuple(option.leads_to for option in shown)
        parts.append(Drawn(_with_footer(body, footer), links, more=rest))
        start += size
    return parts


def _split_text(text: str, more: str, footer: str) -> list[Drawn]:
    if fits(text):
        return [Drawn(_with_footer(text, footer))]
    parts = []
    words = _BETWEEN_WORDS.split(text)
    while words:
        for size in range(len(words), 0, -1):
            rest = size < len(words)
            body = " ".join(words[:size]) + (more if rest else "") + footer
            if fits(body):
                break
        else:
            raise PageTooLongError(text)
        parts.append(Drawn(body, more=rest))
        words = words[size:]
    return parts


def _lines(options: tuple[Option, ...], language: Language) -> str:
    return "".join(
        f"\n{number}. {option.label.in_(language)}" for number, option in enumerate(options, 1)
    )


def _with_footer(body: str, footer: str) -> str:
    return body + footer if fits(body + footer) else _fitting(body)


def _fitting(body: str) -> str:
    if not fits(body):
        raise PageTooLongError(f"{septets(body)} septets:\n{body}")
    return body
