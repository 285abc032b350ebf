"""Texts a player reads, translated when they are shown; and those of others, fit to be kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent.parent / "locale"


class Language(StrEnum):
    """The languages every text exists in; English is the source."""

    ENGLISH = "en"
    SWAHILI = "sw"


@dataclass(frozen=True, slots=True)
class Text:
    """A template and its values, still without a language. Values that are texts follow along."""

    template: str
    values: dict[str, object] = field(default_factory=dict)

    def in_(self, language: Language) -> str:
        """The finished words. A template without translation stays English: a test forbids it."""
        template = _catalogue(language).get(self.template, self.template)
        values = {
            name: value.in_(language) if isinstance(value, Text) else value
            for name, value in self.values.items()
        }
        return template.format_map(values)


def _(template: str, **values: object) -> Text:
    """Mark a text for translation; the catalogues are made from the calls of this name."""
    return Text(template, values)


def storable(text: str) -> str:
    """What can be kept of a text that others wrote."""
    # PostgreSQL stores neither NUL nor half a surrogate pair.
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


@cache
def _catalogue(language: Language) -> dict[str, str]:
    if language is Language.ENGLISH:
        return {}
    with (CATALOGUES / language / "LC_MESSAGES" / "kibeezy.po").open("rb") as file:
        catalogue = read_po(file, locale=str(language))
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string
    }
