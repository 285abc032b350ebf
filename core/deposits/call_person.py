"""Calls a person to a deposit that the service cannot make sense of by itself."""

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm


def call_person(connection: Connection, *, kind: str, deposit_id: int, why: str) -> None:
    """Raise an alarm about this deposit; while it is open a repeat is only counted."""
    subject = f"deposit:{deposit_id}"
    raise_alarm(connection, kind=kind, subject=subject, why=f"Deposit {deposit_id}: {why}.")
