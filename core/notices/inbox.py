"""Messages from phones: each kept once, without the digits that could open an account."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.postgresql import insert

from core.notices.records import sms_in

# The provider tries for twelve hours to bring a message; a date more than a day old is a mistake.
LATE_AFTER: Final = timedelta(minutes=10)
_DATED_WRONGLY_AFTER: Final = timedelta(hours=24)

# A PIN has four digits and a code six; people also write them apart: 1 2 3 4, 123-456.
_SECRET = re.compile(r"\d(?:[\W_]*\d){3,}")


def record_inbound(
    connection: Connection,
    *,
    provider_id: str,
    phone: str,
    body: str,
    is_secret: bool = False,
    written_at: datetime | None = None,
) -> bool:
    """Keep a message, redacted; False where the provider has brought it before.

    Of one that `is_secret` no digit is kept. A copy that arrives meanwhile waits for this
    transaction to end. The provider says when it was written, where it says so at all.
    """
    kept_body = mask(body) if is_secret else redact(body)
    row = insert(sms_in).values(
        provider_id=provider_id, phone=phone, body_redacted=kept_body, written_at=written_at
    )
    kept = row.on_conflict_do_nothing(index_elements=["provider_id"]).returning(sms_in.c.id)
    return connection.execute(kept).first() is not None


def time_on_its_way(connection: Connection, *, provider_id: str) -> timedelta:
    """How long after it was written a kept message came.

    By the provider's word, which nobody signs: a date that is missing, to come or too old to be
    true says nothing, and counts as no time.
    """
    took = sms_in.c.received_at - sms_in.c.written_at
    at_once = timedelta(0)
    believed = case((took.between(at_once, _DATED_WRONGLY_AFTER), took), else_=at_once)
    query = select(believed).where(sms_in.c.provider_id == provider_id)
    told: timedelta = connection.execute(query).scalar_one()
    return told


def redact(body: str) -> str:
    """The message with every run of four or more digits masked, however it is spaced."""
    return _SECRET.sub(lambda run: mask(run[0]), unicodedata.normalize("NFKC", body))


def mask(body: str) -> str:
    """The message without a digit, in whatever script."""
    return re.sub(r"\d", "*", unicodedata.normalize("NFKC", body))
