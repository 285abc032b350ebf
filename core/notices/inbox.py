"""Messages from phones: each kept once, without the digits that could open an account."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case
from sqlalchemy.dialects.postgresql import insert

from core.notices.records import sms_in

# The provider tries for twelve hours to bring a message; a date more than a day old is a mistake.
LATE_AFTER: Final = timedelta(minutes=10)
_DATED_WRONGLY_AFTER: Final = timedelta(hours=24)

# By the provider's word, which nobody signs: a date that is missing, to come or too old to be true
# says nothing, and counts as no time.
_TOOK: Final = sms_in.c.received_at - sms_in.c.written_at
_ON_ITS_WAY: Final = case(
    (_TOOK.between(timedelta(0), _DATED_WRONGLY_AFTER), _TOOK), else_=timedelta(0)
)

# A PIN has four digits and a code six; people also write them apart: 1 2 3 4, 123-456.
_SECRET = re.compile(r"\d(?:[\W_]*\d){3,}")


@dataclass(frozen=True)
class Kept:
    """A message that was kept: the provider's name for it, and how long it was on its way."""

    provider_id: str
    on_its_way: timedelta


def record_inbound(
    connection: Connection,
    *,
    provider_id: str,
    phone: str,
    body: str,
    is_secret: bool = False,
    written_at: datetime | None = None,
) -> Kept | None:
    """Keep a message, redacted; None where the provider has brought it before.

    Of one that `is_secret` no digit is kept. A copy that arrives meanwhile waits for this
    transaction to end. The provider says when it was written, where it says so at all.
    """
    kept_body = mask(body) if is_secret else redact(body)
    row = insert(sms_in).values(
        provider_id=provider_id, phone=phone, body_redacted=kept_body, written_at=written_at
    )
    kept = row.on_conflict_do_nothing(index_elements=["provider_id"]).returning(_ON_ITS_WAY)
    took: timedelta | None = connection.execute(kept).scalar_one_or_none()
    return None if took is None else Kept(provider_id, took)


def redact(body: str) -> str:
    """The message with every run of four or more digits masked, however it is spaced."""
    return _SECRET.sub(lambda run: mask(run[0]), unicodedata.normalize("NFKC", body))


def mask(body: str) -> str:
    """The message without a digit, in whatever script."""
    return re.sub(r"\d", "*", unicodedata.normalize("NFKC", body))
