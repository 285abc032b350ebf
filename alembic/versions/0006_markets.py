"""Markets, bets and settlements."""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE market (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 101) PRIMARY KEY,
    question text NOT NULL,
    label text NOT NULL,
    category text NOT NULL,
    resolves_from text,
    fee_bps integer NOT NULL CHECK (fee_bps BETWEEN 0 AND 10000),
    payout_rule text NOT NULL CHECK (payout_rule IN ('pro_rata', 'equal')),
    closes_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN (
        'draft', 'open', 'suspended', 'closed', 'proposed',
        'settling', 'settled', 'voiding', 'voided')),
    created_by bigint NOT NULL REFERENCES admin,
    created_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    approved_by bigint REFERENCES admin CHECK (approved_by <> created_by),
    approved_at timestamptz,
    closed_at timestamptz,
    proposed_outcome text CHECK (proposed_outcome IN ('yes', 'no', 'void')),
    proposed_by bigint REFERENCES admin,
    proposed_at timestamptz,
    evidence text,
    resolved_by bigint REFERENCES admin CHECK (resolved_by <> proposed_by),
    resolved_at timestamptz,
    outcome text CHECK (outcome IN ('yes', 'no', 'void')),
    settled_at timestamptz,
    CHECK (status = 'draft' OR approved_by IS NOT NULL),
    CHECK (status <> 'proposed' OR (proposed_by IS NOT NULL AND proposed_outcome IS NOT NULL)),
    CHECK ((status IN ('settling', 'settled', 'voiding', 'voided')) = (resolved_by IS NOT NULL))
);
CREATE INDEX market_by_status ON market (status, closes_at);

CREATE TABLE bet (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    market_id bigint NOT NULL REFERENCES market,
    player_id bigint NOT NULL REFERENCES player,
    side text NOT NULL CHECK (side IN ('yes', 'no')),
    stake_cents bigint NOT NULL CHECK (stake_cents > 0 AND stake_cents % 100 = 0),
    transfer_id bigint NOT NULL UNIQUE REFERENCES transfer,
    placed_at timestamptz NOT NULL
);
CREATE INDEX bet_of_market ON bet (market_id, side) INCLUDE (stake_cents);
CREATE INDEX bet_of_player ON bet (player_id, id);

-- Lines are paid by player and bet; through_player and through_bet name the last one that was. The
-- row's lock lets two processes settle one market in turn.
CREATE TABLE settlement (
    market_id bigint PRIMARY KEY REFERENCES market,
    outcome text NOT NULL CHECK (outcome IN ('yes', 'no', 'void')),
    refunded boolean NOT NULL,
    pool_cents bigint NOT NULL,
    fee_cents bigint NOT NULL CHECK (fee_cents >= 0),
    remainder_cents bigint NOT NULL CHECK (remainder_cents >= 0),
    plan_hash bytea NOT NULL CHECK (octet_length(plan_hash) = 32),
    planned_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    through_player bigint NOT NULL DEFAULT 0,
    through_bet bigint NOT NULL DEFAULT 0,
    finished_at timestamptz
);

-- One line per bet, losers too; transfer_id is the line's own marker that it was paid. Lines are
-- written before the settlement that sums them up and hashes them, in one transaction.
CREATE TABLE settlement_line (
    market_id bigint NOT NULL REFERENCES settlement DEFERRABLE INITIALLY DEFERRED,
    bet_id bigint NOT NULL UNIQUE REFERENCES bet,
    player_id bigint NOT NULL REFERENCES player,
    payout_cents bigint NOT NULL CHECK (payout_cents >= 0),
    transfer_id bigint UNIQUE REFERENCES transfer,
    PRIMARY KEY (market_id, bet_id)
);
CREATE INDEX settlement_line_of_player ON settlement_line (market_id, player_id, bet_id);
"""

GUARDS = """
-- A draft may be edited; from approval on the terms stand, and the closing time only moves earlier.
CREATE FUNCTION freeze_terms() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        (NEW.question, NEW.label, NEW.category, NEW.resolves_from, NEW.fee_bps, NEW.payout_rule,
         NEW.created_by, NEW.approved_by)
        IS DISTINCT FROM
        (OLD.question, OLD.label, OLD.category, OLD.resolves_from, OLD.fee_bps, OLD.payout_rule,
         OLD.created_by, OLD.approved_by)
        OR NEW.closes_at > OLD.closes_at) THEN
        RAISE EXCEPTION 'the terms of market % are frozen', OLD.id USING ERRCODE = 'KB005';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER market_terms_frozen BEFORE UPDATE ON market
    FOR EACH ROW EXECUTE FUNCTION freeze_terms();

-- A void may be proposed at any time before the resolution, so that a wrong proposal has a way out.
CREATE FUNCTION check_transition() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('draft', 'draft'), ('draft', 'open'), ('open', 'open'), ('open', 'suspended'),
        ('suspended', 'open'), ('open', 'closed'), ('suspended', 'closed'), ('open', 'proposed'),
        ('suspended', 'proposed'), ('closed', 'proposed'), ('proposed', 'proposed'),
        ('proposed', 'settling'), ('proposed', 'voiding'),
        ('settling', 'settled'), ('voiding', 'voided'))
      OR (NEW.status = 'proposed' AND OLD.status <> 'closed' AND NEW.proposed_outcome <> 'void')
      OR (OLD.status IN ('proposed', 'settling', 'voiding') AND NEW.status <> 'proposed' AND
          (NEW.proposed_outcome, NEW.proposed_by) IS DISTINCT FROM
          (OLD.proposed_outcome, OLD.proposed_by))
      OR (NEW.status IN ('settling', 'voiding') AND (NEW.outcome IS DISTINCT FROM
          NEW.proposed_outcome OR (NEW.outcome = 'void') <> (NEW.status = 'voiding'))) THEN
        RAISE EXCEPTION 'market % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER market_transition BEFORE UPDATE ON market
    FOR EACH ROW EXECUTE FUNCTION check_transition();

