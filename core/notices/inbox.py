"""Messages from phones: each kept once, without the digits that could open an account."""

import re

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from core.notices.records import sms_in

# A PIN has four digits and a code six; people also write them apart: 1 2 3 4, 123-456.
_SECRET = re.compile(r"\d(?:[\W_]{0,2}\d){3,}")


def record_inbound(connection: Connection, *, provider_id: str, phone: str, body: str) -> bool:
    """Keep a message, redacted; False where the provider has brought it before.

    A copy that arrives meanwhile waits for this transaction to end.
    """
    row = insert(sms_in).values(provider_id=provider_id, phone=phone, body_redacted=redact(body))
    kept = row.on_conflict_do_nothing(index_elements=["provider_id"]).returning(sms_in.c.id)
    return connection.execute(kept).first() is not None


def redact(body: str) -> str:
    """The message with every run of four or more digits masked, however it is spaced."""
    return _SECRET.sub(lambda run: re.sub(r"\d", "*", run[0]), body)
