"""Use case: put a deposit before a person, because what was heard of it does not fit."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.wallets.records import Deposit, deposit


def review_deposit(connection: Connection, found: Deposit, *, why: str) -> None:
    """Flag the deposit and write down why; its state and the money stay as they are.

    The first reason stays on the row, since later ones often follow from it; all are in the
    audit trail.
    """
    change = deposit.update().where(deposit.c.id == found.id)
    connection.execute(change.values(review=func.coalesce(deposit.c.review, why)))
    record(connection, actor="system", act="deposit.review", subject=f"deposit:{found.id}", why=why)