-- Who decides an outcome may not have staked on it.
CREATE FUNCTION check_deciders() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE decider bigint;
BEGIN
    SELECT a.id INTO decider
    FROM admin a JOIN player p USING (phone) JOIN bet b ON b.player_id = p.id
    WHERE a.id IN (NEW.proposed_by, NEW.resolved_by) AND b.market_id = NEW.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'admin % has a bet in market %', decider, NEW.id USING ERRCODE = 'KB007';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER market_deciders_have_no_bet BEFORE UPDATE OF proposed_by, resolved_by ON market
    FOR EACH ROW EXECUTE FUNCTION check_deciders();

-- A plan is written once: afterwards only progress is recorded in it.
CREATE FUNCTION freeze_plan() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE progress text[] := ARRAY['transfer_id', 'through_player', 'through_bet', 'finished_at'];
BEGIN
    IF to_jsonb(NEW) - progress <> to_jsonb(OLD) - progress
       OR to_jsonb(OLD) ->> 'transfer_id' IS NOT NULL
       OR to_jsonb(OLD) ->> 'finished_at' IS NOT NULL THEN
        RAISE EXCEPTION 'the plan of market % is frozen', OLD.market_id USING ERRCODE = 'KB005';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_frozen BEFORE UPDATE ON settlement
    FOR EACH ROW EXECUTE FUNCTION freeze_plan();
CREATE TRIGGER settlement_line_frozen BEFORE UPDATE ON settlement_line
    FOR EACH ROW EXECUTE FUNCTION freeze_plan();
"""

FUNCTIONS = """
-- Advisory class 1 is the markets': shared to bet, exclusive to change what bets depend on. The
-- statement after the lock has a fresh snapshot, which a lock inside one SELECT would not give.
CREATE FUNCTION lock_market(p_market bigint) RETURNS SETOF market
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1, p_market::integer);
    RETURN QUERY SELECT * FROM market WHERE id = p_market;
END $$;

-- All that a bet depends on, in one round trip: the market, and the player as of now.
CREATE FUNCTION bet_situation(
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

-- How a market would settle with this outcome. Sums are numeric, so no product overflows.
CREATE FUNCTION settlement_terms(p_market bigint, p_outcome text) RETURNS TABLE (
    pool numeric, winning numeric, winners bigint, refunded boolean, fee numeric, payout_rule text)
LANGUAGE sql STABLE AS $$
    SELECT t.pool, t.winning, t.winners, t.winning IN (0, t.pool),
        CASE WHEN t.winning IN (0, t.pool) THEN 0
             ELSE least(div(t.pool * m.fee_bps, 10000), t.pool - t.winning) END,
        m.payout_rule
    FROM market m CROSS JOIN (
        SELECT coalesce(sum(stake_cents), 0) AS pool,
            coalesce(sum(stake_cents) FILTER (WHERE side = p_outcome), 0) AS winning,
            count(DISTINCT player_id) FILTER (WHERE side = p_outcome) AS winners
        FROM bet WHERE market_id = p_market) t
    WHERE m.id = p_market
$$;

-- The equal share of a player with several winning bets is spread over them by stake, to the cent.
CREATE FUNCTION settlement_plan(p_market bigint, p_outcome text) RETURNS TABLE (
    bet_id bigint, player_id bigint, side text, stake_cents bigint, payout_cents bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE t record;
BEGIN
    SELECT * INTO STRICT t FROM settlement_terms(p_market, p_outcome);
    IF t.refunded OR t.payout_rule = 'pro_rata' THEN
        RETURN QUERY SELECT b.id, b.player_id, b.side, b.stake_cents,
            CASE WHEN t.refunded THEN b.stake_cents
                 WHEN b.side = p_outcome
                 THEN div((t.pool - t.fee) * b.stake_cents, t.winning)::bigint
                 ELSE 0 END
        FROM bet b WHERE b.market_id = p_market;
    ELSE
        RETURN QUERY SELECT b.id, b.player_id, b.side, b.stake_cents,
            CASE WHEN b.side = p_outcome THEN
                (div(b.share * b.through, b.total)
                 - div(b.share * (b.through - b.stake_cents), b.total))::bigint
                 ELSE 0 END
        FROM (SELECT bet.*, div(t.pool - t.fee, t.winners) AS share,
                sum(stake_cents) OVER (PARTITION BY player_id, side ORDER BY id) AS through,
                sum(stake_cents) OVER (PARTITION BY player_id, side) AS total
              FROM bet WHERE market_id = p_market) b;
    END IF;
END $$;

-- What a plan is known by: every line of it, in the order of the bets.
CREATE FUNCTION settlement_hash(p_market bigint) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(coalesce(string_agg(
        format('%s:%s:%s', bet_id, player_id, payout_cents), E'\\n' ORDER BY bet_id), ''), 'UTF8'))
    FROM settlement_line WHERE market_id = p_market
$$;
"""

DOWNGRADE = """
DROP FUNCTION settlement_hash, settlement_plan, settlement_terms, bet_situation, lock_market;
DROP TABLE settlement_line, settlement, bet, market;
DROP FUNCTION freeze_plan, check_deciders, check_transition, freeze_terms;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
