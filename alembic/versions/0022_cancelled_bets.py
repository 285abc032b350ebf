"""Bets that their players take back: `bet` holds those that stand, `cancelled_bet` the others.

So whatever reads `bet` (pools, plans, limits, disputes) knows nothing of a cancelled one, and
neither does a process of the release before. The downgrade takes functions from where they were
written.
"""

from alembic import context, op

revision = "0022"
down_revision = "0021"

TABLES = """
CREATE TABLE cancelled_bet (
    bet_id bigint PRIMARY KEY,
    market_id bigint NOT NULL REFERENCES market,
    player_id bigint NOT NULL REFERENCES player,
    side text NOT NULL,
    stake_cents bigint NOT NULL,
    transfer_id bigint NOT NULL UNIQUE REFERENCES transfer,
    placed_at timestamptz NOT NULL,
    reversal_transfer_id bigint NOT NULL UNIQUE REFERENCES transfer,
    cancelled_at timestamptz NOT NULL,
    CONSTRAINT cancelled_bet_in_time
        CHECK (cancelled_at >= placed_at AND cancelled_at < placed_at + interval '5 minutes')
);
CREATE INDEX cancelled_bet_of_player ON cancelled_bet (player_id, bet_id);
-- What a player has bet of late, or today.
CREATE INDEX bet_of_player_lately ON bet (player_id, placed_at);

-- Bets by SMS are the one thing that a player may limit to nothing.
ALTER TABLE player_limit
    DROP CONSTRAINT player_limit_kind_check, DROP CONSTRAINT player_limit_cents_check,
    ADD CONSTRAINT player_limit_kind_check
        CHECK (kind IN ('daily_deposit', 'stake', 'sms_stake')),
    ADD CONSTRAINT player_limit_cents_check
        CHECK (cents > 0 OR kind = 'sms_stake' AND cents = 0);
"""

