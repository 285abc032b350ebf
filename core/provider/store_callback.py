"""Use case: keep what the provider posts, as it came, before anybody judges it."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, text

from core.outbox.records import URGENT

# A provider repeats a callback a few times; whoever has more to say is not the provider.
MOST_PER_SUBJECT: Final = 50


class CallbackKind(StrEnum):
    """What a callback is about, by the address that it came to."""

    STK = "stk"
    B2C_RESULT = "b2c_result"
    B2C_TIMEOUT = "b2c_timeout"
    STATUS_RESULT = "status_result"
    STATUS_TIMEOUT = "status_timeout"
    C2B = "c2b"


_SUBJECTS: Final = {
    CallbackKind.STK: ("deposit", "deposit_id"),
    CallbackKind.B2C_RESULT: ("withdrawal", "withdrawal_id"),
    CallbackKind.B2C_TIMEOUT: ("withdrawal", "withdrawal_id"),
    CallbackKind.STATUS_RESULT: ("status_question", "question_id"),
    CallbackKind.STATUS_TIMEOUT: ("status_question", "question_id"),
}

# One statement, because the provider waits for the answer and never calls again. The names come
# from the table above, never from outside.
_STORE: Final = """
    WITH addressed AS (
        SELECT id FROM {table} WHERE token = :token
    ), stored AS (
        INSERT INTO provider_callback (kind, {column}, body, trusted)
        SELECT :kind, id, :body, :trusted FROM addressed
        WHERE (SELECT count(*) FROM provider_callback c WHERE c.{column} = addressed.id) < :most
        RETURNING id
    ), asked AS (
        INSERT INTO outbox (kind, payload, priority)
        SELECT :job, jsonb_build_object('callback_id', id), :priority FROM stored
    )
    SELECT EXISTS (SELECT FROM addressed)
"""
_STATEMENTS: Final = {
    kind: text(_STORE.format(table=table, column=column))
    for kind, (table, column) in _SUBJECTS.items()
}
_STORE_UNADDRESSED: Final = text(
    """
    WITH stored AS (
        INSERT INTO provider_callback (kind, body, trusted) VALUES (:kind, :body, :trusted)
        RETURNING id
    )
    INSERT INTO outbox (kind, payload, priority)
    SELECT :job, jsonb_build_object('callback_id', id), :priority FROM stored
    """
)


def store_callback(
    connection: Connection, *, kind: CallbackKind, token: str, body: str, trusted: bool
) -> bool:
    """Store the body for what has this token and ask the worker to read it.

    False, and nothing is written, where nothing has the token. Each repeat is stored too, up
    to MOST_PER_SUBJECT. The body has its phone numbers and secrets masked and no NUL.
    """
    values = {**_values(kind, body, trusted=trusted), "token": token, "most": MOST_PER_SUBJECT}
    return bool(connection.execute(_STATEMENTS[kind], values).scalar_one())


def store_confirmation(connection: Connection, *, body: str, trusted: bool) -> None:
    """Store a paybill confirmation, which has no token of its own; a repeat is stored again."""
    connection.execute(_STORE_UNADDRESSED, _values(CallbackKind.C2B, body, trusted=trusted))


def _values(kind: CallbackKind, body: str, *, trusted: bool) -> dict[str, object]:
    return {
        "kind": kind,
        "body": body,
        "trusted": trusted,
        "job": job_of(kind),
        "priority": URGENT,
    }


def job_of(kind: CallbackKind) -> str:
    """The kind of job that reads such a callback."""
    return f"{kind.partition('_')[0]}_callback"
