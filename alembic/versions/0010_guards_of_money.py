"""What the database itself holds of money out, the paybill and decisions: guards and movements."""

from alembic import op

revision = "0010"
down_revision = "0009"

GUARDS = """
-- A receipt is claimed by the row that moves money for it, in the same transaction; also by web and
-- worker of the release before, which know nothing of this table.
CREATE FUNCTION claim_receipt() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.receipt IS NULL OR (TG_TABLE_NAME = 'paybill_payment'
                               AND to_jsonb(NEW) ->> 'transfer_id' IS NULL) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM receipt r WHERE r.receipt = NEW.receipt AND NEW.id = CASE TG_TABLE_NAME
            WHEN 'deposit' THEN r.deposit_id WHEN 'withdrawal' THEN r.withdrawal_id
            ELSE r.paybill_id END) THEN
        RETURN NEW;
    END IF;
    EXECUTE format('INSERT INTO receipt (receipt, %I) VALUES ($1, $2)', CASE TG_TABLE_NAME
        WHEN 'deposit' THEN 'deposit_id' WHEN 'withdrawal' THEN 'withdrawal_id'
        ELSE 'paybill_id' END) USING NEW.receipt, NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER deposit_claims_receipt AFTER INSERT OR UPDATE OF receipt ON deposit
    FOR EACH ROW EXECUTE FUNCTION claim_receipt();
CREATE TRIGGER withdrawal_claims_receipt AFTER INSERT OR UPDATE OF receipt ON withdrawal
    FOR EACH ROW EXECUTE FUNCTION claim_receipt();
CREATE TRIGGER paybill_claims_receipt AFTER INSERT OR UPDATE OF transfer_id ON paybill_payment
    FOR EACH ROW EXECUTE FUNCTION claim_receipt();
CREATE TRIGGER receipt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was credited stays credited until it is taken back, and what failed can still turn out paid.
-- Web and worker of the release before make no other changes of state either.
CREATE FUNCTION check_deposit() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.player_id, NEW.amount_cents, NEW.request_key, NEW.reference, NEW.token)
       IS DISTINCT FROM
       (OLD.player_id, OLD.amount_cents, OLD.request_key, OLD.reference, OLD.token)
       OR (OLD.transfer_id IS NOT NULL AND NEW.transfer_id IS DISTINCT FROM OLD.transfer_id)
       OR (OLD.receipt IS NOT NULL AND NEW.receipt IS DISTINCT FROM OLD.receipt)
       OR (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('created', 'submitting'), ('created', 'rejected'),
        ('submitting', 'rejected'), ('submit_unknown', 'rejected'),
        ('submitting', 'submit_unknown'), ('submitting', 'pending'), ('submit_unknown', 'pending'),
        ('submitting', 'failed'), ('submit_unknown', 'failed'), ('pending', 'failed'),
        ('unresolved', 'failed'),
        ('submitting', 'unresolved'), ('submit_unknown', 'unresolved'), ('pending', 'unresolved'),
        ('submitting', 'succeeded'), ('submit_unknown', 'succeeded'), ('pending', 'succeeded'),
        ('failed', 'succeeded'), ('unresolved', 'succeeded'),
        ('succeeded', 'reversed'))) THEN
        RAISE EXCEPTION 'deposit % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER deposit_transition BEFORE UPDATE ON deposit
    FOR EACH ROW EXECUTE FUNCTION check_deposit();

-- Until money has moved, news and proof may tell another story of the same receipt.
CREATE FUNCTION check_paybill() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.receipt <> OLD.receipt
       OR (OLD.transfer_id IS NOT NULL
           AND (NEW.amount_cents, NEW.account, NEW.transfer_id, NEW.proven_by)
               IS DISTINCT FROM (OLD.amount_cents, OLD.account, OLD.transfer_id, OLD.proven_by))
       OR (OLD.state <> 'suspense' AND OLD.transfer_id IS NOT NULL
           AND NEW.player_id IS DISTINCT FROM OLD.player_id)
       OR (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('heard', 'credited'), ('heard', 'suspense'), ('heard', 'echo'), ('heard', 'unproven'),
        ('unproven', 'credited'), ('unproven', 'suspense'), ('unproven', 'echo'),
        ('suspense', 'placed'))) THEN
        RAISE EXCEPTION 'paybill payment % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paybill_transition BEFORE UPDATE ON paybill_payment
    FOR EACH ROW EXECUTE FUNCTION check_paybill();

-- What is paid stays paid; what was given back can only turn out to have been paid after all.
CREATE FUNCTION check_withdrawal() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.player_id, NEW.amount_cents, NEW.fee_cents, NEW.tax_cents, NEW.request_key,
        NEW.originator_id, NEW.token, NEW.hold_transfer_id)
       IS DISTINCT FROM
       (OLD.player_id, OLD.amount_cents, OLD.fee_cents, OLD.tax_cents, OLD.request_key,
        OLD.originator_id, OLD.token, OLD.hold_transfer_id)
       OR (OLD.end_transfer_id IS NOT NULL AND NEW.end_transfer_id <> OLD.end_transfer_id)
       OR (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('requested', 'queued'), ('requested', 'cancelled'), ('queued', 'cancelled'),
        ('requested', 'failed'), ('queued', 'failed'),
        ('queued', 'sending'), ('sending', 'queued'),
        ('sending', 'accepted'), ('sending', 'unknown'), ('accepted', 'unknown'),
        ('accepted', 'manual'), ('unknown', 'manual'),
        ('unknown', 'accepted'),
        ('sending', 'paid'), ('accepted', 'paid'), ('unknown', 'paid'), ('manual', 'paid'),
        ('sending', 'failed'), ('accepted', 'failed'), ('unknown', 'failed'), ('manual', 'failed'),
        ('failed', 'paid_after_release'), ('cancelled', 'paid_after_release'))) THEN
        RAISE EXCEPTION 'withdrawal % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_transition BEFORE UPDATE ON withdrawal
    FOR EACH ROW EXECUTE FUNCTION check_withdrawal();

-- Two people decide, neither of them about money of their own.
CREATE FUNCTION check_decision() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM admin a JOIN player p USING (phone)
               WHERE a.id IN (NEW.proposed_by, NEW.agreed_by) AND p.id = NEW.player_id) THEN
        RAISE EXCEPTION 'decision % is about an admin''s own money', NEW.id USING ERRCODE = 'KB007';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.agreed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL
        OR to_jsonb(NEW) - ARRAY['agreed_by', 'agreed_at', 'withdrawn_at']
           <> to_jsonb(OLD) - ARRAY['agreed_by', 'agreed_at', 'withdrawn_at']) THEN
        RAISE EXCEPTION 'decision % is made', OLD.id USING ERRCODE = 'KB005';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_by_two BEFORE INSERT OR UPDATE ON decision
    FOR EACH ROW EXECUTE FUNCTION check_decision();
"""

