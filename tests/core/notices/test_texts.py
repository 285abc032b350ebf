"""Every SMS in every language fits one segment with the longest values it can hold."""

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from types import FunctionType

import pytest

from core.gsm7 import septets
from core.ledger.statement import StatementLine
from core.ledger.transfer import TransferKind
from core.money import Money, kes
from core.notices import answers, examples, result_texts, texts, watch_texts
from core.notices.answers import BetLine
from core.text import CATALOGUES, Language, Text
from payments.mpesa import results

ONE_SEGMENT = 160
# Swahili needs about 15 % more room; an English text beyond this leaves none.
ENGLISH_BUDGET = 140
# Lists are as long as a segment is, in each language.
CUT_TO_FIT = (answers.open_markets, answers.open_bets)
MOST = Money(99_999_999_999)
LARGEST_PAYOUT = kes(250_000)
LABEL = "Gor Mahia win cu{"
DIAL = "*384*20300*1#"

# The longest value of each argument, or the several that make different texts.
LONGEST: dict[str, tuple[object, ...]] = {
    "amount": (MOST,),
    "balance": (MOST,),
    "block": (999_999_999, None),
    "bets": ([BetLine("WWWWWW", MOST, "yes", 999_999, LABEL)] * 30, ()),
    "code": ("888888",),
    "corrected": (True, False),
    "day": ("31/12/2026",),
    "example": (examples.example(word="bet", market_id=999, side="no"),),
    "excise": (Money(0), Money(99_999_999)),
    "hash_hex": ("f" * 64,),
    "label": (LABEL,),
    "late": (Money(0), MOST, Money(88_888_888_888)),
    "line": tuple(
        StatementLine(10**9, kind, -MOST, datetime(2026, 12, 31, 20, 59, tzinfo=UTC), block)
        # These never move what may be used.
        for kind in set(TransferKind) - {TransferKind.SUSPENSE, TransferKind.WITHDRAWAL}
        for block in (999_999_999, None)
    ),
    "market_id": (999_999,),
    "markets": ([(999_999, LABEL)] * 30, ()),
    "number": (999_999,),
    "outcome": ("yes", "no", "void"),
    "paid": (MOST, Money(0)),
    "owed": (MOST, Money(0)),
    "paybill": ("8888888",),
    "phone": ("+254788888888",),
    "price": ("100%", None),
    "reason": (Text("x" * texts.LONGEST_REASON),),
    "receipt": ("SGR7WWWWWW", None),
    "repaid": (MOST,),
    "minutes": (10,),
    "net": (LARGEST_PAYOUT,),
    "reference": ("WWWWWW",),
    "refunded": (True, False),
    "rose": (True, False),
    "ruling": ("dismissed", "upheld"),
    "service_code": (DIAL,),
    "short_reason": (Text("x" * texts.LONGEST_SHORT_REASON),),
    "side": ("yes", "no"),
    "source": ("x" * result_texts.LONGEST_SOURCE,),
    "stake": (MOST,),
    "staked": (MOST,),
    "taken": (MOST, Money(0)),
    "until": ("31/12 23:59",),
    "why": ("x" * texts.LONGEST_WHY,),
    "word": ("bet", "unwatch", "markets"),
}
NO_SMS = {"outcome_word", "receipt_ending"}
# English is the source and has no catalogue; a language counts once it has one.
LANGUAGES = [
    language
    for language in Language
    if language is Language.ENGLISH or (CATALOGUES / language).exists()
]


def written() -> list[Callable[..., Text]]:
    """Whatever the modules offer, so that a new text is tested without being named here."""
    return [
        function
        for module in (texts, answers, examples, result_texts, watch_texts)
        for name, function in vars(module).items()
        if isinstance(function, FunctionType)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and name not in NO_SMS
    ]


def longest_of(function: Callable[..., Text], language: Language) -> Iterator[str]:
    names = list(inspect.signature(function).parameters)
    values = {**LONGEST, "language": (language,)}
    for chosen in product(*(values[name] for name in names)):
        yield function(**dict(zip(names, chosen, strict=True))).in_(language)


