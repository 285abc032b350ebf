"""The terms of a market as an admin writes them; one validator each."""

import re
from datetime import datetime
from functools import cache

from better_profanity import Profanity

from core.errors import Refused
from core.gsm7 import ensure_gsm7, septets
from core.markets.rules import Outcome
from core.money import WHOLE_BPS
from core.staff_input import parse_free_text, parse_moment
from core.text import _

QUESTION_SEPTETS = 60  # A confirmation page names stake, side, question and return: measured.
LABEL_SEPTETS = 18  # Five labels and the keys fill a page.
CATEGORY_SEPTETS = 18
DEFAULT_CATEGORY = "General"
FEE = re.compile(r"\d{1,5}", re.ASCII)
# Plain words of the news, of sport and of names, which the library's list takes for insults.
_HARMLESS = (
    "dick",
    "fat",
    "gay",
    "gays",
    "god",
    "hell",
    "kill",
    "lesbian",
    "sex",
    "virgin",
    "weed",
    "willy",
)


class InvalidQuestion(Refused):
    """Empty, too long, or insulting."""


class InvalidLabel(Refused):
    """Empty or too long for a list."""


class InvalidCategory(Refused):
    """Empty or too long for a menu."""


class InvalidTerms(Refused):
    """A fee that no market can have."""


class InvalidClosingTime(Refused):
    """In the past."""


class InvalidLateFrom(Refused):
    """No moment from which bets of this result can have been late."""


def parse_question(raw: str) -> str:
    """A question of at most 60 septets. Raises InvalidQuestion or NotGsm7."""
    question = ensure_gsm7(raw)
    if not question:
        raise InvalidQuestion(_("A market needs a question."))
    size = septets(question)
    if size > QUESTION_SEPTETS:
        raise InvalidQuestion(
            _(
                "The question has {size} characters; {most} fit on a phone.",
                size=size,
                most=QUESTION_SEPTETS,
            )
        )
    if _insults(question):
        raise InvalidQuestion(_("The question has a word that players should not read."))
    return question


def parse_label(raw: str | None, *, question: str) -> str:
    """The name in lists, at most 18 septets; by default the question's first words that fit.

    Raises InvalidLabel or NotGsm7.
    """
    if raw is None:
        return _first_words(question)
    label = ensure_gsm7(raw)
    if not label or septets(label) > LABEL_SEPTETS or _insults(label):
        raise InvalidLabel(
            _("A label is a decent name of 1 to {most} characters.", most=LABEL_SEPTETS)
        )
    return label


def parse_category(raw: str | None) -> str:
    """The menu a market stands under, at most 18 septets. Raises InvalidCategory or NotGsm7."""
    if raw is None:
        return DEFAULT_CATEGORY
    plain = ensure_gsm7(raw)
    # Again, for some capitals are missing from the alphabet or are two letters.
    category = ensure_gsm7(plain[:1].upper() + plain[1:])
    if not category or septets(category) > CATEGORY_SEPTETS or _insults(category):
        raise InvalidCategory(
            _("A category is a decent name of 1 to {most} characters.", most=CATEGORY_SEPTETS)
        )
    return category


def parse_closing_time(raw: str | datetime, *, now: datetime) -> datetime:
    """The moment written as ISO 8601 with an offset; after `now`.

    Raises InvalidMoment or InvalidClosingTime.
    """
    moment = parse_moment(raw)
    if moment <= now:
        raise InvalidClosingTime(_("The closing time has passed."))
    return moment


def parse_late_from(
    raw: str | datetime | None, *, outcome: Outcome, opened_at: datetime | None, now: datetime
) -> datetime | None:
    """From when on bets were late: after the market opened, and not to come.

    Raises InvalidMoment or InvalidLateFrom.
    """
    if raw is None:
        return None
    moment = parse_moment(raw)
    if outcome is Outcome.VOID:
        raise InvalidLateFrom(_("A void gives every bet back, late or not."))
    if opened_at is None or moment <= opened_at:
        raise InvalidLateFrom(_("Bets can only be late after the market opened."))
    if moment > now:
        raise InvalidLateFrom(_("Bets cannot be late from a time to come."))
    return moment


def parse_fee(raw: str | int) -> int:
    """Basis points of the pool, 0 to 10,000. Raises InvalidTerms."""
    written = str(raw).strip()
    if not FEE.fullmatch(written) or int(written) > WHOLE_BPS:
        raise InvalidTerms(_("The fee is 0 to {most} basis points.", most=WHOLE_BPS))
    return int(written)


def parse_source(raw: str | None) -> str | None:
    """What the result will be read from, if anything is named. Raises InvalidFreeText."""
    return None if raw is None else parse_free_text(raw, what=_("The source"))


def parse_approval_ref(raw: str | None) -> str | None:
    """How the Authority calls its approval, if one is named. Raises InvalidFreeText."""
    return None if raw is None else parse_free_text(raw, what=_("The approval"))


def parse_evidence(raw: str) -> str:
    """What a result rests on; never empty. Raises InvalidFreeText."""
    return parse_free_text(raw, what=_("The evidence"))


def _first_words(question: str) -> str:
    label = ""
    for word in question.split():
        longer = f"{label} {word}".strip()
        if septets(longer) > LABEL_SEPTETS:
            break
        label = longer
    label = label.rstrip("?.,:;!- ")
    return label or _cut(question)


def _cut(word: str) -> str:
    while septets(word) > LABEL_SEPTETS:
        word = word[:-1]
    return word


def _insults(text: str) -> bool:
    return bool(_word_list().contains_profanity(text))


@cache
def _word_list() -> Profanity:
    words = Profanity()
    words.load_censor_words(whitelist_words=list(_HARMLESS))
    return words