SERIES = """
-- A withdrawal belongs to a call as a bet does (0007): made in it once and for all, or never.
CREATE FUNCTION hold_series(p_player bigint, p_scope text, p_key text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(5, series_lock(p_scope, series_of(p_key)));
    IF EXISTS (SELECT FROM given_up g WHERE g.player_id = p_player AND g.scope = p_scope
               AND g.series = series_of(p_key)) THEN
        RAISE EXCEPTION 'the withdrawal % was given up', p_key USING ERRCODE = 'KB009';
    END IF;
END $$;

-- The hold of the player's withdrawal in this series; 0 where there is none and never will be; NULL
-- while one is made.
CREATE FUNCTION give_up_withdrawal(p_player bigint, p_scope text, p_series text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(5, series_lock(p_scope, p_series)) THEN
        RETURN NULL;
    END IF;
    SELECT t.id INTO found
    FROM withdrawal w JOIN transfer t ON t.id = w.hold_transfer_id
    WHERE w.player_id = p_player AND t.scope = p_scope AND series_of(t.key) = p_series
    ORDER BY w.id DESC LIMIT 1;
    IF found IS NULL THEN
        INSERT INTO given_up (player_id, scope, series) VALUES (p_player, p_scope, p_series)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN coalesce(found, 0);
END $$;
"""

MOVEMENTS = """
CREATE OR REPLACE FUNCTION movement_rules()
RETURNS TABLE (kind text, account_kind text, direction integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'mpesa_collection', -1), ('deposit', 'player_available', 1),
        ('freeze', 'player_available', -1), ('freeze', 'player_held', 1),
        ('unfreeze', 'player_held', -1), ('unfreeze', 'player_available', 1),
        ('reversal', 'mpesa_collection', 1), ('reversal', 'player_held', -1),
        ('reversal', 'player_available', -1), ('reversal', 'player_clawback', -1),
        ('paybill', 'mpesa_collection', -1), ('paybill', 'player_available', 1),
        ('suspense', 'mpesa_collection', -1), ('suspense', 'mpesa_suspense', 1),
        ('placement', 'mpesa_suspense', -1), ('placement', 'player_available', 1),
        ('hold', 'player_available', -1), ('hold', 'player_held', 1),
        ('release', 'player_held', -1), ('release', 'player_available', 1),
        ('withdrawal', 'player_held', -1), ('withdrawal', 'mpesa_payout', 1),
        ('withdrawal', 'fee_revenue', 1), ('withdrawal', 'withholding_payable', 1),
        ('clawback', 'player_available', -1), ('clawback', 'player_clawback', -1),
        ('clawback', 'mpesa_payout', 1), ('clawback', 'fee_revenue', 1),
        ('clawback', 'withholding_payable', 1),
        ('stake', 'player_available', -1), ('stake', 'market_side', 1),
        ('payout', 'market_side', 0), ('payout', 'player_available', 1),
        ('refund', 'market_side', -1), ('refund', 'player_available', 1),
        ('fee', 'market_side', -1), ('fee', 'fee_revenue', 1), ('fee', 'rounding', 1),
        ('capital', 'operator_capital', 0), ('capital', 'player_available', 0)
$$;
"""

DOWNGRADE = """
CREATE OR REPLACE FUNCTION movement_rules()
RETURNS TABLE (kind text, account_kind text, direction integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'mpesa_collection', -1), ('deposit', 'player_available', 1),
        ('stake', 'player_available', -1), ('stake', 'market_side', 1),
        ('payout', 'market_side', 0), ('payout', 'player_available', 1),
        ('refund', 'market_side', -1), ('refund', 'player_available', 1),
        ('fee', 'market_side', -1), ('fee', 'fee_revenue', 1), ('fee', 'rounding', 1),
        ('capital', 'operator_capital', 0), ('capital', 'player_available', 0)
$$;
DROP TRIGGER deposit_claims_receipt ON deposit;
DROP TRIGGER withdrawal_claims_receipt ON withdrawal;
DROP TRIGGER paybill_claims_receipt ON paybill_payment;
DROP TRIGGER receipt_append_only ON receipt;
DROP TRIGGER deposit_transition ON deposit;
DROP TRIGGER paybill_transition ON paybill_payment;
DROP TRIGGER withdrawal_transition ON withdrawal;
DROP TRIGGER decision_by_two ON decision;
DROP FUNCTION give_up_withdrawal, hold_series, claim_receipt, check_deposit, check_paybill,
    check_withdrawal, check_decision;
"""


def upgrade() -> None:
    op.execute(GUARDS)
    op.execute(SERIES)
    op.execute(MOVEMENTS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
