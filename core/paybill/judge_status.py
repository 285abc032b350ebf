"""Use case: what Transaction Status says of a payment to the paybill."""

from sqlalchemy import Connection

from core.paybill.ask_for_proof import give_up
from core.paybill.records import PaybillState, lock_payment
from core.paybill.rules import ProvenBy
from core.paybill.settle_payment import Settled, settle_payment
from core.provider.status_answers import Fate, StatusAnswer


def judge_payment_status(
    connection: Connection, *, paybill_id: int, answer: StatusAnswer
) -> Settled:
    """Settle what is completed, give up what has failed; anything else is asked again on schedule.

    An answer without an amount, or about another receipt, proves nothing, and denies nothing. What
    has failed may still be proven by the statement. A repeat changes nothing.
    """
    found = lock_payment(connection, paybill_id=paybill_id)
    if answer.receipt not in {None, found.receipt}:
        return Settled.UNCHANGED
    match answer.fate:
        case Fate.COMPLETED if answer.amount:
            return settle_payment(
                connection, found, amount=answer.amount, proven_by=ProvenBy.STATUS
            )
        case Fate.FAILED if found.state is PaybillState.HEARD:
            give_up(connection, found, why=f"M-Pesa says it was not paid ({answer.code})")
            return Settled.UNPROVEN
        case _:
            return Settled.UNCHANGED
