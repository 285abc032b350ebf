"""What a person must look at."""

import structlog
from sqlalchemy import Connection

from core.audit_trail.records import record

log = structlog.get_logger()


def call_a_person(connection: Connection, *, paybill_id: int, kind: str, why: str) -> None:
    """Write down what nobody but a person can settle; `kind` names it, as `paybill_unproven`."""
    act = kind.replace("_", ".", 1)
    record(connection, actor="system", act=act, subject=f"paybill:{paybill_id}", why=why)
    _alarm(connection, kind=kind, paybill_id=paybill_id, why=why)


def _alarm(_connection: Connection, *, kind: str, paybill_id: int, why: str) -> None:
    log.error(kind, paybill=paybill_id, why=why)