GUARDS = """
-- What was staked goes back to the cent, once, while the market takes bets and within 5 minutes.
-- Whoever closes, suspends or settles a market changes its row, and one of the two waits for the
-- other. Who cancels says only which bet, and by what; the rest is the bet's own. One of this
-- transaction cannot be cancelled: it could be written down again, for money that is back.
CREATE FUNCTION check_cancelling() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE b bet; m market; here bigint := pg_current_xact_id()::text::bigint;
BEGIN
    SELECT * INTO b FROM bet WHERE id = NEW.bet_id FOR UPDATE;
    SELECT * INTO m FROM market WHERE id = b.market_id FOR SHARE;
    NEW.cancelled_at := kibeezy_now();
    IF m.id IS NULL OR m.status <> 'open' OR NEW.cancelled_at >= m.closes_at
      OR NEW.cancelled_at >= b.placed_at + interval '5 minutes'
      OR EXISTS (SELECT FROM transfer t WHERE t.id = b.transfer_id AND t.posted_in = here)
      OR NOT EXISTS (SELECT FROM transfer t WHERE t.id = NEW.reversal_transfer_id
                     AND t.kind = 'stake_reversal' AND t.reverses = b.transfer_id)
      OR (SELECT array_agg(format('%s:%s', e.account_id, e.cents) ORDER BY e.account_id)
          FROM entry e WHERE e.transfer_id = NEW.reversal_transfer_id)
         IS DISTINCT FROM
         (SELECT array_agg(format('%s:%s', e.account_id, -e.cents) ORDER BY e.account_id)
          FROM entry e WHERE e.transfer_id = b.transfer_id) THEN
        RAISE EXCEPTION 'bet % cannot be cancelled so', NEW.bet_id USING ERRCODE = 'KB016';
    END IF;
    NEW.market_id := b.market_id;
    NEW.player_id := b.player_id;
    NEW.side := b.side;
    NEW.stake_cents := b.stake_cents;
    NEW.transfer_id := b.transfer_id;
    NEW.placed_at := b.placed_at;
    RETURN NEW;
END $$;
CREATE TRIGGER cancelled_bet_is_given_back BEFORE INSERT ON cancelled_bet
    FOR EACH ROW EXECUTE FUNCTION check_cancelling();

CREATE FUNCTION take_bet_out() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM bet WHERE id = NEW.bet_id;
    RETURN NULL;
END $$;
CREATE TRIGGER cancelled_bet_stands_no_more AFTER INSERT ON cancelled_bet
    FOR EACH ROW EXECUTE FUNCTION take_bet_out();
CREATE TRIGGER cancelled_bet_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cancelled_bet
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_leaving() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM cancelled_bet c WHERE c.transfer_id = OLD.transfer_id) THEN
        RAISE EXCEPTION 'bet % stands', OLD.id USING ERRCODE = 'KB003';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER bet_leaves_only_cancelled BEFORE DELETE ON bet
    FOR EACH ROW EXECUTE FUNCTION check_leaving();

-- As before, and a reversal of a stake has its cancelled bet.
CREATE OR REPLACE FUNCTION check_purpose() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    CASE NEW.kind
        WHEN 'stake' THEN PERFORM FROM public.bet WHERE transfer_id = NEW.id;
        WHEN 'stake_reversal' THEN
            PERFORM FROM public.cancelled_bet WHERE reversal_transfer_id = NEW.id;
        WHEN 'deposit' THEN PERFORM FROM public.deposit WHERE transfer_id = NEW.id;
        WHEN 'freeze' THEN PERFORM FROM public.deposit WHERE freeze_transfer_id = NEW.id;
        WHEN 'unfreeze' THEN PERFORM FROM public.deposit WHERE freeze_transfer_id = NEW.reverses;
        WHEN 'reversal' THEN PERFORM FROM public.deposit WHERE reversal_transfer_id = NEW.id;
        WHEN 'paybill' THEN PERFORM FROM public.paybill_payment WHERE transfer_id = NEW.id;
        WHEN 'suspense' THEN PERFORM FROM public.paybill_payment WHERE transfer_id = NEW.id;
        WHEN 'placement' THEN PERFORM FROM public.paybill_payment WHERE place_transfer_id = NEW.id;
        WHEN 'hold' THEN PERFORM FROM public.withdrawal WHERE hold_transfer_id = NEW.id;
        WHEN 'release' THEN PERFORM FROM public.withdrawal WHERE end_transfer_id = NEW.id;
        WHEN 'withdrawal' THEN PERFORM FROM public.withdrawal WHERE end_transfer_id = NEW.id;
        WHEN 'clawback' THEN PERFORM FROM public.withdrawal WHERE clawback_transfer_id = NEW.id;
        -- Of a debt, by who owes it, and never more than is owed.
        WHEN 'repayment' THEN PERFORM FROM public.entry e
            JOIN public.account d ON d.id = e.account_id AND d.kind = 'player_clawback'
            JOIN public.account w ON w.owner = d.owner AND w.kind = 'player_available'
            JOIN public.entry p ON p.transfer_id = e.transfer_id AND p.account_id = w.id
            WHERE e.transfer_id = NEW.id AND 0 >= (
                SELECT sum(o.cents) FROM public.entry o WHERE o.account_id = d.id);
    END CASE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'transfer % is a % of nothing', NEW.id, NEW.kind USING ERRCODE = 'KB016';
    END IF;
    RETURN NULL;
END $$;

-- As before, and a bet is written down with its stake: later, the stake may be back already.
CREATE OR REPLACE FUNCTION check_bet() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF -NEW.stake_cents IS DISTINCT FROM (
        SELECT e.cents FROM public.entry e
        WHERE e.transfer_id = NEW.transfer_id AND e.account_id = (
            SELECT a.id FROM public.account a
            WHERE a.kind = 'player_available' AND a.owner = NEW.player_id))
      OR NEW.stake_cents IS DISTINCT FROM (
        SELECT e.cents FROM public.entry e
        WHERE e.transfer_id = NEW.transfer_id AND e.account_id = (
            SELECT a.id FROM public.account a
            WHERE a.kind = 'market_side' AND a.market = NEW.market_id AND a.side = NEW.side))
      OR pg_current_xact_id()::text::bigint IS DISTINCT FROM (
        SELECT t.posted_in FROM public.transfer t WHERE t.id = NEW.transfer_id)
      OR (SELECT m.status <> 'open' OR NEW.placed_at >= m.closes_at
          FROM public.market m WHERE m.id = NEW.market_id) THEN
        RAISE EXCEPTION 'bet % is not what was staked on an open market', NEW.id
            USING ERRCODE = 'KB016';
    END IF;
    RETURN NEW;
END $$;
"""

