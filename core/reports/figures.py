"""The figures of a day, each the sum of some movements on some accounts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.money import WHOLE_BPS, Money
from core.reports.words import movement_in_words


class Place(NamedTuple):
    """Where money moved: a kind of transfer, on a kind of account."""

    movement: str
    account: str


class Moved(NamedTuple):
    """What left and what came there, in cents, both positive."""

    debit: int
    credit: int


@dataclass(frozen=True)
class Figure:
    """`sign` turns the entries into the number that people mean; `counted`: so many transfers."""

    name: str
    words: str
    movements: tuple[str, ...]
    accounts: tuple[str, ...]
    sign: int
    counted: bool = False

    def cents(self, moved: Mapping[Place, Moved]) -> int:
        """The figure of these movements."""
        return self.sign * sum(
            there.credit - there.debit
            for place, there in moved.items()
            if place.movement in self.movements and place.account in self.accounts
        )


@dataclass(frozen=True)
class Sum:
    """One line of the day; `transfers` is None where only the amount tells something."""

    name: str
    words: str
    transfers: int | None
    amount: Money


_PLAYER: Final = ("player_available", "player_held", "player_clawback")
_PAID_OUT: Final = ("withdrawal", "clawback")
_GAMING: Final = ("fee", "fee_reversal")
_TAXED: Final = ("deposit", "paybill", "placement", "reversal")
FIGURES: Final = (
    Figure("deposits", "Deposits", ("deposit",), ("mpesa_collection",), -1, counted=True),
    Figure("deposits_excise", "  of it excise", ("deposit",), ("excise_payable",), 1),
    Figure("deposits_credited", "  of it credited", ("deposit",), _PLAYER, 1),
    Figure(
        "deposits_reversed",
        "Deposits reversed",
        ("reversal",),
        ("mpesa_collection",),
        1,
        counted=True,
    ),
    Figure("frozen", "Deposits in doubt: frozen", ("freeze",), ("player_held",), 1, counted=True),
    Figure(
        "unfrozen",
        "Deposits in doubt: given back",
        ("unfreeze",),
        ("player_held",),
        -1,
        counted=True,
    ),
    Figure("paybill", "Paybill payments", ("paybill",), ("mpesa_collection",), -1, counted=True),
    Figure("paybill_excise", "  of it excise", ("paybill",), ("excise_payable",), 1),
    Figure("paybill_credited", "  of it credited", ("paybill",), _PLAYER, 1),
    Figure("suspense_in", "Into suspense", ("suspense",), ("mpesa_suspense",), 1, counted=True),
    Figure(
        "suspense_out", "Out of suspense", ("placement",), ("mpesa_suspense",), -1, counted=True
    ),
    Figure("suspense_excise", "  of it excise", ("placement",), ("excise_payable",), 1),
    Figure("held", "Withdrawals asked for", ("hold",), ("player_held",), 1, counted=True),
    Figure("released", "Withdrawals given back", ("release",), ("player_held",), -1, counted=True),
    Figure("withdrawals", "Withdrawals paid", _PAID_OUT, _PLAYER, -1, counted=True),
    Figure("withdrawals_fees", "  of it fees", _PAID_OUT, ("fee_revenue",), 1),
    Figure(
        "withdrawals_withholding", "  of it withholding tax", _PAID_OUT, ("withholding_payable",), 1
    ),
    Figure("withdrawals_net", "  of it sent by M-Pesa", _PAID_OUT, ("mpesa_payout",), 1),
    Figure("stakes", "Stakes", ("stake",), ("market_side",), 1, counted=True),
    Figure(
        "stakes_cancelled",
        "Stakes of cancelled bets",
        ("stake_reversal",),
        _PLAYER,
        1,
        counted=True,
    ),
    Figure("payouts", "Winnings paid", ("payout",), _PLAYER, 1, counted=True),
    Figure("refunds", "Stakes given back", ("refund",), _PLAYER, 1, counted=True),
    Figure("fees", "Fees of markets", ("fee",), ("fee_revenue",), 1, counted=True),
    Figure(
        "payouts_reversed", "Winnings taken back", ("payout_reversal",), _PLAYER, -1, counted=True
    ),
    Figure(
        "fees_reversed",
        "Fees of markets taken back",
        ("fee_reversal",),
        ("fee_revenue",),
        -1,
        counted=True,
    ),
    Figure("repaid", "Debts repaid", ("repayment",), ("player_clawback",), 1, counted=True),
    Figure(
        "rounding", "Remainders of settlements", (*_GAMING, "payout_reversal"), ("rounding",), 1
    ),
    Figure(
        "capital",
        "Operator's capital put in",
        ("capital",),
        ("operator_capital",),
        -1,
        counted=True,
    ),
    Figure("excise", "Excise, all of it", _TAXED, ("excise_payable",), 1),
    Figure("gross_gaming_revenue", "Gross gaming revenue", _GAMING, ("fee_revenue",), 1),
)


def sums_of(moved: Mapping[Place, Moved], *, transfers: Mapping[str, int]) -> list[Sum]:
    """Every figure, and a line for each kind of transfer that belongs to none of them."""
    listed = [
        Sum(
            figure.name,
            figure.words,
            sum(transfers.get(kind, 0) for kind in figure.movements) if figure.counted else None,
            Money(figure.cents(moved)),
        )
        for figure in FIGURES
    ]
    known = {kind for figure in FIGURES if figure.counted for kind in figure.movements}
    return listed + [_other(kind, moved, transfers[kind]) for kind in _unknown(transfers, known)]


def gaming_tax(revenue: Money, *, bps: int) -> Money:
    """What is due of this revenue, cut off to the cent; so much less of a fee taken back."""
    due = abs(revenue.cents) * bps // WHOLE_BPS
    return Money(due if revenue.cents > 0 else -due)


def _unknown(transfers: Mapping[str, int], known: Iterable[str]) -> list[str]:
    return sorted(set(transfers) - set(known))


def _other(kind: str, moved: Mapping[Place, Moved], count: int) -> Sum:
    credit = sum(there.credit for place, there in moved.items() if place.movement == kind)
    return Sum(f"other_{kind}", f"Other: {movement_in_words(kind)}", count, Money(credit))
