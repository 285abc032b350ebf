"""What a line of money paid in proves: a deposit, a paybill payment, or one nobody heard of."""

from sqlalchemy import Connection, select

from core.audit_trail.records import record
from core.deposits.records import Deposit, deposit, lock_deposit
from core.deposits.rules import DepositState
from core.deposits.settle_deposit import Settled, settle_by_proof
from core.paybill.hear_payment import hear_payment
from core.paybill.records import PaybillPayment, PaybillState, lock_payment, paybill_payment
from core.paybill.settle_payment import ProvenBy, settle_payment
from core.phone import InvalidPhone, parse_phone
from core.statements.claims import OfDeposit, OfPaybill, OfWithdrawal, claim_of
from core.statements.lines import Line
from core.statements.records import KeptLine


def explain_paid_in(connection: Connection, kept: KeptLine) -> str | None:
    """Why our books do not say the same, or None where they do, now if not before.

    Confirms or credits a deposit with this receipt or this account, settles a paybill payment,
    and takes down one that was never heard of; what contradicts goes to review once.
    """
    line = kept.line
    match claim_of(connection, receipt=line.receipt):
        case OfDeposit(deposit_id):
            return _of_deposit(connection, kept, deposit_id=deposit_id)
        case OfPaybill(paybill_id):
            return _of_paybill(lock_payment(connection, paybill_id=paybill_id), line)
        case OfWithdrawal(withdrawal_id):
            return f"withdrawal {withdrawal_id} has this receipt"
        case None:
            return _of_nobody_yet(connection, kept)


def _of_nobody_yet(connection: Connection, kept: KeptLine) -> str | None:
    line = kept.line
    heard = select(paybill_payment.c.id).where(paybill_payment.c.receipt == line.receipt)
    paybill_id = connection.execute(heard).scalar_one_or_none()
    if paybill_id is not None:
        return _settle(connection, kept, lock_payment(connection, paybill_id=paybill_id))
    named = select(deposit.c.id).where(deposit.c.reference == _spell(line.account))
    deposit_id = connection.execute(named).scalar_one_or_none()
    if deposit_id is not None:
        return _of_deposit(connection, kept, deposit_id=deposit_id)
    unheard = hear_payment(
        connection,
        receipt=line.receipt,
        amount=line.amount,
        account=line.account or "",
        payer=line.party,
        paid_at=line.completed_at,
    )
    return _settle(connection, kept, unheard)


def _of_deposit(connection: Connection, kept: KeptLine, *, deposit_id: int) -> str | None:
    found = lock_deposit(connection, deposit_id=deposit_id)
    if _agrees(found, kept.line):
        return None
    if kept.why is not None and found.review is not None:
        # A person has it already; saying so each day would not help.
        return kept.why
    settled = settle_by_proof(
        connection,
        found,
        receipt=kept.line.receipt,
        amount=kept.line.amount,
        proven_by=ProvenBy.STATEMENT,
    )
    match settled:
        case Settled.REVIEW if kept.line.amount != found.amount:
            return f"deposit {deposit_id} is of {found.amount}"
        case Settled.REVIEW:
            return f"deposit {deposit_id} was {found.state} with receipt {found.receipt}"
        case _:
            return None


def _agrees(found: Deposit, line: Line) -> bool:
    if (found.receipt, found.amount) != (line.receipt, line.amount):
        return False
    if found.state is DepositState.REVERSED:
        # A line of its own says that.
        return True
    return (
        found.state is DepositState.SUCCEEDED
        and found.confirmed_at is not None
        and found.review is None
    )


def _of_paybill(found: PaybillPayment, line: Line) -> str | None:
    if found.amount != line.amount:
        return f"paybill payment {found.id} is of {found.amount}"
    if found.state is PaybillState.CREDITED and _is_another_account(found, line):
        return f"paybill payment {found.id} was credited to {found.account}, not to {line.account}"
    return None


def _settle(connection: Connection, kept: KeptLine, found: PaybillPayment) -> str | None:
    if _is_another_account(found, kept.line):
        found = _correct_account(connection, found, account=kept.line.account or "")
    settle_payment(connection, found, amount=kept.line.amount, proven_by=ProvenBy.STATEMENT)
    match claim_of(connection, receipt=kept.line.receipt):
        case OfPaybill(paybill_id) if paybill_id == found.id:
            return None
        case OfDeposit(deposit_id):
            return _of_deposit(connection, kept, deposit_id=deposit_id)
        case _:
            return f"paybill payment {found.id} could not be settled"


def _correct_account(
    connection: Connection, found: PaybillPayment, *, account: str
) -> PaybillPayment:
    """Believe the statement, not the confirmation: anybody may have posted that."""
    change = paybill_payment.update().where(paybill_payment.c.id == found.id)
    connection.execute(change.values(account=account))
    subject = f"paybill:{found.id}"
    record(
        connection,
        actor="system",
        act="paybill.account_corrected",
        subject=subject,
        heard=found.account,
        proven=account,
    )
    return lock_payment(connection, paybill_id=found.id)


def _is_another_account(found: PaybillPayment, line: Line) -> bool:
    return line.account is not None and _spell(line.account) != _spell(found.account)


def _spell(account: str | None) -> str:
    """An account in one spelling, whether a phone or a deposit's reference."""
    try:
        return parse_phone(account or "")
    except InvalidPhone:
        return "".join((account or "").split()).upper()
