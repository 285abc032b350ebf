"""Every invariant, by what it speaks of."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from core.ledger.invariants import BETS, TRANSFERS, WALLETS
from core.ledger.payment_invariants import DEPOSITS, PAYBILL, RECEIPTS, UNKNOWN_IN, WITHDRAWALS
from core.ledger.seal_invariants import SEAL
from core.ledger.settlement_invariants import SETTLEMENTS
from core.ledger.tax_invariants import TAXES


class Group(StrEnum):
    """What invariants speak of; `core.watch.rules` says which money stops where one breaks."""

    TRANSFERS = "transfers"
    WALLETS = "wallets"
    DEPOSITS = "deposits"
    PAYBILL = "paybill"
    UNKNOWN_IN = "unknown_in"
    RECEIPTS = "receipts"
    WITHDRAWALS = "withdrawals"
    BETS = "bets"
    SETTLEMENTS = "settlements"
    TAXES = "taxes"
    SEAL = "seal"


GROUPS: Final[Mapping[Group, Mapping[str, str]]] = {
    Group.TRANSFERS: TRANSFERS,
    Group.WALLETS: WALLETS,
    Group.DEPOSITS: DEPOSITS,
    Group.PAYBILL: PAYBILL,
    Group.UNKNOWN_IN: UNKNOWN_IN,
    Group.RECEIPTS: RECEIPTS,
    Group.WITHDRAWALS: WITHDRAWALS,
    Group.BETS: BETS,
    Group.SETTLEMENTS: SETTLEMENTS,
    Group.TAXES: TAXES,
    Group.SEAL: SEAL,
}
INVARIANTS: Final = {name: query for group in GROUPS.values() for name, query in group.items()}


def group_of(name: str) -> Group:
    """The group of an invariant that the code knows."""
    return next(group for group, queries in GROUPS.items() if name in queries)
