"""The service calls for a person."""

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.alarms.records import alarm
from core.audit_trail.records import record
from core.gsm7 import is_gsm7, made_plain, septets
from core.notices.notify import Notice, notify_all
from core.notices.texts import LONGEST_WHY, alarm_raised
from core.outbox.records import URGENT
from core.staff.records import MONEY_ROLES, admin
from core.text import Language


def raise_alarm(connection: Connection, *, kind: str, subject: str, why: str) -> int:
    """Keep the alarm until somebody takes it, and tell whoever answers for money; returns its id.

    `why` is a sentence in English; only its beginning fits into the SMS. While an alarm of this
    kind and subject is open a repeat is counted and nobody is told again.
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
        _tell(connection, alarm_id, why)
    return alarm_id


def _tell(connection: Connection, alarm_id: int, why: str) -> None:
    phones = connection.execute(
        select(admin.c.phone).where(admin.c.role.in_(MONEY_ROLES), admin.c.phone.is_not(None))
    ).scalars()
    text = alarm_raised(number=alarm_id, why=_shortened(why))
    notices = [
        Notice(None, phone, Language.ENGLISH, "alarm", text, priority=URGENT) for phone in phones
    ]
    notify_all(connection, notices=notices)


def _shortened(why: str) -> str:
    """As much as fits, whatever it holds: an alarm is never refused for its letters."""
    plain = " ".join(made_plain(why).split())
    shown = "".join(character if is_gsm7(character) else "?" for character in plain)
    while septets(shown) > LONGEST_WHY:
        shown = shown[:-1]
    return shown
