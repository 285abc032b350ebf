"""The payments that wait for people: in suspense, and those that nobody has proven for too long."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, and_, func, or_, select

from core.paybill.records import (
    PAYMENTS,
    UNSETTLED,
    PaybillPayment,
    PaybillState,
    paybill_payment,
    read_payment,
)
from core.paybill.rules import LATE_AFTER
from core.players.records import player
from core.provider.records import decision
from core.provider.subjects import Subject, SubjectKind
from core.staff.records import admin


@dataclass(frozen=True)
class Proposal:
    """Whose money somebody says it is, and on what evidence."""

    phone: str
    by: str
    evidence: str


@dataclass(frozen=True)
class Waiting:
    """A payment that a person should look at, and what is proposed about it."""

    payment: PaybillPayment
    proposal: Proposal | None


def list_suspense(connection: Connection) -> list[Waiting]:
    """Oldest first. Only those in suspense hold money; the others were never proven."""
    return [
        Waiting(read_payment(row), _proposal(row.proposed_phone, row.email, row.evidence))
        for row in connection.execute(_WAITING)
    ]


def unproven_payments(connection: Connection, since: timedelta) -> list[Subject]:
    """What was heard in the last `since` and is still only heard, or was given up."""
    query = select(paybill_payment.c.id).where(
        paybill_payment.c.state.in_(UNSETTLED),
        paybill_payment.c.heard_at > select(func.kibeezy_now() - since).scalar_subquery(),
    )
    return [
        Subject(SubjectKind.PAYBILL, paybill_id)
        for paybill_id in connection.execute(query.order_by(paybill_payment.c.id)).scalars()
    ]


_OPEN = and_(
    decision.c.paybill_id == paybill_payment.c.id,
    decision.c.agreed_at.is_(None),
    decision.c.withdrawn_at.is_(None),
)
_LATE = and_(
    paybill_payment.c.state == PaybillState.HEARD,
    paybill_payment.c.heard_at < func.kibeezy_now() - LATE_AFTER,
)
_WAITING = (
    PAYMENTS.add_columns(player.c.phone.label("proposed_phone"), admin.c.email, decision.c.evidence)
    .select_from(paybill_payment)
    .outerjoin(decision, _OPEN)
    .outerjoin(player, player.c.id == decision.c.player_id)
    .outerjoin(admin, admin.c.id == decision.c.proposed_by)
    .where(or_(paybill_payment.c.state.in_([PaybillState.SUSPENSE, PaybillState.UNPROVEN]), _LATE))
    .order_by(paybill_payment.c.id)
)


def _proposal(phone: str | None, by: str | None, evidence: str | None) -> Proposal | None:
    if phone is None or by is None or evidence is None:
        return None
    return Proposal(phone, by, evidence)
