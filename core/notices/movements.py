"""What players call the kinds of movement, on statements and receipts."""

from core.ledger.reference import reference_of
from core.ledger.statement import StatementLine
from core.ledger.transfer import TransferKind
from core.text import Text, _


def what_stands(line: StatementLine) -> Text:
    """Whether a movement was undone since, and where it stands in the chain."""
    if line.undone_by is not None:
        return _("Undone since: ref {reference}", reference=reference_of(line.undone_by))
    if line.block is None:
        return _("Will be sealed in minutes")
    return _("Sealed: block {n}", n=line.block)


def movement_word(kind: TransferKind) -> Text:
    """What a kind of transfer is called on statements and receipts."""
    return _MOVEMENTS[kind]


# A statement is of what may be used, so some kinds never stand on one.
_MOVEMENTS = {
    TransferKind.DEPOSIT: _("Deposited"),
    TransferKind.PAYBILL: _("Deposited"),
    TransferKind.PLACEMENT: _("Deposited"),
    TransferKind.REVERSAL: _("Reversed"),
    TransferKind.FREEZE: _("Held"),
    TransferKind.UNFREEZE: _("Given back"),
    TransferKind.HOLD: _("Withdrawn"),
    TransferKind.RELEASE: _("Given back"),
    TransferKind.CLAWBACK: _("Withdrawn"),
    TransferKind.STAKE: _("Stake"),
    TransferKind.STAKE_REVERSAL: _("Cancelled"),
    TransferKind.PAYOUT: _("Winnings"),
    TransferKind.REFUND: _("Refund"),
    TransferKind.FEE: _("Fee"),
    TransferKind.PAYOUT_REVERSAL: _("Corrected"),
    TransferKind.FEE_REVERSAL: _("Corrected"),
    TransferKind.REPAYMENT: _("Repaid"),
    TransferKind.CAPITAL: _("Gift"),
}
