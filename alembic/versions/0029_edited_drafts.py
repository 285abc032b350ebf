"""A draft is edited, and who edited it does not approve it."""

from alembic import context, op

revision = "0029"
down_revision = "0028"

COLUMN = """
-- Who edited the draft, one for each edit, in order: how many they are names what somebody saw.
ALTER TABLE market
    ADD COLUMN edited_by bigint[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT market_approver_edited_nothing CHECK (approved_by <> ALL (edited_by));
"""

GUARD = """
-- The terms of a draft change with the name of who changes them, and no name is taken back.
CREATE FUNCTION check_edit() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    is_named boolean := OLD.status = 'draft' AND array_position(NEW.edited_by, NULL) IS NULL
        AND NEW.edited_by = OLD.edited_by || NEW.edited_by[cardinality(NEW.edited_by)];
    is_changed boolean := (NEW.question, NEW.label, NEW.category, NEW.resolves_from, NEW.fee_bps,
        NEW.payout_rule, NEW.closes_at, NEW.created_by) IS DISTINCT FROM (OLD.question, OLD.label,
        OLD.category, OLD.resolves_from, OLD.fee_bps, OLD.payout_rule, OLD.closes_at,
        OLD.created_by);
BEGIN
    IF NOT is_named AND (NEW.edited_by <> OLD.edited_by OR OLD.status = 'draft' AND is_changed) THEN
        RAISE EXCEPTION 'an edit of market % has a name', OLD.id USING ERRCODE = 'KB007';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER market_edited BEFORE UPDATE ON market
    FOR EACH ROW EXECUTE FUNCTION check_edit();
"""

SITUATION = """
-- As before; who edited the draft runs the market, too.
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
        EXISTS (SELECT FROM admin a WHERE a.phone = p.phone
                AND a.id = ANY (ARRAY[m.created_by, m.approved_by] || m.edited_by)),
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
DROP TRIGGER market_edited ON market;
DROP FUNCTION check_edit();
ALTER TABLE market DROP COLUMN edited_by;
"""


def upgrade() -> None:
    op.execute(COLUMN)
    op.execute(GUARD)
    op.execute(SITUATION)


def downgrade() -> None:
    before = context.script.get_revision("0007").module.FUNCTIONS
    _, head, body = before.partition("CREATE OR REPLACE FUNCTION bet_situation(")
    op.execute(head + body)
    op.execute(DOWNGRADE)
