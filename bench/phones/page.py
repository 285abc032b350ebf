"""A page as a caller reads it, and what no page may be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from gsm0338 import Codec

from bench.phones.wire import Answer

# Safaricom shows 160 characters, and nobody says whether `CON ` counts.
MOST_SEPTETS = 156
TROUBLE = re.compile(r"we have a problem", re.IGNORECASE)
_OPTION = re.compile(r"^([1-9]\d?)\. (.+)$", re.MULTILINE)
_MORE = "99"
_AMOUNT = re.compile(r"KES ([\d,]+)(?:\.(\d\d))?")
_REFERENCE = re.compile(r"\bRef ([A-Z0-9]+)")
_CODEC = Codec()
_PREFIX = 4


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on the screen; `ends` where the session is over with it."""

    text: str
    ends: bool

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Read an answer, also one that is no page."""
        return cls(answer.body[_PREFIX:], not answer.body.startswith("CON "))

    @property
    def options(self) -> dict[str, str]:
        """Labels with the number to press; the keys that never vary are not among them."""
        return {label: number for number, label in _OPTION.findall(self.text) if number != _MORE}

    @property
    def has_more(self) -> bool:
        """Whether another part follows."""
        return f"\n{_MORE}. " in self.text

    def option(self, label: str) -> str | None:
        """Return the number of the first option that begins with these words."""
        words = re.compile(rf"{re.escape(label)}\b")
        return next((number for text, number in self.options.items() if words.match(text)), None)

    def says(self, words: str) -> bool:
        """Tell whether the page has these words, in any letter case."""
        return words.lower() in self.text.lower()


def faults_of(answer: Answer) -> Iterator[str]:
    """What is wrong with an answer to a hop, whatever was asked."""
    if answer.status is None:
        yield f"no answer: {answer.body}"
        return
    if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
        yield f"status {answer.status}"
    if answer.body[:_PREFIX] not in {"CON ", "END "}:
        yield "neither CON nor END"
        return
    septets = septets_of(answer.body[_PREFIX:])
    if septets is None:
        yield "not in the phones' alphabet"
    elif septets > MOST_SEPTETS:
        yield "page too long"
    if TROUBLE.search(answer.body):
        yield "a page that says we have a problem"


def septets_of(text: str) -> int | None:
    """Count the septets; None where a phone cannot show every character."""
    try:
        return len(_CODEC.encode(text)[0])
    except UnicodeEncodeError:
        return None


def cents_in(text: str) -> int | None:
    """Return the first amount in a text, in cents."""
    found = _AMOUNT.search(text)
    if found is None:
        return None
    return int(found[1].replace(",", "")) * 100 + int(found[2] or 0)


def reference_in(text: str) -> str | None:
    """Return the first reference in a text."""
    found = _REFERENCE.search(text)
    return found[1] if found else None