@pytest.mark.parametrize("function", written(), ids=lambda function: function.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_fits_one_segment(function: Callable[..., Text], language: Language) -> None:
    for text in longest_of(function, language):
        assert "{" not in text.replace(LABEL, "")
        assert septets(text) <= ONE_SEGMENT, text


@pytest.mark.parametrize(
    "function",
    [function for function in written() if function not in CUT_TO_FIT],
    ids=lambda function: function.__name__,
)
def test_english_leaves_room_for_swahili(function: Callable[..., Text]) -> None:
    for text in longest_of(function, Language.ENGLISH):
        assert septets(text) <= ENGLISH_BUDGET, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_that_mpesa_gives_fits_with_its_failure(language: Language) -> None:
    reasons = [each for each in vars(results).values() if isinstance(each, Text)]
    assert len(reasons) > 10
    for reason in reasons:
        assert septets(reason.in_(Language.ENGLISH)) <= texts.LONGEST_REASON
        text = texts.deposit_failed(amount=MOST, reason=reason)
        assert septets(text.in_(language)) <= ONE_SEGMENT


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [texts.deposit_failed_pay_bill, texts.deposit_rejected_pay_bill],
    ids=["failed", "rejected"],
)
def test_the_way_to_pay_fits_behind_each_reason_that_it_follows(
    words: Callable[..., Text], language: Language
) -> None:
    for reason in results.PAY_BILL_INSTEAD:
        assert septets(reason.in_(Language.ENGLISH)) <= texts.LONGEST_SHORT_REASON
        text = words(amount=MOST, short_reason=reason, paybill="8888888", phone="+254788888888")
        assert septets(text.in_(language)) <= ONE_SEGMENT


def test_a_loser_is_told_the_result_the_stake_and_the_balance() -> None:
    text = result_texts.bets_settled(
        market_id=101,
        label="Gor Mahia",
        outcome="no",
        staked=kes(100),
        paid=kes(0),
        refunded=False,
        late=kes(0),
        balance=kes(400),
        reference="7K3QXM",
    )
    assert text.in_(Language.ENGLISH) == (
        "Market 101 Gor Mahia: result NO. Your KES 100 on YES lost. Balance KES 400. Ref 7K3QXM."
    )


def test_a_winner_is_told_what_was_paid_and_where_to_find_it() -> None:
    text = result_texts.bets_settled(
        market_id=101,
        label="Gor Mahia",
        outcome="yes",
        staked=kes(100),
        paid=Money(18_050),
        refunded=False,
        late=kes(0),
        balance=Money(58_050),
        reference="ABC234",
    )
    assert text.in_(Language.ENGLISH) == (
        "Market 101 Gor Mahia: result YES. Staked KES 100, paid KES 180.50."
        " Balance KES 580.50. Ref ABC234."
    )


def test_who_had_nobody_to_win_from_is_told_that_the_stake_is_back() -> None:
    text = result_texts.bets_settled(
        market_id=101,
        label="Gor Mahia",
        outcome="no",
        staked=kes(100),
        paid=kes(100),
        refunded=True,
        late=kes(0),
        balance=kes(500),
        reference="ABC234",
    )
    assert text.in_(Language.ENGLISH) == (
        "Market 101 Gor Mahia: result NO. One-sided: your KES 100 is back."
        " Balance KES 500. Ref ABC234."
    )


def test_lists_show_as_many_as_fit_in_order() -> None:
    markets = [(101 + number, "Gor Mahia win cup") for number in range(30)]
    told = answers.open_markets(markets=markets, service_code=DIAL, language=Language.ENGLISH)
    text = told.in_(Language.ENGLISH)
    assert "101 Gor Mahia win cup, 102 Gor Mahia win cup" in text
    assert septets(text) > ONE_SEGMENT - len(", 999 Gor Mahia win cup")
