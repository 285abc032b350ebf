"""Calls a person where the provider counts more or fewer parts of an SMS than we do."""

import structlog
from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm

log = structlog.get_logger()


def call_for_parts(connection: Connection, *, sms_id: int, told: int, counted: int) -> None:
    """Raise one alarm for all such messages: each part is paid for, and one tells of many."""
    log.warning("sms_parts_differ", sms_id=sms_id, told=told, counted=counted)
    why = (
        f"SMS {sms_id} cost {told} parts by the provider's count and {counted} by ours:"
        " its alphabet or its length is not what we think."
    )
    raise_alarm(connection, kind="sms_parts", subject="sms:parts", why=why)
