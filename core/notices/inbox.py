"""Messages from phones: each kept once, without the digits that could open an account."""

import re
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.notices.records import sms_in

# Two robots answering each other would cost money without end.
ANSWERS_PER_HOUR: Final = 20
_HOUR: Final = timedelta(hours=1)

# A PIN has four digits and a code six; people also write them apart: 1 2 3 4, 123-456.
_SECRET = re.compile(r"\d(?:[\W_]{0,2}\d){3,}")


def record_inbound(connection: Connection, *, provider_id: str, phone: str, body: str) -> bool:
    """Keep a message, redacted; False where the provider has brought it before.

    A copy that arrives meanwhile waits for this transaction to end.
    """
    row = insert(sms_in).values(provider_id=provider_id, phone=phone, body_redacted=redact(body))
    kept = row.on_conflict_do_nothing(index_elements=["provider_id"]).returning(sms_in.c.id)
    return connection.execute(kept).first() is not None


def may_be_answered(connection: Connection, *, phone: str) -> bool:
    """Whether this number has sent no more than it may be answered in an hour."""
    recent = select(func.count()).where(
        sms_in.c.phone == phone,
        sms_in.c.received_at > select(func.kibeezy_now() - _HOUR).scalar_subquery(),
    )
    return connection.execute(recent).scalar_one() <= ANSWERS_PER_HOUR


def redact(body: str) -> str:
    """The message with every run of four or more digits masked, however it is spaced."""
    return _SECRET.sub(lambda run: re.sub(r"\d", "*", run[0]), body)
