"""SMS that came in, as they were kept: without the digits that could open an account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.database import be_patient
from core.notices.records import sms_in


@dataclass(frozen=True, repr=False)
class Received:
    """A message from a phone, without a repr, for it is somebody's mail."""

    id: int
    phone: str
    body: str
    received_at: datetime


def list_received(
    connection: Connection,
    *,
    limit: int,
    phone: str | None = None,
    before_id: int | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
) -> list[Received]:
    """The newest, at most so many, the newest first; of one number, or of a time."""
    be_patient(connection)
    # Of a time: read by the index of moments and sorted, not from the newest message on.
    key = sms_in.c.id if begins is None else sms_in.c.id + 0
    query = select(sms_in).order_by(key.desc()).limit(limit)
    if phone is not None:
        query = query.where(sms_in.c.phone == phone)
    if before_id is not None:
        query = query.where(sms_in.c.id < before_id)
    if begins is not None:
        query = query.where(sms_in.c.received_at >= begins)
    if ends is not None:
        query = query.where(sms_in.c.received_at < ends)
    return [
        Received(row.id, row.phone, row.body_redacted, row.received_at)
        for row in connection.execute(query)
    ]
