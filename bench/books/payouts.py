"""The least that paying a market can cost: its payouts as bare rows, which nothing checks."""

import time

from sqlalchemy import Engine, text

# The columns, the primary key and the unique key of each table; no trigger and no foreign key.
_TABLES = text(
    """
    CREATE TABLE IF NOT EXISTS bare_transfer (
        LIKE transfer INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
    CREATE TABLE IF NOT EXISTS bare_entry (LIKE entry INCLUDING INDEXES);
    CREATE TABLE IF NOT EXISTS bare_payout (
        bet_id bigint PRIMARY KEY, player_id bigint NOT NULL, payout_cents bigint NOT NULL);
    TRUNCATE bare_transfer, bare_entry, bare_payout
    """
)
_SHARES = """
    terms AS (
        SELECT t.pool - t.fee AS shared, t.winning, a.id AS pool
        FROM settlement_terms(:market_id, 'yes') t
        JOIN account a ON a.kind = 'market_side' AND a.market = :market_id AND a.side = 'yes'
    ), won AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('bare_transfer', 'id')) AS id,
            b.id AS bet_id, b.player_id, terms.pool,
            div(terms.shared * b.stake_cents, terms.winning)::bigint AS payout
        FROM bet b CROSS JOIN terms WHERE b.market_id = :market_id AND b.side = 'yes'
    )
"""
_LEDGER_ROWS = text(
    f"""
    WITH {_SHARES}, t AS (
        INSERT INTO bare_transfer
            (id, kind, scope, key, request_hash, n_entries, actor, second_actor, reason, posted_in)
        OVERRIDING SYSTEM VALUE
        SELECT id, 'payout', 'payout', bet_id::text, sha256(bet_id::text::bytea), 2,
            'baraka@bench.kibeezy.test', 'asha@bench.kibeezy.test', 'market: yes', 1
        FROM won
    )
    INSERT INTO bare_entry (transfer_id, account_id, cents)
    SELECT won.id, x.account, x.cents
    FROM won
    JOIN account w ON w.kind = 'player_available' AND w.owner = won.player_id
    CROSS JOIN LATERAL (VALUES (pool, -payout), (w.id, payout)) x (account, cents)
    """  # noqa: S608 - our own words
)
_SUMS_ONLY = text(
    f"""
    WITH {_SHARES}
    INSERT INTO bare_payout (bet_id, player_id, payout_cents)
    SELECT bet_id, player_id, payout FROM won
    """  # noqa: S608 - our own words
)


def insert_ledger_rows(owner: Engine, *, market_id: int) -> float:
    """Insert a transfer with its entries for each payout of YES, in one statement; the seconds."""
    return _timed(owner, _LEDGER_ROWS, market_id)


def insert_sums(owner: Engine, *, market_id: int) -> float:
    """Insert one row of three numbers for each payout of YES, in one statement; the seconds."""
    return _timed(owner, _SUMS_ONLY, market_id)


def clear(owner: Engine) -> None:
    """Make the tables, or empty them."""
    with owner.begin() as connection:
        connection.execute(_TABLES)


def drop(owner: Engine) -> None:
    """Leave nothing of them."""
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS bare_transfer, bare_entry, bare_payout"))


def _timed(owner: Engine, statement: object, market_id: int) -> float:
    began = time.perf_counter()
    with owner.begin() as connection:
        connection.execute(statement, {"market_id": market_id})  # type: ignore[call-overload]
    return time.perf_counter() - began
