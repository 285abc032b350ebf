"""The pages of a market as a phone will show them, for whoever drafts it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.gsm7 import septets
from core.markets.pricing import Pool
from core.markets.rules import PayoutRule, Side
from core.money import Money, kes
from core.text import Language, _
from ussd.drawing import PAGE_SEPTETS, PageTooLongError, draw
from ussd.pages import AnswerLink, Link, Menu, Option, Page, Question
from ussd.screens.market_words import confirmation_words, question_words, side_words

# Nobody has bet yet, so a stake comes back as it is; the stake is one with as many digits as most.
_POOL = Pool(Money(0), Money(0))
_STAKE = kes(1000)
_NOWHERE = Link("preview")


@dataclass(frozen=True)
class Draft:
    """What there is of a market before it is one."""

    question: str
    label: str
    closes_at: datetime
    fee_bps: int
    payout_rule: PayoutRule


@dataclass(frozen=True)
class PhonePage:
    """One page in one language: what it is, its text, and how many septets that takes of `most`."""

    title: str
    text: str
    septets: int
    most: int = PAGE_SEPTETS


def preview_market(
    *,
    question: str,
    label: str,
    closes_at: datetime,
    fee_bps: int,
    payout_rule: PayoutRule,
    language: Language,
) -> list[PhonePage]:
    """The market's own page, its line in the list, and the page that asks for the PIN.

    By the code that draws them for callers. A page that is too long shows all of its text. Raises
    NotGsm7 where question or label cannot be shown.
    """
    draft = Draft(question, label, closes_at, fee_bps, payout_rule)
    drawn = ((title, _body(page, language)) for title, page in _pages(draft))
    return [PhonePage(title, body, septets(body)) for title, body in drawn]


def _pages(draft: Draft) -> Iterator[tuple[str, Page]]:
    sides = tuple(Option(side_words(draft, _POOL, side), _NOWHERE) for side in Side)
    yield "The market", Menu(question_words(draft), sides)
    line = Option(_("{label}", label=draft.label), _NOWHERE)
    yield "In the list", Menu(_("Choose a market"), (line,))
    confirmation = confirmation_words(draft, _POOL, Side.YES, _STAKE)
    yield "Before the PIN", Question(confirmation, AnswerLink("preview"))


def _body(page: Page, language: Language) -> str:
    try:
        return draw(page, language=language, back=True).body
    except PageTooLongError as error:
        return error.body
