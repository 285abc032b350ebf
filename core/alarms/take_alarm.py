"""A person puts a name on an alarm."""

from typing import Final

from sqlalchemy import Connection, func, select

from core.alarms.records import alarm
from core.audit_trail.records import record
from core.errors import NoSuchThing, Refused
from core.staff.records import MARKET_ROLES, MONEY_ROLES, Admin, Role, admin
from core.text import _

# Whose alarms are not for those who look after money alone.
_OTHERS: Final = {
    "market": MONEY_ROLES | MARKET_ROLES,
    "admin": frozenset({Role.OWNER}),
}


class TakenAlready(Refused):
    """Somebody else looks at it."""

    def __init__(self, email: str) -> None:
        super().__init__(_("{email} has taken that alarm.", email=email))


def take_alarm(connection: Connection, *, alarm_id: int, by: Admin) -> None:
    """Close the alarm under the admin's name; the same trouble raises another from now on.

    Who decides about markets may take an alarm about one, and only an owner one about staff. A
    repeat by the same admin changes nothing. Raises NotAllowed, NoSuchThing or TakenAlready.
    """
    by.ensure_role(_roles(connection, alarm_id))
    change = (
        alarm.update()
        .where(alarm.c.id == alarm_id, alarm.c.taken_at.is_(None))
        .values(taken_by=by.id, taken_at=func.kibeezy_now())
    )
    if connection.execute(change).rowcount == 0:
        _ensure_taken_by(connection, alarm_id, by)
        return
    record(
        connection,
        actor=by.email,
        act="alarm.taken",
        subject=f"alarm:{alarm_id}",
        before={"taken_by": None},
        after={"taken_by": by.email},
    )


def take_alarm_about(connection: Connection, *, kind: str, subject: str, by: Admin) -> None:
    """Close the open alarm of this kind and subject, if there is one, whose matter is settled."""
    about = (alarm.c.kind == kind) & (alarm.c.subject == subject) & alarm.c.taken_at.is_(None)
    alarm_id = connection.execute(select(alarm.c.id).where(about)).scalar_one_or_none()
    if alarm_id is not None:
        take_alarm(connection, alarm_id=alarm_id, by=by)


def who_may_take(subject: str) -> frozenset[Role]:
    """The roles that may put their name on an alarm about this."""
    return _OTHERS.get(subject.partition(":")[0], MONEY_ROLES)


def _roles(connection: Connection, alarm_id: int) -> frozenset[Role]:
    subject = select(alarm.c.subject).where(alarm.c.id == alarm_id)
    return who_may_take(connection.execute(subject).scalar_one_or_none() or "")


def _ensure_taken_by(connection: Connection, alarm_id: int, by: Admin) -> None:
    taker = select(admin.c.email).join(alarm, alarm.c.taken_by == admin.c.id)
    email = connection.execute(taker.where(alarm.c.id == alarm_id)).scalar_one_or_none()
    if email is None:
        raise NoSuchThing(f"alarm {alarm_id}")
    if email != by.email:
        raise TakenAlready(email)
