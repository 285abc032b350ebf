"""`python -m tests.texts.sms_catalogue FILE`: every SMS in both languages, with its septets."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from core.gsm7 import septets
from core.notices import result_texts, texts
from core.notices.kinds import KINDS, Sort
from core.text import Language, Text
from tests.texts.longest_sms import LANGUAGES, longest_of, written

HEADINGS: Final = {
    Sort.CODE: "Codes",
    Sort.WARNING: "Warnings",
    Sort.RECEIPT: "Receipts",
    Sort.ANSWER: "Answers",
    Sort.STAFF: "To staff and witnesses",
    Sort.NEWS: "News",
}
# The kind of those texts that are not called by it. What else the modules of answers hold is one.
KIND_OF: Final = {
    "alarm_raised": "alarm",
    "bet_by_sms_placed": "bet_placed",
    "correction_proposed": "result_proposed",
    "deposit_failed_pay_bill": "deposit_failed",
    "deposit_rejected": "deposit_failed",
    "deposit_rejected_pay_bill": "deposit_failed",
    "head_published": "head",
    "number_verified": "answer",
    "reset_code": "code",
}
# Kinds that have no text of their own.
WORDED_AS: Final = {"paybill_received": "deposit_received"}
_UNASKED: Final = {texts.__name__, result_texts.__name__}
_HEAD: Final = (
    "# Every SMS\n\n"
    "Drawn from the code by `make messages`, each text with the longest values that it can hold,"
    " in English and in Swahili; a test says when this page is not current.\n"
    "One segment holds 160 septets; English keeps to 140, for Swahili needs more room. The number"
    " behind a kind is its place in the queue: the lower goes first.\n"
    "Of several wordings each is shown once, at its longest; an answer that lists things is cut to"
    " fit. Only news can be refused with `STOP`.\n"
)


def draw() -> str:
    """The page."""
    return _HEAD + "".join(_section(sort, heading) for sort, heading in HEADINGS.items())


def kind_of(function: Callable[..., Text]) -> str:
    """The kind under which a text is sent. Raises LookupError where nobody has said so."""
    name = function.__name__
    if name in KINDS:
        return name
    if name in KIND_OF:
        return KIND_OF[name]
    if function.__module__ not in _UNASKED:
        return "answer"
    raise LookupError(f"say in KIND_OF which of the KINDS {name} is")


def _section(sort: Sort, heading: str) -> str:
    lines = [
        line
        for function in written()
        if KINDS[kind_of(function)].sort is sort
        for line in _lines(function)
    ]
    return "\n".join(
        ["", f"## {heading}", "", "| text | words | septets |", "|---|---|--:|", *lines, ""]
    )


def _lines(function: Callable[..., Text]) -> Iterator[str]:
    name, kind = function.__name__, kind_of(function)
    words = f"`{name}`" if name == kind else f"`{name}`, {kind}"
    also = "".join(f", {other}" for other, text in WORDED_AS.items() if text == name)
    label = f"{words}{also} · {KINDS[kind].priority}"
    for wordings in _wordings(function):
        for text in wordings:
            yield f"| {label} | {_plain(text)} | {septets(text)} |"
            label = ""


def _wordings(function: Callable[..., Text]) -> Iterator[list[str]]:
    """Each wording, at its longest, in every language."""
    longest: dict[str, dict[Language, str]] = {}
    for language in LANGUAGES:
        for text in longest_of(function, language):
            told = longest.setdefault(text.template, {})
            told[language] = max(told.get(language, ""), text.in_(language), key=septets)
    for told in longest.values():
        yield list(told.values())


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(), encoding="utf-8")
