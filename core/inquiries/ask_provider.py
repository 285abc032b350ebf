"""Use case: a person has the provider asked now what became of a payment."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.database import now
from core.deposits.records import get_deposit
from core.outbox.records import URGENT, ask
from core.paybill.records import get_payment
from core.provider.subjects import Subject, SubjectKind
from core.staff.records import PEOPLE_ROLES, Admin
from core.staff_input import parse_free_text
from core.text import _
from core.withdrawals.records import get_withdrawal


class Asked(StrEnum):
    """What came of it at once. The provider's answer about a payout comes as a callback."""

    CREDITED = "credited"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REVIEW = "review"
    # Heard, and it changes nothing: the payment is under way, or was known to have ended so.
    UNCHANGED = "unchanged"
    # The question was taken; what it leads to is heard later.
    TAKEN = "taken"
    # The provider may not be asked more often, or did not answer: the worker asks.
    LATER = "later"
    NOTHING_TO_ASK = "nothing_to_ask"


# The worker's job that asks about such a payment, out of its turn.
_JOBS: Final = {
    SubjectKind.DEPOSIT: "stk_query",
    SubjectKind.WITHDRAWAL: "withdrawal_status",
    SubjectKind.PAYBILL: "paybill_status",
}


def note_question(connection: Connection, *, subject: Subject, why: str, by: Admin) -> None:
    """Write down who has the provider asked, and why; the asking comes after the commit.

    Raises NotAllowed, InvalidFreeText or NoSuchThing.
    """
    by.ensure_role(PEOPLE_ROLES)
    reason = parse_free_text(why, what=_("The reason"))
    match subject.kind:
        case SubjectKind.DEPOSIT:
            get_deposit(connection, deposit_id=subject.id)
        case SubjectKind.WITHDRAWAL:
            get_withdrawal(connection, withdrawal_id=subject.id)
        case SubjectKind.PAYBILL:
            get_payment(connection, paybill_id=subject.id)
    record(
        connection,
        actor=by.email,
        act=f"{subject.kind}.asked_about",
        subject=str(subject),
        why=reason,
    )


def ask_later(connection: Connection, *, subject: Subject) -> None:
    """Leave the question to the worker, who has it asked within the budget; once a minute."""
    job, minute = _JOBS[subject.kind], int(now(connection).timestamp()) // 60
    ask(
        connection,
        kind=job,
        payload={subject.column: subject.id, "look": None},
        key=f"{job}:{subject.id}:by_hand_{minute}",
        priority=URGENT,
    )
