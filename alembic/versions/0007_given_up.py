"""Bets whose caller was told that they were not placed.

The session in which a bet was confirmed may end before its answer. The next dial asks what came of
it, and where nothing did, makes sure that nothing will: a process that was halted between the PIN
and the commit must not place the bet later.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = """
CREATE TABLE given_up (
    player_id bigint NOT NULL REFERENCES player,
    scope text NOT NULL,
    series text NOT NULL,
    given_up_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    PRIMARY KEY (player_id, scope, series)
);
"""

FUNCTIONS = """
-- The commands of one call share what stands before the last colon of their keys.
CREATE FUNCTION series_of(p_key text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT regexp_replace(p_key, ':[^:]*$', '') $$;

-- The second number of an advisory lock of class 5; two series that share it wait for each other.
CREATE FUNCTION series_lock(p_scope text, p_series text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$ SELECT hashtext(p_scope || ' ' || p_series) $$;

-- The player's bet in this series; 0 where there is none and never will be; NULL while one is made.
-- It reads every bet of the player: only who was cut off before a PIN asks.
CREATE FUNCTION give_up_bet(p_player bigint, p_scope text, p_series text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
    IF EXISTS (SELECT FROM given_up g WHERE g.player_id = p_player
               AND g.scope = p_scope AND g.series = p_series) THEN
        RETURN 0;
    END IF;
    IF NOT pg_try_advisory_xact_lock(5, series_lock(p_scope, p_series)) THEN
        RETURN NULL;
    END IF;
    SELECT t.id INTO found
    FROM bet b JOIN transfer t ON t.id = b.transfer_id
    WHERE b.player_id = p_player AND t.scope = p_scope AND series_of(t.key) = p_series
    ORDER BY b.id DESC LIMIT 1;
    IF found IS NULL THEN
        INSERT INTO given_up (player_id, scope, series) VALUES (p_player, p_scope, p_series)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN coalesce(found, 0);
END $$;

-- As before, and first: a series that was given up places no bet, and while a bet is being placed
-- its series cannot be given up.
CREATE OR REPLACE FUNCTION bet_situation(
    p_market bigint, p_player bigint, p_side text, p_scope text, p_key text)
RETURNS TABLE (
    label text, status text, closes_at timestamptz, as_of timestamptz,
    wallet_account bigint, wallet_cents bigint, side_account bigint, own_limit_cents bigint,
    runs_market boolean, earlier_transfer bigint,
    id bigint, phone text, full_name text, language text, kyc_verified_at timestamptz,
    locked_at timestamptz, closed_at timestamptz, break_until timestamptz,
    withdrawals_paused_until timestamptz, news_stopped_at timestamptz, now timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1, p_market::integer);
    PERFORM pg_advisory_xact_lock(5, series_lock(p_scope, series_of(p_key)));
    IF EXISTS (SELECT FROM given_up g
               WHERE g.player_id = p_player AND g.scope = p_scope
                 AND g.series = series_of(p_key)) THEN
        RAISE EXCEPTION 'the bet % was given up', p_key USING ERRCODE = 'KB009';
    END IF;
    RETURN QUERY
    SELECT m.label, m.status, m.closes_at, n.as_of, w.id, b.cents, s.id,
        (SELECT l.cents FROM player_limit l
         WHERE l.player_id = p_player AND l.kind = 'stake' AND l.effective_at <= n.as_of
         ORDER BY l.id DESC LIMIT 1),
        EXISTS (SELECT FROM admin a
                WHERE a.phone = p.phone AND a.id IN (m.created_by, m.approved_by)),
        (SELECT t.id FROM transfer t WHERE t.scope = p_scope AND t.key = p_key),
        p.id, p.phone, p.full_name, p.language, p.kyc_verified_at, p.locked_at, p.closed_at,
        p.break_until, p.withdrawals_paused_until, p.news_stopped_at, n.as_of
    FROM market m
    CROSS JOIN (SELECT kibeezy_now() AS as_of) n
    JOIN player p ON p.id = p_player
    JOIN account w ON w.kind = 'player_available' AND w.owner = p.id
    JOIN balance b ON b.account_id = w.id
    JOIN account s ON s.kind = 'market_side' AND s.market = m.id AND s.side = p_side
    WHERE m.id = p_market;
END $$;
"""

DOWNGRADE = """
CREATE OR REPLACE FUNCTION bet_situation(
    p_market bigint, p_player bigint, p_side text, p_scope text, p_key text)
RETURNS TABLE (
    label text, status text, closes_at timestamptz, as_of timestamptz,
    wallet_account bigint, wallet_cents bigint, side_account bigint, own_limit_cents bigint,
    runs_market boolean, earlier_transfer bigint,
    id bigint, phone text, full_name text, language text, kyc_verified_at timestamptz,
    locked_at timestamptz, closed_at timestamptz, break_until timestamptz,
    withdrawals_paused_until timestamptz, news_stopped_at timestamptz, now timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1, p_market::integer);
    RETURN QUERY
    SELECT m.label, m.status, m.closes_at, n.as_of, w.id, b.cents, s.id,
        (SELECT l.cents FROM player_limit l
         WHERE l.player_id = p_player AND l.kind = 'stake' AND l.effective_at <= n.as_of
         ORDER BY l.id DESC LIMIT 1),
        EXISTS (SELECT FROM admin a
                WHERE a.phone = p.phone AND a.id IN (m.created_by, m.approved_by)),
        (SELECT t.id FROM transfer t WHERE t.scope = p_scope AND t.key = p_key),
        p.id, p.phone, p.full_name, p.language, p.kyc_verified_at, p.locked_at, p.closed_at,
        p.break_until, p.withdrawals_paused_until, p.news_stopped_at, n.as_of
    FROM market m
    CROSS JOIN (SELECT kibeezy_now() AS as_of) n
    JOIN player p ON p.id = p_player
    JOIN account w ON w.kind = 'player_available' AND w.owner = p.id
    JOIN balance b ON b.account_id = w.id
    JOIN account s ON s.kind = 'market_side' AND s.market = m.id AND s.side = p_side
    WHERE m.id = p_market;
END $$;

DROP FUNCTION give_up_bet, series_lock, series_of;
DROP TABLE given_up;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
