"""What a line of money paid in proves: a deposit, a paybill payment, or one nobody heard of."""

from sqlalchemy import Connection, select

from core.deposits.records import Deposit, lock_deposit
from core.deposits.rules import DepositState
from core.deposits.settle_deposit import Settled, settle_by_proof
from core.paybill.hear_payment import Told, hear_payment
from core.paybill.records import PaybillPayment, PaybillState, lock_payment, paybill_payment
from core.paybill.rules import ProvenBy, is_same_account
from core.paybill.settle_payment import settle_payment
from core.settings import Settings
from core.statements.claims import OfDeposit, OfPaybill, OfWithdrawal, claim_of
from core.statements.lines import Line
from core.statements.records import KeptLine


def explain_paid_in(connection: Connection, kept: KeptLine, *, settings: Settings) -> str | None:
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
            return _of_nobody_yet(connection, kept, settings)


def _of_nobody_yet(connection: Connection, kept: KeptLine, settings: Settings) -> str | None:
    """Settle it as a payment to the paybill, of which this is news and proof in one.

    That knows a deposit by its reference, which is how a push whose answer was lost is found, and
    holds back what was heard otherwise than it stands here.
    """
    line = kept.line
    query = select(paybill_payment.c.account).where(paybill_payment.c.receipt == line.receipt)
    known = connection.execute(query).scalar_one_or_none()
    # Whichever of the two named no account has not contradicted the other.
    account = line.account if known != "" and line.account is not None else known or ""
    told = Told(line.receipt, line.amount, account, line.party, line.completed_at)
    heard = hear_payment(connection, told=told, settings=settings)
    settle_payment(
        connection,
        heard.payment,
        amount=line.amount,
        proven_by=ProvenBy.STATEMENT,
        account=line.account,
    )
    match claim_of(connection, receipt=line.receipt):
        case OfPaybill():
            return None
        case OfDeposit(deposit_id):
            return _of_deposit(connection, kept, deposit_id=deposit_id)
        case _:
            return f"paybill payment {heard.payment.id} could not be settled"


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
    if found.state is not PaybillState.CREDITED or line.account is None:
        return None
    if not is_same_account(found.account, line.account):
        return f"paybill payment {found.id} was credited to another account"
    return None
