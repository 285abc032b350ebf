"""The door for a frozen plan: a function that pays its next lines, and reverses earlier ones."""

from alembic import op

revision = "0014"
down_revision = "0013"

PAYING = """
-- What handles a chunk has no choice of plans: for a thousand lines it walks along indexes. A plan
-- for any number of lines, which is what a session keeps, would read every wallet instead.

-- Pays the lines after (from_player, from_bet) through (to_player, to_bet), by ascending wallet.
-- The hash is Transfer.request_hash in SQL; a losing bet moves nothing. A payout comes from the
-- winners' side, which the closing transfer fills up from the other.
CREATE FUNCTION pay_lines(s settlement, p_player bigint, p_bet bigint, p_actor text, p_second text)
RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    sides bigint[] := ARRAY[
        (SELECT id FROM account WHERE kind = 'market_side' AND market = s.market_id
            AND owner IS NULL AND side = 'yes'),
        (SELECT id FROM account WHERE kind = 'market_side' AND market = s.market_id
            AND owner IS NULL AND side = 'no')];
    winners bigint := sides[CASE s.outcome WHEN 'yes' THEN 1 ELSE 2 END];
    stamp timestamptz := kibeezy_now();
    here bigint := pg_current_xact_id()::text::bigint;
    why text := format('market %s: %s', s.market_id, s.outcome);
BEGIN
    WITH line AS MATERIALIZED (
        SELECT nextval('transfer_id_seq') AS id, l.kind, l.cents, w.id AS wallet,
            line_key(l.bet_id, s.version) AS key,
            CASE l.kind WHEN 'payout' THEN winners
                ELSE sides[CASE (SELECT side FROM bet b WHERE b.id = l.bet_id)
                           WHEN 'yes' THEN 1 ELSE 2 END] END AS side
        FROM (SELECT bet_id, player_id, payout_cents AS cents,
                  coalesce(kind, CASE WHEN s.refunded THEN 'refund' ELSE 'payout' END) AS kind
              FROM settlement_line
              WHERE market_id = s.market_id AND version = s.version AND payout_cents > 0
                AND (player_id, bet_id) > (s.through_player, s.through_bet)
                AND (player_id, bet_id) <= (p_player, p_bet)) l
        JOIN account w ON w.kind = 'player_available' AND w.owner = l.player_id
        ORDER BY w.id, l.bet_id
    ), posted AS (
        INSERT INTO transfer (id, kind, scope, key, request_hash, n_entries, actor, second_actor,
                              reason, posted_at, posted_in) OVERRIDING SYSTEM VALUE
        SELECT id, kind, kind, key, sha256(convert_to(kind || '|None|'
                || least((wallet || ':' || cents) COLLATE "C", side || ':-' || cents) || '|'
                || greatest((wallet || ':' || cents) COLLATE "C", side || ':-' || cents), 'UTF8')),
            2, p_actor, p_second, why, stamp, here
        FROM line
    )
    INSERT INTO entry (transfer_id, account_id, cents)
    SELECT line.id, leg.account, leg.cents
    FROM line CROSS JOIN LATERAL (VALUES (line.wallet, line.cents), (line.side, -line.cents))
        leg (account, cents);
END $$;

-- What the version before paid for the same bets, and how much of it is still in the wallet.
CREATE FUNCTION lines_to_reverse(s settlement, p_player bigint, p_bet bigint) RETURNS TABLE (
    bet_id bigint, owner bigint, transfer_id bigint, wallet bigint, cents bigint, taken bigint)
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
    SELECT bet_id, player_id, transfer_id, wallet, cents,
        greatest(0, least(cents, there - before))::bigint
    FROM (SELECT l.bet_id, l.player_id, t.id AS transfer_id, w.id AS wallet,
              l.payout_cents AS cents, b.cents - b.minimum_cents AS there,
              sum(l.payout_cents) OVER (PARTITION BY l.player_id ORDER BY l.bet_id)
                  - l.payout_cents AS before
          FROM settlement_line l
          JOIN transfer t ON t.scope IN ('payout', 'refund')
              AND t.key = line_key(l.bet_id, s.version - 1)
          JOIN account w ON w.kind = 'player_available' AND w.owner = l.player_id
          JOIN balance b ON b.account_id = w.id
          WHERE l.market_id = s.market_id AND l.version = s.version - 1 AND l.payout_cents > 0
            AND (l.player_id, l.bet_id) > (s.through_player, s.through_bet)
            AND (l.player_id, l.bet_id) <= (p_player, p_bet)) x
$$;

-- Takes back what the version before paid for the same bets: from the wallet what is there, and the
-- rest is owed. The market's sides get back exactly what that transfer took from them.
CREATE FUNCTION reverse_lines(
    s settlement, p_player bigint, p_bet bigint, p_actor text, p_second text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    stamp timestamptz := kibeezy_now();
    here bigint := pg_current_xact_id()::text::bigint;
    why text := format('market %s: corrected to %s', s.market_id, s.outcome);
BEGIN
    INSERT INTO account (kind, owner)
    SELECT DISTINCT 'player_clawback', r.owner FROM lines_to_reverse(s, p_player, p_bet) r
    WHERE r.taken < r.cents
    ON CONFLICT ON CONSTRAINT account_identity DO NOTHING;
    WITH reversal AS MATERIALIZED (
        SELECT nextval('transfer_id_seq') AS id, r.*, d.id AS owing
        FROM lines_to_reverse(s, p_player, p_bet) r
        LEFT JOIN account d ON d.kind = 'player_clawback' AND d.owner = r.owner
    ), leg AS MATERIALIZED (
        SELECT r.id, r.bet_id, r.transfer_id AS reverses, x.account, x.cents
        FROM reversal r CROSS JOIN LATERAL (
            SELECT e.account_id AS account, -e.cents AS cents
            FROM entry e WHERE e.transfer_id = r.transfer_id AND e.account_id <> r.wallet
            UNION ALL SELECT r.wallet, -r.taken WHERE r.taken > 0
            UNION ALL SELECT r.owing, r.taken - r.cents WHERE r.taken < r.cents) x
    ), posted AS (
        INSERT INTO transfer (id, kind, scope, key, request_hash, n_entries, actor, second_actor,
                              reason, reverses, posted_at, posted_in) OVERRIDING SYSTEM VALUE
        SELECT id, 'payout_reversal', 'payout_reversal', line_key(bet_id, s.version - 1),
            sha256(convert_to('payout_reversal|' || reverses || '|' || string_agg(
                account || ':' || cents, '|' ORDER BY (account || ':' || cents) COLLATE "C"),
                'UTF8')),
            count(*), p_actor, p_second, why, reverses, stamp, here
        FROM leg GROUP BY id, bet_id, reverses
    )
    INSERT INTO entry (transfer_id, account_id, cents) SELECT id, account, cents FROM leg;
END $$;

-- Who owes and has money repays, once all lines of a player are paid and earlier ones taken back:
-- after YES, NO and YES again everybody is where the first YES left them. The wallets are locked.
CREATE FUNCTION repay_debts(
    s settlement, p_player bigint, p_bet bigint, p_actor text, p_second text) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    stamp timestamptz := kibeezy_now();
    here bigint := pg_current_xact_id()::text::bigint;
    why text := format('market %s: %s', s.market_id, s.outcome);
BEGIN
    WITH repayment AS MATERIALIZED (
        SELECT nextval('transfer_id_seq') AS id, x.owner, x.wallet, x.debt,
            least(x.there, x.owed)::bigint AS cents
        FROM (SELECT w.owner, w.id AS wallet, d.id AS debt, b.cents - b.minimum_cents AS there,
                  (SELECT -sum(e.cents) FROM entry e WHERE e.account_id = d.id) AS owed
              FROM (SELECT DISTINCT player_id FROM settlement_line
                    WHERE market_id = s.market_id AND version = s.version
                      AND (player_id, bet_id) > (s.through_player, s.through_bet)
                      AND (player_id, bet_id) <= (p_player, p_bet)) l
              JOIN account d ON d.kind = 'player_clawback' AND d.owner = l.player_id
              JOIN account w ON w.kind = 'player_available' AND w.owner = l.player_id
              JOIN balance b ON b.account_id = w.id
              WHERE NOT EXISTS (
                  SELECT FROM settlement_line n
                  WHERE n.market_id = s.market_id AND n.version = s.version
                    AND n.player_id = l.player_id AND (n.player_id, n.bet_id) > (p_player, p_bet))
              ORDER BY w.id) x
        WHERE least(x.there, x.owed) > 0
    ), posted AS (
        INSERT INTO transfer (id, kind, scope, key, request_hash, n_entries, actor, second_actor,
                              reason, posted_at, posted_in) OVERRIDING SYSTEM VALUE
        SELECT id, 'repayment', 'repayment', s.market_id || ':' || s.version || ':' || owner,
            sha256(convert_to('repayment|None|'
                || least((wallet || ':-' || cents) COLLATE "C", debt || ':' || cents) || '|'
                || greatest((wallet || ':-' || cents) COLLATE "C", debt || ':' || cents), 'UTF8')),
            2, p_actor, p_second, why, stamp, here
        FROM repayment
    )
    INSERT INTO entry (transfer_id, account_id, cents)
    SELECT r.id, leg.account, leg.cents
    FROM repayment r CROSS JOIN LATERAL (VALUES (r.wallet, -r.cents), (r.debt, r.cents))
        leg (account, cents);
END $$;

-- The door for a frozen plan: the next lines of the market's settlement, at most p_limit, whole
-- players where they fit; 0 where none is left. It takes nothing from its caller but which market.
-- Lock order: the settlement, then every wallet of the chunk by ascending account.
CREATE FUNCTION settle_next_lines(p_market bigint, p_limit integer,
    OUT lines integer, OUT version integer, OUT through_player bigint, OUT through_bet bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE s settlement; actor text; second text; players bigint[]; bets bigint[];
BEGIN
    lines := 0;
    SELECT x.* INTO s FROM settlement x JOIN market m ON m.id = x.market_id
    WHERE m.id = p_market AND m.version = x.version AND m.status IN ('settling', 'voiding')
    FOR NO KEY UPDATE OF x;
    IF NOT FOUND OR s.finished_at IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(player_id), array_agg(bet_id) INTO players, bets FROM (
        SELECT l.player_id, l.bet_id
        FROM settlement_line l WHERE l.market_id = p_market AND l.version = s.version
          AND (l.player_id, l.bet_id) > (s.through_player, s.through_bet)
        ORDER BY l.player_id, l.bet_id LIMIT p_limit + 1) ahead;
    lines := coalesce(cardinality(bets), 0);
    IF lines = 0 THEN
        RETURN;
    ELSIF lines > p_limit THEN
        -- Whoever is not complete waits for the next chunk, unless nobody is.
        lines := coalesce(nullif(array_position(players, players[lines]) - 1, 0), p_limit);
    END IF;
    version := s.version;
    through_player := players[lines];
    through_bet := bets[lines];
    SELECT coalesce(r.email, 'system'), p.email INTO actor, second
    FROM market m LEFT JOIN admin r ON r.id = m.resolved_by
    LEFT JOIN admin p ON p.id = m.proposed_by AND m.resolved_by IS NOT NULL
    WHERE m.id = p_market;
    PERFORM FROM balance WHERE s.version > 1 AND account_id IN (
        SELECT w.id FROM settlement_line l
        JOIN account w ON w.kind = 'player_available' AND w.owner = l.player_id
        WHERE l.market_id = p_market AND l.version = s.version
          AND (l.player_id, l.bet_id) > (s.through_player, s.through_bet)
          AND (l.player_id, l.bet_id) <= (through_player, through_bet))
    ORDER BY account_id FOR NO KEY UPDATE;
    PERFORM pay_lines(s, through_player, through_bet, actor, second);
    IF s.version > 1 THEN
        PERFORM reverse_lines(s, through_player, through_bet, actor, second);
        PERFORM repay_debts(s, through_player, through_bet, actor, second);
    END IF;
    INSERT INTO settlement_chunk
        (market_id, version, from_player, from_bet, through_player, through_bet)
    VALUES (p_market, s.version, s.through_player, s.through_bet, through_player, through_bet);
    UPDATE settlement x SET through_player = settle_next_lines.through_player,
        through_bet = settle_next_lines.through_bet
    WHERE x.market_id = p_market AND x.version = s.version;
END $$;
REVOKE ALL ON FUNCTION pay_lines, lines_to_reverse, reverse_lines, repay_debts, settle_next_lines
    FROM PUBLIC;
"""

DOWNGRADE = (
    "DROP FUNCTION settle_next_lines, repay_debts, reverse_lines, lines_to_reverse, pay_lines"
)


def upgrade() -> None:
    op.execute(PAYING)


def downgrade() -> None:
    op.execute(DOWNGRADE)
