"""Use case: put a deposit before a person, because what was heard of it does not fit."""

from typing import Final

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.deposits.call_person import call_person
from core.deposits.records import Deposit, deposit

# Nothing contradicts such a credit: the answer that is missing may still come, and ends the review.
NEVER_CONFIRMED: Final = "credited, but never confirmed by a query"


def review_deposit(connection: Connection, found: Deposit, *, why: str) -> None:
    """Flag the deposit and call a person to it; its state and the money stay as they are."""
    flag_deposit(connection, found, why=why)
    call_person(connection, kind="deposit_review", deposit_id=found.id, why=why)


def flag_deposit(connection: Connection, found: Deposit, *, why: str) -> None:
    """Put the deposit under review and write down why; nobody is called.

    From now on no query credits or confirms it, a callback that matches still credits; only a
    proof or two people end it. The first contradiction stays on the row, since later ones often
    follow from it; all are in the audit trail.
    """
    first = func.coalesce(func.nullif(deposit.c.review, NEVER_CONFIRMED), why)
    change = deposit.update().where(deposit.c.id == found.id)
    connection.execute(change.values(review=first))
    record(
        connection,
        actor="system",
        act="deposit.review",
        subject=f"deposit:{found.id}",
        before={"review": found.review},
        after={"review": why if found.review in {None, NEVER_CONFIRMED} else found.review},
        why=why,
    )
