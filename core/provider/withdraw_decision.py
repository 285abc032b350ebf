"""Use case: take a proposal back, so that another can be made."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.provider.decide import Decision, open_decision
from core.provider.records import decision
from core.provider.subjects import Subject
from core.staff.records import MONEY_ROLES, Admin


def withdraw_decision(
    connection: Connection, *, subject: Subject, by: Admin, decision_id: int | None = None
) -> Decision:
    """End the open proposal about a payment; nothing moves. The caller holds the payment's row.

    Raises NotAllowed, NotOpen (also on a repeat), or ProposalChanged where `decision_id` names
    another than the open one.
    """
    by.ensure_role(MONEY_ROLES)
    taken_back = open_decision(connection, subject=subject, decision_id=decision_id)
    change = decision.update().where(decision.c.id == taken_back.id)
    connection.execute(change.values(withdrawn_at=func.kibeezy_now()))
    record(
        connection,
        actor=by.email,
        act="decision.withdrawn",
        subject=str(subject),
        before={"state": "open"},
        after={"state": "withdrawn"},
        decision=taken_back.id,
    )
    return taken_back
