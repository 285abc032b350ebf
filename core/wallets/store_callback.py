"""Use case: keep what the provider posts, as it came, before anybody judges it."""

from typing import Final

from sqlalchemy import Connection, text

from core.outbox.records import URGENT

# A provider repeats a callback a few times; whoever has more to say is not the provider.
MOST_PER_DEPOSIT: Final = 50

# One statement, because the provider waits for the answer and never calls again.
_STORE: Final = text(
    """
    WITH addressed AS (
        SELECT id FROM deposit WHERE token = :token
    ), stored AS (
        INSERT INTO provider_callback (kind, deposit_id, body, trusted)
        SELECT 'stk', id, :body, :trusted FROM addressed
        WHERE (SELECT count(*) FROM provider_callback c WHERE c.deposit_id = addressed.id) < :most
        RETURNING id
    ), asked AS (
        INSERT INTO outbox (kind, payload, priority)
        SELECT 'stk_callback', jsonb_build_object('callback_id', id), :priority FROM stored
    )
    SELECT EXISTS (SELECT FROM addressed)
    """
)


def store_callback(connection: Connection, *, token: str, body: str, trusted: bool) -> bool:
    """Store the body for the deposit with this token and ask the worker to read it.

    False, and nothing is written, where no deposit has the token. Each repeat is stored too, up
    to MOST_PER_DEPOSIT. The body has its phone numbers masked and no NUL.
    """
    values = {
        "token": token,
        "body": body,
        "trusted": trusted,
        "most": MOST_PER_DEPOSIT,
        "priority": URGENT,
    }
    return bool(connection.execute(_STORE, values).scalar_one())
