"""`python -m tests.texts.sms_catalogue FILE`: every SMS in both languages, with its septets."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from core.gsm7 import septets
from core.notices import result_texts, texts
from core.notices.kinds import KINDS, Sort
from core.text import Language, Text
from tests.texts.longest_sms import LANGUAGES, longest_of, written
from tests.texts.refused_by_sms import reasons, refusals

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
    "Refusals go as answers. A row of x is a reason; the last section has them.\n"
)


def draw() -> str:
    """The page."""
    sections = {
        **{heading: _sort_of(sort) for sort, heading in HEADINGS.items()},
        "Refusals": _named(refusals()),
        "Reasons in receipts": _named(reasons()),
    }
    return _HEAD + "".join(_section(*section) for section in sections.items())


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


def _section(heading: str, lines: Iterable[str]) -> str:
    return "\n".join(
        ["", f"## {heading}", "", "| text | words | septets |", "|---|---|--:|", *lines, ""]
    )


def _sort_of(sort: Sort) -> Iterator[str]:
    for function in written():
        kind = kind_of(function)
        if KINDS[kind].sort is sort:
            texts_in = {language: longest_of(function, language) for language in LANGUAGES}
            yield from _lines(_label(function.__name__, kind), texts_in)


def _named(found: dict[str, list[Text]]) -> Iterator[str]:
    for name, said in found.items():
        yield from _lines(f"`{name}`", dict.fromkeys(LANGUAGES, said))


def _label(name: str, kind: str) -> str:
    words = f"`{name}`" if name == kind else f"`{name}`, {kind}"
    also = "".join(f", {other}" for other, text in WORDED_AS.items() if text == name)
    return f"{words}{also} · {KINDS[kind].priority}"


def _lines(label: str, texts_in: Mapping[Language, Iterable[Text]]) -> Iterator[str]:
    for wordings in _wordings(texts_in):
        for text in wordings:
            yield f"| {label} | {_plain(text)} | {septets(text)} |"
            label = ""


def _wordings(texts_in: Mapping[Language, Iterable[Text]]) -> Iterator[list[str]]:
    """Each wording, at its longest, in every language."""
    longest: dict[str, dict[Language, str]] = {}
    for language, said in texts_in.items():
        for text in said:
            told = longest.setdefault(text.template, {})
            told[language] = max(told.get(language, ""), text.in_(language), key=septets)
    for told in longest.values():
        yield list(told.values())


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(), encoding="utf-8")
