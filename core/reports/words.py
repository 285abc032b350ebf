"""What transfers and accounts are called in a report that people read."""

from collections.abc import Mapping
from typing import Final

from core.ledger.transfer import AccountKind, TransferKind

_MOVEMENTS: Final[Mapping[str, str]] = {
    TransferKind.DEPOSIT: "Deposit",
    TransferKind.FREEZE: "Deposit in doubt: frozen",
    TransferKind.UNFREEZE: "Deposit in doubt: given back",
    TransferKind.REVERSAL: "Deposit reversed",
    TransferKind.PAYBILL: "Paybill payment",
    TransferKind.SUSPENSE: "Paybill payment into suspense",
    TransferKind.PLACEMENT: "Paybill payment placed from suspense",
    TransferKind.HOLD: "Withdrawal: held",
    TransferKind.RELEASE: "Withdrawal: given back",
    TransferKind.WITHDRAWAL: "Withdrawal: paid",
    TransferKind.CLAWBACK: "Withdrawal: paid after it was given back",
    TransferKind.STAKE: "Stake",
    TransferKind.STAKE_REVERSAL: "Stake of a cancelled bet given back",
    TransferKind.PAYOUT: "Winnings",
    TransferKind.REFUND: "Stake given back",
    TransferKind.FEE: "Fee",
    TransferKind.PAYOUT_REVERSAL: "Winnings taken back",
    TransferKind.FEE_REVERSAL: "Fee taken back",
    TransferKind.REPAYMENT: "Debt repaid",
    TransferKind.CAPITAL: "Operator's capital",
}
_ACCOUNTS: Final[Mapping[str, str]] = {
    AccountKind.PLAYER_AVAILABLE: "Players: available",
    AccountKind.PLAYER_HELD: "Players: held",
    AccountKind.PLAYER_CLAWBACK: "Players: owed to us",
    AccountKind.MARKET_SIDE: "Markets: open stakes",
    AccountKind.MPESA_COLLECTION: "M-Pesa: collection",
    AccountKind.MPESA_PAYOUT: "M-Pesa: payout",
    AccountKind.MPESA_SUSPENSE: "Suspense",
    AccountKind.FEE_REVENUE: "Fee revenue",
    AccountKind.EXCISE_PAYABLE: "Excise payable",
    AccountKind.WITHHOLDING_PAYABLE: "Withholding tax payable",
    AccountKind.ROUNDING: "Rounding",
    AccountKind.OPERATOR_CAPITAL: "Operator's capital",
}


def movement_in_words(kind: str) -> str:
    """What a kind of transfer is to a person; one without words of its own is spelled out."""
    return _MOVEMENTS.get(kind) or _spelled_out(kind)


def account_in_words(kind: str) -> str:
    """The same for a kind of account."""
    return _ACCOUNTS.get(kind) or _spelled_out(kind)


def _spelled_out(kind: str) -> str:
    return kind.replace("_", " ").capitalize()
