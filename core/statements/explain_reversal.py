"""What a reversal on the statement proves: M-Pesa gave a deposit back to the payer."""

from sqlalchemy import Connection

from core.deposits.records import lock_deposit
from core.deposits.reverse_deposit import reverse_deposit
from core.deposits.rules import DepositState
from core.statements.claims import OfDeposit, OfPaybill, OfWithdrawal, claim_of
from core.statements.lines import Line
from core.statements.records import KeptLine


def explain_reversal(connection: Connection, kept: KeptLine) -> str | None:
    """Why our books do not say the same, or None where they do, now if not before.

    Takes back a deposit whose whole amount was reversed; whatever else is reversed, or a part of
    it, is for people to decide.
    """
    line = kept.line
    if line.linked_receipt is None:
        return "it does not say what was reversed"
    match claim_of(connection, receipt=line.linked_receipt):
        case OfDeposit(deposit_id):
            return _of_deposit(connection, line, deposit_id=deposit_id)
        case OfPaybill(paybill_id):
            return f"it takes back paybill payment {paybill_id}"
        case OfWithdrawal(withdrawal_id):
            return f"it takes back withdrawal {withdrawal_id}"
        case None:
            return f"nothing of ours has the receipt {line.linked_receipt} that was reversed"


def _of_deposit(connection: Connection, line: Line, *, deposit_id: int) -> str | None:
    found = lock_deposit(connection, deposit_id=deposit_id)
    if found.state is DepositState.REVERSED:
        return None
    if found.state is not DepositState.SUCCEEDED:
        return f"deposit {deposit_id} is {found.state}"
    if line.amount != found.amount:
        return f"deposit {deposit_id} is of {found.amount}"
    reverse_deposit(
        connection,
        found,
        actor="system",
        second_actor=None,
        reason=f"reversed by M-Pesa, receipt {line.receipt}",
    )
    return None
