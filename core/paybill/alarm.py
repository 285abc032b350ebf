"""What a person must look at."""

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record


def call_a_person(connection: Connection, *, paybill_id: int, kind: str, why: str) -> None:
    """Write down what nobody but a person can settle; `kind` names it, as `paybill_unproven`."""
    subject = f"paybill:{paybill_id}"
    record(connection, actor="system", act=kind.replace("_", ".", 1), subject=subject, why=why)
    raise_alarm(connection, kind=kind, subject=subject, why=f"Payment {paybill_id}: {why}.")
