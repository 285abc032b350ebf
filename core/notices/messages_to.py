"""What was written to one phone: for a handset that shows its SMS."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from core.notices.records import sms_out


@dataclass(frozen=True)
class Written:
    """One SMS with its place in the queue of all."""

    sms_id: int
    body: str


def newest_message(connection: Connection) -> int:
    """The place of the newest SMS to anybody; 0 where there is none."""
    place: int = connection.execute(select(func.coalesce(func.max(sms_out.c.id), 0))).scalar_one()
    return place


def messages_to(connection: Connection, *, phone: str, after: int) -> list[Written]:
    """The SMS to a phone behind a place, oldest first, sent or still queued.

    Those with a code are missing: their words are kept nowhere.
    """
    query = (
        select(sms_out.c.id, sms_out.c.body)
        .where(sms_out.c.phone == phone, sms_out.c.id > after, sms_out.c.body.is_not(None))
        .order_by(sms_out.c.id)
    )
    return [Written(row.id, row.body) for row in connection.execute(query)]
