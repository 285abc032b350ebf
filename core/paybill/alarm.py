"""Calls a person to a payment that the service cannot settle by itself."""

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm


def call_a_person(connection: Connection, *, paybill_id: int, kind: str, why: str) -> None:
    """Raise an alarm about this payment; while it is open a repeat is only counted."""
    words = f"Payment {paybill_id}: {why}."
    raise_alarm(connection, kind=kind, subject=f"paybill:{paybill_id}", why=words)
