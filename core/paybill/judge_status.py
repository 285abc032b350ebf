"""Use case: what Transaction Status says of a payment to the paybill."""

from enum import StrEnum

from sqlalchemy import Connection

from core.paybill.ask_for_proof import give_up
from core.paybill.records import PaybillState, lock_payment
from core.paybill.rules import ProvenBy
from core.paybill.settle_payment import settle_payment
from core.provider.status_answers import Fate, StatusAnswer


class Judged(StrEnum):
    """What an answer led to."""

    CREDITED = "credited"
    SUSPENSE = "suspense"
    ECHO = "echo"
    REPEATED = "repeated"
    WAITS = "waits for the statement"
    UNPROVEN = "unproven"
    UNCHANGED = "unchanged"


def judge_payment_status(
    connection: Connection, *, paybill_id: int, answer: StatusAnswer
) -> Judged:
    """Settle what is completed, give up what has failed; anything else is asked again on schedule.

    An answer without an amount, or about another receipt, proves nothing, and denies nothing. What
    has failed may still be proven by the statement. A repeat changes nothing.
    """
    found = lock_payment(connection, paybill_id=paybill_id)
    if answer.receipt not in {None, found.receipt}:
        return Judged.UNCHANGED
    match answer.fate:
        case Fate.COMPLETED if answer.amount:
            settled = settle_payment(
                connection, found, amount=answer.amount, proven_by=ProvenBy.STATUS
            )
            return Judged(settled)
        case Fate.FAILED if found.state is PaybillState.HEARD:
            give_up(connection, found, why=f"M-Pesa says it was not paid ({answer.code})")
            return Judged.UNPROVEN
        case _:
            return Judged.UNCHANGED
