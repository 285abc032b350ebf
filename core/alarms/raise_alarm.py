"""The service calls for a person."""

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.alarms.records import alarm
from core.audit_trail.records import record
from core.gsm7 import cut_to
from core.notices.notify import Notice, notify_all
from core.notices.texts import LONGEST_WHY, alarm_raised
from core.staff.records import MONEY_ROLES, Role, admin
from core.text import Language


def raise_alarm(
    connection: Connection,
    *,
    kind: str,
    subject: str,
    why: str,
    roles: frozenset[Role] = MONEY_ROLES,
    rings_again: bool = False,
) -> int:
    """Keep the alarm until somebody takes it, and tell every admin of these roles; returns its id.

    `why` is a sentence in English; only its beginning fits into the SMS. While an alarm of this
    kind and subject is open a repeat is counted and nobody is told again, unless it `rings_again`.
    """
    raised = insert(alarm).values(kind=kind, subject=subject, why=why)
    counted = raised.on_conflict_do_update(
        index_elements=["kind", "subject"],
        index_where=alarm.c.taken_at.is_(None),
        set_={"times": alarm.c.times + 1, "last_at": func.kibeezy_now()},
    )
    row = connection.execute(counted.returning(alarm.c.id, alarm.c.times)).one()
    alarm_id: int = row.id
    if row.times == 1:
        record(
            connection,
            actor="system",
            act="alarm.raised",
            subject=subject,
            alarm=alarm_id,
            kind=kind,
            why=why,
        )
    if row.times == 1 or rings_again:
        _tell(connection, alarm_id, why, roles)
    return alarm_id


def _tell(connection: Connection, alarm_id: int, why: str, roles: frozenset[Role]) -> None:
    phones = connection.execute(
        select(admin.c.phone).where(
            admin.c.role.in_(roles), admin.c.phone.is_not(None), admin.c.disabled_at.is_(None)
        )
    ).scalars()
    text = alarm_raised(number=alarm_id, why=cut_to(why, most=LONGEST_WHY))
    notices = [Notice(None, phone, Language.ENGLISH, "alarm", text) for phone in phones]
    notify_all(connection, notices=notices)
