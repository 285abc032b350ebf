"""What the application's login could still do with an injected statement, and now cannot."""

from alembic import op

revision = "0018"
down_revision = "0017"

# A temporary table stands before ours wherever a function does not say where it looks. What runs
# for each bet and each line of a settlement names the schema instead: to set the path takes longer
# than the look itself.
PLACES = """
CREATE OR REPLACE FUNCTION kibeezy_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE
AS 'SELECT clock_timestamp() + ahead FROM public.clock';

DO $$
DECLARE guard regprocedure;
BEGIN
    FOR guard IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                 AND (prorettype = 'trigger'::regtype OR prosecdef)
                 AND proname NOT IN ('stamp_transfer', 'freeze_plan', 'refuse_change') LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', guard);
    END LOOP;
END $$;
"""

REASONS = """
-- One wallet a player: a second one would stand beside it under half of a market.
ALTER TABLE account ADD CONSTRAINT account_market_has_side
    CHECK ((market IS NULL) = (side IS NULL));

-- A movement is made for something, and what it is for stands there when the transaction ends.
CREATE FUNCTION check_purpose() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    CASE NEW.kind
        WHEN 'stake' THEN PERFORM FROM public.bet WHERE transfer_id = NEW.id;
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
-- What a settlement moves is left to the invariants: a million looks more take too long.
CREATE CONSTRAINT TRIGGER transfer_has_purpose AFTER INSERT ON transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind NOT IN (
        'payout', 'refund', 'fee', 'payout_reversal', 'fee_reversal', 'capital'))
    EXECUTE FUNCTION check_purpose();

-- A bet is what its transfer staked, on a market that was open when it was judged. Of all transfers
-- only a stake moves money this way, and every older one has a bet already.
CREATE FUNCTION check_bet() RETURNS trigger
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
      OR (SELECT m.status <> 'open' OR NEW.placed_at >= m.closes_at
          FROM public.market m WHERE m.id = NEW.market_id) THEN
        RAISE EXCEPTION 'bet % is not what was staked on an open market', NEW.id
            USING ERRCODE = 'KB016';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bet_is_staked BEFORE INSERT ON bet FOR EACH ROW EXECUTE FUNCTION check_bet();
"""

BEGINNINGS = """
-- What goes from state to state begins with the first: else it would pass the guards of its way.
CREATE FUNCTION refuse_beginning() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'no % begins like this', TG_TABLE_NAME USING ERRCODE = 'KB006';
END $$;
CREATE TRIGGER market_begins BEFORE INSERT ON market FOR EACH ROW
    WHEN (NEW.status <> 'draft' OR NEW.version <> 1 OR num_nonnulls(
        NEW.approved_by, NEW.proposed_by, NEW.resolved_by, NEW.outcome, NEW.settled_at) > 0)
    EXECUTE FUNCTION refuse_beginning();
CREATE TRIGGER decision_begins BEFORE INSERT ON decision FOR EACH ROW
    WHEN (num_nonnulls(NEW.agreed_by, NEW.agreed_at, NEW.withdrawn_at) > 0)
    EXECUTE FUNCTION refuse_beginning();
CREATE TRIGGER statement_import_begins BEFORE INSERT ON statement_import FOR EACH ROW
    WHEN (num_nonnulls(NEW.approved_by, NEW.approved_at) > 0)
    EXECUTE FUNCTION refuse_beginning();
CREATE TRIGGER settlement_begins BEFORE INSERT ON settlement FOR EACH ROW
    WHEN (NEW.finished_at IS NOT NULL OR NEW.through_player <> 0 OR NEW.through_bet <> 0)
    EXECUTE FUNCTION refuse_beginning();
CREATE TRIGGER settlement_line_begins BEFORE INSERT ON settlement_line FOR EACH ROW
    WHEN (NEW.transfer_id IS NOT NULL) EXECUTE FUNCTION refuse_beginning();

-- A line of the provider's that explains a movement of ours goes on saying what it said.
CREATE TRIGGER statement_line_kept BEFORE UPDATE ON statement_line FOR EACH ROW
    WHEN (OLD.matched_at IS NOT NULL AND
          (NEW.receipt, NEW.kind, NEW.amount_cents, NEW.import_id, NEW.matched_at) IS DISTINCT FROM
          (OLD.receipt, OLD.kind, OLD.amount_cents, OLD.import_id, OLD.matched_at))
    EXECUTE FUNCTION refuse_change();
"""

DOWNGRADE = """
DROP TRIGGER statement_line_kept ON statement_line;
DROP TRIGGER settlement_line_begins ON settlement_line;
DROP TRIGGER settlement_begins ON settlement;
DROP TRIGGER statement_import_begins ON statement_import;
DROP TRIGGER decision_begins ON decision;
DROP TRIGGER market_begins ON market;
DROP TRIGGER bet_is_staked ON bet;
DROP TRIGGER transfer_has_purpose ON transfer;
DROP FUNCTION refuse_beginning, check_bet, check_purpose;
ALTER TABLE account DROP CONSTRAINT account_market_has_side;
DO $$
DECLARE guard regprocedure;
BEGIN
    FOR guard IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                 AND prorettype = 'trigger'::regtype AND NOT prosecdef LOOP
        EXECUTE format('ALTER FUNCTION %s RESET search_path', guard);
    END LOOP;
END $$;
CREATE OR REPLACE FUNCTION kibeezy_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE
AS 'SELECT clock_timestamp() + ahead FROM clock';
"""


def upgrade() -> None:
    op.execute(PLACES)
    op.execute(REASONS)
    op.execute(BEGINNINGS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
