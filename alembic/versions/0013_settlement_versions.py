"""Versions of a settlement, late bets, and the function that pays the frozen plan."""

from alembic import context, op

revision = "0013"
down_revision = "0012"

TABLES = """
-- A correction is the next version: it reverses every line of the one before. Who decided and on
-- what stands with each, for the market shows the last one only.
ALTER TABLE settlement_line
    DROP CONSTRAINT settlement_line_market_id_fkey,
    DROP CONSTRAINT settlement_line_pkey,
    DROP CONSTRAINT settlement_line_bet_id_key,
    DROP CONSTRAINT settlement_line_transfer_id_key;
ALTER TABLE settlement
    DROP CONSTRAINT settlement_pkey,
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN proposed_by bigint REFERENCES admin,
    ADD COLUMN resolved_by bigint REFERENCES admin CHECK (resolved_by <> proposed_by),
    ADD COLUMN evidence text,
    ADD COLUMN late_from timestamptz,
    ADD COLUMN late_cents bigint NOT NULL DEFAULT 0 CHECK (late_cents BETWEEN 0 AND pool_cents),
    ADD PRIMARY KEY (market_id, version);
ALTER TABLE settlement DISABLE TRIGGER settlement_frozen;
UPDATE settlement s SET proposed_by = m.proposed_by, resolved_by = m.resolved_by,
    evidence = m.evidence
FROM market m WHERE m.id = s.market_id;
ALTER TABLE settlement ENABLE TRIGGER settlement_frozen;
-- A line is never written again: its transfer is the one with its kind and its key. The release
-- before knew no kind, and wrote the transfer down.
ALTER TABLE settlement_line
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN kind text CHECK (kind IN ('payout', 'refund')),
    ADD PRIMARY KEY (market_id, version, bet_id),
    ADD CONSTRAINT settlement_line_once UNIQUE (bet_id, version),
    ADD CONSTRAINT settlement_line_of_plan FOREIGN KEY (market_id, version)
        REFERENCES settlement DEFERRABLE INITIALLY DEFERRED;
DROP INDEX settlement_line_of_player;
CREATE INDEX settlement_line_of_player ON settlement_line (market_id, version, player_id, bet_id);

-- What was paid in one transaction, and whether its players have been told.
CREATE TABLE settlement_chunk (
    market_id bigint NOT NULL,
    version integer NOT NULL,
    from_player bigint NOT NULL,
    from_bet bigint NOT NULL,
    through_player bigint NOT NULL,
    through_bet bigint NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (market_id, version, through_player, through_bet),
    FOREIGN KEY (market_id, version) REFERENCES settlement
);
"""

GUARDS = """
-- No market ends with money left on a side: neither by us nor by a worker of the release before.
CREATE FUNCTION check_emptied() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM account a JOIN entry e ON e.account_id = a.id
               WHERE a.kind = 'market_side' AND a.market = NEW.id
               GROUP BY a.id HAVING sum(e.cents) <> 0) THEN
        RAISE EXCEPTION 'market % still holds money', NEW.id USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER market_ends_empty BEFORE UPDATE OF status ON market FOR EACH ROW
    WHEN (OLD.status IN ('settling', 'voiding') AND NEW.status IN ('settled', 'voided'))
    EXECUTE FUNCTION check_emptied();

-- Who decided, and on what, is the market's word when the plan is frozen, whoever freezes it.
CREATE FUNCTION sign_settlement() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT m.resolved_by, CASE WHEN m.voided_by_system THEN NULL ELSE m.proposed_by END,
        CASE WHEN m.voided_by_system THEN NULL ELSE m.evidence END, m.late_from
    INTO STRICT NEW.resolved_by, NEW.proposed_by, NEW.evidence, NEW.late_from
    FROM market m WHERE m.id = NEW.market_id;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_signed BEFORE INSERT ON settlement
    FOR EACH ROW EXECUTE FUNCTION sign_settlement();

-- The result that a market goes back to, where its correction is taken back or ends, is that of its
-- last settlement, to the letter.
CREATE FUNCTION check_restored() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM settlement s
        WHERE s.market_id = NEW.id AND s.version = NEW.version AND s.finished_at IS NOT NULL
          AND (s.outcome = 'void') = (NEW.status = 'voided')
          AND (s.outcome, s.resolved_by, s.proposed_by, s.late_from) IS NOT DISTINCT FROM
              (NEW.outcome, NEW.resolved_by, NEW.proposed_by, NEW.late_from)) THEN
        RAISE EXCEPTION 'market % has no such result to go back to', NEW.id USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER market_restored BEFORE UPDATE OF status ON market FOR EACH ROW
    WHEN (OLD.status = 'proposed' AND NEW.status IN ('settled', 'voided'))
    EXECUTE FUNCTION check_restored();
"""

