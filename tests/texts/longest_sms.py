"""Every SMS there is, with the longest values that it can hold."""

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from types import FunctionType

from core.ledger.statement import StatementLine
from core.ledger.transfer import TransferKind
from core.money import Money, kes
from core.notices import (
    answers,
    bet_texts,
    examples,
    result_texts,
    staff_texts,
    texts,
    watch_texts,
)
from core.notices.answers import BetLine
from core.text import CATALOGUES, Language, Text

MOST = Money(99_999_999_999)
LARGEST_PAYOUT = kes(250_000)
# The dated values allow no larger bet.
LARGEST_STAKE = kes(250_000)
LABEL = "Gor Mahia win cu{"
DIAL = "*384*20300*1#"

# The longest value of each argument, or the several that make different texts.
LONGEST: dict[str, tuple[object, ...]] = {
    "again_at": ("31/12 23:59",),
    "amount": (MOST,),
    "balance": (MOST,),
    "block": (999_999_999, None),
    "bets": ([BetLine("WWWWWW", MOST, "yes", 999_999, LABEL)] * 30, ()),
    "cancel_until": ("23:59",),
    "code": ("888888",),
    "corrected": (True, False),
    "day": ("31/12/2026",),
    "example": (examples.example(word="bet", market_id=999, side="no", shillings=999),),
    "excise": (Money(0), Money(99_999_999)),
    "hash_hex": ("f" * 64,),
    "label": (LABEL,),
    "late": (Money(0), MOST, Money(88_888_888_888)),
    "line": tuple(
        StatementLine(10**9, kind, -MOST, datetime(2026, 12, 31, 20, 59, tzinfo=UTC), block, undone)
        # These never move what may be used.
        for kind in TransferKind
        if kind not in {TransferKind.SUSPENSE, TransferKind.WITHDRAWAL}
        for block, undone in ((999_999_999, None), (None, None), (None, 10**9))
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
    "returns": (kes(99_999_999), None),
    "reversal": ("WWWWWW",),
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
# Where a text can hold less than others of the same argument.
LONGEST_IN: dict[tuple[str, str], tuple[object, ...]] = {
    ("bet_by_sms_placed", "stake"): (LARGEST_STAKE,),
}
MODULES = (texts, answers, bet_texts, examples, result_texts, staff_texts, watch_texts)
NO_SMS = {"example", "outcome_word", "receipt_ending"}
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
        for module in MODULES
        for name, function in vars(module).items()
        if isinstance(function, FunctionType)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and name not in NO_SMS
    ]


def longest_of(function: Callable[..., Text], language: Language) -> Iterator[Text]:
    """The texts that it makes of the longest values."""
    names = list(inspect.signature(function).parameters)
    values = {**LONGEST, "language": (language,)}
    for chosen in product(
        *(LONGEST_IN.get((function.__name__, name), values[name]) for name in names)
    ):
        yield function(**dict(zip(names, chosen, strict=True)))