MOVEMENTS = """
CREATE OR REPLACE FUNCTION movement_rules()
RETURNS TABLE (kind text, account_kind text, direction integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'mpesa_collection', -1), ('deposit', 'player_available', 1),
        ('deposit', 'excise_payable', 1),
        ('freeze', 'player_available', -1), ('freeze', 'player_held', 1),
        ('unfreeze', 'player_held', -1), ('unfreeze', 'player_available', 1),
        ('reversal', 'mpesa_collection', 1), ('reversal', 'player_held', -1),
        ('reversal', 'player_available', -1), ('reversal', 'player_clawback', -1),
        ('reversal', 'excise_payable', -1),
        ('paybill', 'mpesa_collection', -1), ('paybill', 'player_available', 1),
        ('paybill', 'excise_payable', 1),
        ('suspense', 'mpesa_collection', -1), ('suspense', 'mpesa_suspense', 1),
        ('placement', 'mpesa_suspense', -1), ('placement', 'player_available', 1),
        ('placement', 'excise_payable', 1),
        ('hold', 'player_available', -1), ('hold', 'player_held', 1),
        ('release', 'player_held', -1), ('release', 'player_available', 1),
        ('withdrawal', 'player_held', -1), ('withdrawal', 'mpesa_payout', 1),
        ('withdrawal', 'fee_revenue', 1), ('withdrawal', 'withholding_payable', 1),
        ('clawback', 'player_available', -1), ('clawback', 'player_clawback', -1),
        ('clawback', 'mpesa_payout', 1), ('clawback', 'fee_revenue', 1),
        ('clawback', 'withholding_payable', 1),
        ('stake', 'player_available', -1), ('stake', 'market_side', 1),
        ('stake_reversal', 'market_side', -1), ('stake_reversal', 'player_available', 1),
        ('payout', 'market_side', 0), ('payout', 'player_available', 1),
        ('refund', 'market_side', -1), ('refund', 'player_available', 1),
        ('fee', 'market_side', 0), ('fee', 'fee_revenue', 1), ('fee', 'rounding', 1),
        ('payout_reversal', 'market_side', 0), ('payout_reversal', 'player_available', -1),
        ('payout_reversal', 'player_clawback', -1),
        ('repayment', 'player_available', -1), ('repayment', 'player_clawback', 1),
        ('fee_reversal', 'market_side', 0), ('fee_reversal', 'fee_revenue', -1),
        ('fee_reversal', 'rounding', -1),
        ('capital', 'operator_capital', 0), ('capital', 'player_available', 0)
$$;
"""

FUNCTIONS = """
-- As before; a bet that was cancelled since was placed all the same.
CREATE OR REPLACE FUNCTION give_up_bet(p_player bigint, p_scope text, p_series text) RETURNS bigint
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
    FROM (SELECT transfer_id FROM bet WHERE player_id = p_player
          UNION ALL SELECT transfer_id FROM cancelled_bet WHERE player_id = p_player) b
    JOIN transfer t ON t.id = b.transfer_id
    WHERE t.scope = p_scope AND series_of(t.key) = p_series
    ORDER BY t.id DESC LIMIT 1;
    IF found IS NULL THEN
        INSERT INTO given_up (player_id, scope, series) VALUES (p_player, p_scope, p_series)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN coalesce(found, 0);
END $$;
"""

DOWNGRADE = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM cancelled_bet)
       OR EXISTS (SELECT FROM player_limit WHERE kind = 'sms_stake') THEN
        RAISE EXCEPTION 'the release before knows neither cancelled bets nor limits of bets by SMS';
    END IF;
END $$;
DROP INDEX bet_of_player_lately;
DROP TRIGGER bet_leaves_only_cancelled ON bet;
DROP TABLE cancelled_bet;
DROP FUNCTION check_cancelling, take_bet_out, check_leaving;
ALTER TABLE player_limit
    DROP CONSTRAINT player_limit_kind_check, DROP CONSTRAINT player_limit_cents_check,
    ADD CONSTRAINT player_limit_kind_check CHECK (kind IN ('daily_deposit', 'stake')),
    ADD CONSTRAINT player_limit_cents_check CHECK (cents > 0);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(MOVEMENTS)
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
    op.execute(context.script.get_revision("0015").module.MOVEMENTS)
    reasons = context.script.get_revision("0018").module.REASONS
    for name in ("check_purpose", "check_bet"):
        op.execute(_replaced(reasons, name))
    op.execute(_replaced(context.script.get_revision("0007").module.FUNCTIONS, "give_up_bet"))


def _replaced(source: str, name: str) -> str:
    """The function of this name, as it was written there."""
    _, head, rest = source.partition(f"CREATE FUNCTION {name}(")
    body, end, _ = rest.partition("END $$;")
    return head.replace("CREATE", "CREATE OR REPLACE", 1) + body + end
