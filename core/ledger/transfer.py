"""What a movement of money is: entries on accounts that add up to nothing."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from core.money import Money


class AccountKind(StrEnum):
    """What an account holds; a positive balance is what we owe, a negative one what we own."""

    PLAYER_AVAILABLE = "player_available"
    PLAYER_HELD = "player_held"
    PLAYER_CLAWBACK = "player_clawback"
    MARKET_SIDE = "market_side"
    MPESA_COLLECTION = "mpesa_collection"
    MPESA_PAYOUT = "mpesa_payout"
    MPESA_SUSPENSE = "mpesa_suspense"
    FEE_REVENUE = "fee_revenue"
    EXCISE_PAYABLE = "excise_payable"
    WITHHOLDING_PAYABLE = "withholding_payable"
    ROUNDING = "rounding"
    OPERATOR_CAPITAL = "operator_capital"


class TransferKind(StrEnum):
    """Why money moves; capital is the operator's own, and only the owner's login posts it."""

    DEPOSIT = "deposit"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    REVERSAL = "reversal"
    PAYBILL = "paybill"
    SUSPENSE = "suspense"
    PLACEMENT = "placement"
    HOLD = "hold"
    RELEASE = "release"
    WITHDRAWAL = "withdrawal"
    CLAWBACK = "clawback"
    STAKE = "stake"
    STAKE_REVERSAL = "stake_reversal"
    PAYOUT = "payout"
    REFUND = "refund"
    FEE = "fee"
    PAYOUT_REVERSAL = "payout_reversal"
    FEE_REVERSAL = "fee_reversal"
    REPAYMENT = "repayment"
    CAPITAL = "capital"


class Key(NamedTuple):
    """Names one command: sent again, it returns the first result. The scope is who numbers."""

    scope: str
    value: str

    @property
    def spelled(self) -> str:
        """In one column of a table that keeps commands of its own."""
        return f"{self.scope}:{self.value}"


class Entry(NamedTuple):
    """One line of a transfer."""

    account_id: int
    amount: Money


@dataclass(frozen=True)
class Transfer:
    """A balanced movement, ready to be posted."""

    kind: TransferKind
    key: Key
    entries: tuple[Entry, ...]
    actor: str
    second_actor: str | None = None
    reason: str | None = None
    reverses: int | None = None

    def __post_init__(self) -> None:
        assert sum(entry.amount.cents for entry in self.entries) == 0, "entries must balance"
        assert all(entry.amount for entry in self.entries), "an entry of nothing says nothing"

    @property
    def request_hash(self) -> bytes:
        """What makes a repeat the same command: kind, entries and what it reverses."""
        lines = sorted(f"{entry.account_id}:{entry.amount.cents}" for entry in self.entries)
        return sha256("|".join([self.kind, str(self.reverses), *lines]).encode()).digest()