PLANS = """
DROP FUNCTION settlement_plan, settlement_terms, settlement_hash;

-- How a market would settle with this outcome. Late bets go back before fee and pool are counted.
-- Sums are numeric, so no product overflows.
CREATE FUNCTION settlement_terms(p_market bigint, p_outcome text) RETURNS TABLE (
    pool numeric, winning numeric, winners bigint, refunded boolean, fee numeric, payout_rule text,
    late numeric)
LANGUAGE sql STABLE AS $$
    SELECT t.pool, t.winning, t.winners, t.winning IN (0, t.pool - t.late),
        CASE WHEN t.winning IN (0, t.pool - t.late) THEN 0
             ELSE least(div((t.pool - t.late) * t.fee_bps, 10000), t.pool - t.late - t.winning) END,
        t.payout_rule, t.late
    FROM (
        SELECT m.fee_bps, m.payout_rule, coalesce(sum(b.stake_cents), 0) AS pool,
            coalesce(sum(b.stake_cents) FILTER (WHERE b.placed_at >= m.late_from), 0) AS late,
            coalesce(sum(b.stake_cents) FILTER (WHERE b.side = p_outcome
                AND (b.placed_at >= m.late_from) IS NOT TRUE), 0) AS winning,
            count(DISTINCT b.player_id) FILTER (WHERE b.side = p_outcome
                AND (b.placed_at >= m.late_from) IS NOT TRUE) AS winners
        FROM market m LEFT JOIN bet b ON b.market_id = m.id
        WHERE m.id = p_market GROUP BY m.id) t
$$;

-- The equal share of a player with several winning bets is spread over them by stake, to the cent.
CREATE FUNCTION settlement_plan(p_market bigint, p_outcome text) RETURNS TABLE (
    bet_id bigint, player_id bigint, side text, stake_cents bigint, payout_cents bigint, kind text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE t record; late_from timestamptz;
BEGIN
    SELECT * INTO STRICT t FROM settlement_terms(p_market, p_outcome);
    SELECT coalesce(m.late_from, 'infinity') INTO late_from FROM market m WHERE m.id = p_market;
    IF t.refunded OR t.payout_rule = 'pro_rata' THEN
        RETURN QUERY SELECT b.id, b.player_id, b.side, b.stake_cents,
            CASE WHEN t.refunded OR b.placed_at >= late_from THEN b.stake_cents
                 WHEN b.side = p_outcome
                 THEN div((t.pool - t.late - t.fee) * b.stake_cents, t.winning)::bigint
                 ELSE 0 END,
            CASE WHEN t.refunded OR b.placed_at >= late_from THEN 'refund' ELSE 'payout' END
        FROM bet b WHERE b.market_id = p_market;
    ELSE
        RETURN QUERY SELECT b.id, b.player_id, b.side, b.stake_cents,
            CASE WHEN b.late THEN b.stake_cents
                 WHEN b.side = p_outcome THEN
                (div(b.share * b.through, b.total)
                 - div(b.share * (b.through - b.stake_cents), b.total))::bigint
                 ELSE 0 END,
            CASE WHEN b.late THEN 'refund' ELSE 'payout' END
        FROM (SELECT bet.*, bet.placed_at >= late_from AS late,
                div(t.pool - t.late - t.fee, t.winners) AS share,
                sum(stake_cents) OVER (PARTITION BY player_id, side, bet.placed_at >= late_from
                                       ORDER BY id) AS through,
                sum(stake_cents) OVER (PARTITION BY player_id, side, bet.placed_at >= late_from)
                    AS total
              FROM bet WHERE market_id = p_market) b;
    END IF;
END $$;

-- What a plan is known by: every line of it, in the order of the bets.
CREATE FUNCTION settlement_hash(p_market bigint, p_version integer DEFAULT 1) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(coalesce(string_agg(
        concat_ws(':', bet_id, player_id, payout_cents, kind), E'\\n' ORDER BY bet_id),
        ''), 'UTF8'))
    FROM settlement_line WHERE market_id = p_market AND version = p_version
$$;

-- What a line's transfer is called. The first version's keys are those of the release before.
CREATE FUNCTION line_key(p_bet bigint, p_version integer) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_version = 1 THEN p_bet::text
                ELSE p_bet::text || ':' || p_version::text END
$$;
"""

DOWNGRADE = """
DROP FUNCTION line_key;
DROP FUNCTION settlement_plan, settlement_terms, settlement_hash;
DROP TRIGGER market_ends_empty ON market;
DROP TRIGGER market_restored ON market;
DROP TRIGGER settlement_signed ON settlement;
DROP FUNCTION check_emptied, check_restored, sign_settlement;
DROP TABLE settlement_chunk;
ALTER TABLE settlement_line DISABLE TRIGGER USER;
UPDATE settlement_line l SET transfer_id = t.id FROM transfer t
WHERE t.scope IN ('payout', 'refund') AND t.key = l.bet_id::text;
ALTER TABLE settlement_line ENABLE TRIGGER USER,
    DROP CONSTRAINT settlement_line_of_plan, DROP CONSTRAINT settlement_line_once,
    DROP CONSTRAINT settlement_line_pkey, DROP COLUMN version, DROP COLUMN kind,
    ADD PRIMARY KEY (market_id, bet_id),
    ADD CONSTRAINT settlement_line_bet_id_key UNIQUE (bet_id),
    ADD CONSTRAINT settlement_line_transfer_id_key UNIQUE (transfer_id);
ALTER TABLE settlement DROP CONSTRAINT settlement_pkey,
    DROP COLUMN version, DROP COLUMN proposed_by, DROP COLUMN resolved_by, DROP COLUMN evidence,
    DROP COLUMN late_from, DROP COLUMN late_cents, ADD PRIMARY KEY (market_id);
ALTER TABLE settlement_line ADD CONSTRAINT settlement_line_market_id_fkey
    FOREIGN KEY (market_id) REFERENCES settlement DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX settlement_line_of_player ON settlement_line (market_id, player_id, bet_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(PLANS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
    _, name, plans = context.script.get_revision("0006").module.FUNCTIONS.partition(
        "-- How a market would"
    )
    op.execute(name + plans)
