"""Many withdrawals that were paid, made by the owner in sets, as rows of the use cases are."""

from collections.abc import Callable

from sqlalchemy import Engine, text

from bench.books.crowd import Crowd
from bench.books.rows import request_hash
from core.money import Money

_AT_ONCE = 10_000
_WITHDRAW = text(
    f"""
    WITH line AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('transfer', 'id')) AS hold,
            nextval(pg_get_serial_sequence('transfer', 'id')) AS pay, kibeezy_now() AS at,
            w.owner AS player, w.id AS wallet, h.id AS held, o.id AS payout,
            CAST(:cents AS bigint) AS cents
        FROM account w
        JOIN account h ON h.kind = 'player_held' AND h.owner = w.owner
        JOIN account o ON o.kind = 'mpesa_payout'
        WHERE w.kind = 'player_available'
          AND w.owner BETWEEN CAST(:low AS bigint) AND CAST(:high AS bigint)
    ), t AS (
        INSERT INTO transfer (id, kind, scope, key, request_hash, n_entries, actor)
        OVERRIDING SYSTEM VALUE
        SELECT hold, 'hold', 'crowd-hold', player::text,
            {request_hash(kind="hold", source="wallet", target="held", cents="cents")},
            2, 'player:' || player
        FROM line
        UNION ALL
        SELECT pay, 'withdrawal', 'crowd-pay', player::text,
            {request_hash(kind="withdrawal", source="held", target="payout", cents="cents")},
            2, 'system'
        FROM line
    ), e AS (
        INSERT INTO entry (transfer_id, account_id, cents)
        SELECT x.* FROM line CROSS JOIN LATERAL (VALUES
            (hold, wallet, -cents), (hold, held, cents), (pay, held, -cents), (pay, payout, cents)
        ) x (transfer_id, account_id, cents)
    )
    INSERT INTO withdrawal (player_id, amount_cents, fee_cents, tax_cents, request_key,
        originator_id, token, state, receipt, result_code, hold_transfer_id, end_transfer_id,
        queued_at, sent_at, ended_at)
    SELECT player, cents, 0, 0, 'crowd:' || player, 'CROWD' || player, md5('out' || player),
        'paid', 'CROWDOUT' || player, '0', hold, pay, at, at, at
    FROM line
    """  # noqa: S608 - our own words
)


def withdraw(
    owner: Engine, *, crowd: Crowd, players: int, each: Money, progress: Callable[[int], None]
) -> None:
    """Let the first so many of the crowd have withdrawn so much each; only once in a database."""
    for low in range(0, players, _AT_ONCE):
        high = min(low + _AT_ONCE, players) - 1
        values = {"low": crowd.first + low, "high": crowd.first + high, "cents": each.cents}
        with owner.begin() as connection:
            connection.execute(_WITHDRAW, values)
        progress(high + 1)
