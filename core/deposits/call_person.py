"""Calls a person to a deposit that the service cannot make sense of by itself."""

import structlog
from sqlalchemy import Connection

from core.audit_trail.records import record

log = structlog.get_logger()


def call_person(connection: Connection, *, kind: str, deposit_id: int, why: str) -> None:
    """Say at once, where people look, that somebody must see to this deposit."""
    subject = f"deposit:{deposit_id}"
    _alarm(connection, kind=kind, subject=subject, why=why)


def _alarm(connection: Connection, *, kind: str, subject: str, why: str) -> None:
    log.error(kind, subject=subject, why=why)
    record(connection, actor="system", act="alarm.raised", subject=subject, kind=kind, why=why)
