"""Withdrawals, paybill payments, the provider's statement, and who said what about them."""

from alembic import op

revision = "0009"
down_revision = "0008"

# Deposits whose success was contradicted, and those that M-Pesa took back.
DEPOSITS = """
ALTER TABLE deposit
    ADD COLUMN frozen_cents bigint NOT NULL DEFAULT 0
        CHECK (frozen_cents BETWEEN 0 AND amount_cents),
    ADD COLUMN freeze_transfer_id bigint UNIQUE REFERENCES transfer,
    ADD COLUMN reversal_transfer_id bigint UNIQUE REFERENCES transfer,
    ADD CHECK ((state = 'reversed') = (reversal_transfer_id IS NOT NULL));
"""

TABLES = """
CREATE TABLE withdrawal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player_id bigint NOT NULL REFERENCES player,
    amount_cents bigint NOT NULL CHECK (amount_cents % 100 = 0),
    fee_cents bigint NOT NULL CHECK (fee_cents >= 0 AND fee_cents % 100 = 0),
    tax_cents bigint NOT NULL CHECK (tax_cents >= 0 AND tax_cents % 100 = 0),
    request_key text NOT NULL UNIQUE,
    originator_id text NOT NULL UNIQUE CHECK (originator_id ~ '^[A-Z0-9]{1,20}$'),
    token text NOT NULL UNIQUE CHECK (token ~ '^[0-9a-f]{32}$'),
    state text NOT NULL DEFAULT 'requested' CHECK (state IN (
        'requested', 'queued', 'sending', 'accepted', 'unknown', 'manual',
        'paid', 'failed', 'cancelled', 'paid_after_release')),
    conversation_id text UNIQUE,
    receipt text UNIQUE,
    result_code text,
    review text,
    hold_transfer_id bigint NOT NULL UNIQUE REFERENCES transfer,
    end_transfer_id bigint UNIQUE REFERENCES transfer,
    clawback_transfer_id bigint UNIQUE REFERENCES transfer,
    requested_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    queued_at timestamptz,
    sent_at timestamptz,
    ended_at timestamptz,
    -- M-Pesa pays out whole shillings, KES 10 at least (Safaricom, BusinessToCustomer FAQ 9).
    CHECK (amount_cents - fee_cents - tax_cents >= 1000),
    CHECK ((state IN ('paid', 'failed', 'cancelled', 'paid_after_release'))
           = (end_transfer_id IS NOT NULL)),
    CHECK ((state = 'paid_after_release') = (clawback_transfer_id IS NOT NULL))
);
CREATE INDEX withdrawal_of_player ON withdrawal (player_id, id);
CREATE INDEX withdrawal_open ON withdrawal (state)
    WHERE state NOT IN ('paid', 'failed', 'cancelled', 'paid_after_release');

-- Whether a player's SIM was swapped: asked before a withdrawal is paid.
CREATE TABLE sim_question (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    withdrawal_id bigint NOT NULL UNIQUE REFERENCES withdrawal,
    request_id text UNIQUE,
    asked_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    heeded_at timestamptz
);
-- The answers, which name no number and may be faster than the id of their question.
CREATE TABLE sim_answer (
    request_id text PRIMARY KEY,
    answer text NOT NULL CHECK (answer IN ('swapped', 'not_swapped', 'unclear')),
    swapped_on date,
    heard_at timestamptz NOT NULL DEFAULT kibeezy_now()
);

-- Money that was paid to the paybill without a prompt, or what was heard of it.
CREATE TABLE paybill_payment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt text NOT NULL UNIQUE CHECK (receipt ~ '^[A-Z0-9]{6,20}$'),
    amount_cents bigint NOT NULL CHECK (amount_cents > 0),
    account text NOT NULL CHECK (length(account) <= 40),
    payer text,
    paid_at timestamptz,
    state text NOT NULL DEFAULT 'heard' CHECK (state IN (
        'heard', 'credited', 'suspense', 'placed', 'echo', 'unproven')),
    proven_by text CHECK (proven_by IN ('status', 'statement')),
    reason text,
    deposit_id bigint REFERENCES deposit,
    player_id bigint REFERENCES player,
    transfer_id bigint UNIQUE REFERENCES transfer,
    place_transfer_id bigint UNIQUE REFERENCES transfer,
    heard_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    proven_at timestamptz,
    CHECK ((state IN ('credited', 'suspense', 'placed')) = (transfer_id IS NOT NULL)),
    CHECK ((state = 'placed') = (place_transfer_id IS NOT NULL)),
    CHECK (state NOT IN ('credited', 'placed') OR player_id IS NOT NULL),
    CHECK ((state = 'echo') = (deposit_id IS NOT NULL)),
    CHECK (transfer_id IS NULL OR proven_by IS NOT NULL)
);
CREATE INDEX paybill_payment_open ON paybill_payment (state)
    WHERE state IN ('heard', 'suspense', 'unproven');

-- One question to the provider's Transaction Status, with the token that its answer comes back on.
CREATE TABLE status_question (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token text NOT NULL UNIQUE CHECK (token ~ '^[0-9a-f]{32}$'),
    withdrawal_id bigint REFERENCES withdrawal,
    deposit_id bigint REFERENCES deposit,
    paybill_id bigint REFERENCES paybill_payment,
    conversation_id text UNIQUE,
    asked_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    answered_at timestamptz,
    CHECK (num_nonnulls(withdrawal_id, deposit_id, paybill_id) = 1)
);
CREATE INDEX status_question_of_withdrawal ON status_question (withdrawal_id, id);
CREATE INDEX status_question_of_deposit ON status_question (deposit_id, id);
CREATE INDEX status_question_of_paybill ON status_question (paybill_id, id);

ALTER TABLE provider_callback
    ALTER COLUMN deposit_id DROP NOT NULL,
    ADD COLUMN withdrawal_id bigint REFERENCES withdrawal,
    ADD COLUMN question_id bigint REFERENCES status_question,
    ADD CHECK (num_nonnulls(deposit_id, withdrawal_id, question_id) = (kind <> 'c2b')::integer);
CREATE INDEX provider_callback_of_withdrawal ON provider_callback (withdrawal_id, id);
CREATE INDEX provider_callback_of_question ON provider_callback (question_id, id);

-- Each receipt of M-Pesa's moves money here once, whichever way it came in or went out.
CREATE TABLE receipt (
    receipt text PRIMARY KEY,
    deposit_id bigint UNIQUE REFERENCES deposit,
    paybill_id bigint UNIQUE REFERENCES paybill_payment,
    withdrawal_id bigint UNIQUE REFERENCES withdrawal,
    claimed_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    CHECK (num_nonnulls(deposit_id, paybill_id, withdrawal_id) = 1)
);
INSERT INTO receipt (receipt, deposit_id)
SELECT receipt, id FROM deposit WHERE receipt IS NOT NULL;

-- What a person says became of money that the provider left unclear; another person must agree.
CREATE TABLE decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deposit_id bigint REFERENCES deposit,
    withdrawal_id bigint REFERENCES withdrawal,
    paybill_id bigint REFERENCES paybill_payment,
    player_id bigint NOT NULL REFERENCES player,
    outcome text NOT NULL CHECK (outcome IN ('confirmed', 'reversed', 'paid', 'failed', 'placed')),
    receipt text,
    evidence text NOT NULL CHECK (evidence <> ''),
    proposed_by bigint NOT NULL REFERENCES admin,
    proposed_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    agreed_by bigint REFERENCES admin CHECK (agreed_by <> proposed_by),
    agreed_at timestamptz,
    withdrawn_at timestamptz,
    CHECK (num_nonnulls(deposit_id, withdrawal_id, paybill_id) = 1),
    CHECK ((agreed_by IS NULL) = (agreed_at IS NULL))
);
CREATE UNIQUE INDEX decision_open_deposit ON decision (deposit_id)
    WHERE agreed_at IS NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX decision_open_withdrawal ON decision (withdrawal_id)
    WHERE agreed_at IS NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX decision_open_paybill ON decision (paybill_id)
    WHERE agreed_at IS NULL AND withdrawn_at IS NULL;

CREATE TABLE statement_import (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL CHECK (source IN ('csv', 'pull')),
    money text NOT NULL CHECK (money IN ('in', 'out')),
    covers_from timestamptz NOT NULL,
    covers_to timestamptz NOT NULL CHECK (covers_to > covers_from),
    n_lines integer NOT NULL,
    n_new integer NOT NULL,
    imported_by bigint REFERENCES admin,
    imported_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    approved_by bigint REFERENCES admin,
    approved_at timestamptz,
    -- A file is the word of who brings it, and it may move money.
    CHECK (source <> 'csv' OR imported_by IS NOT NULL),
    CHECK (approved_by <> imported_by),
    CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);
CREATE TABLE statement_line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id bigint NOT NULL REFERENCES statement_import,
    receipt text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('paid_in', 'paid_out', 'reversal', 'charge', 'other')),
    amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
    completed_at timestamptz NOT NULL,
    account text,
    party text,
    details text,
    linked_receipt text,
    matched_at timestamptz,
    break text,
    UNIQUE (receipt, kind)
);
CREATE INDEX statement_line_unmatched ON statement_line (id) WHERE matched_at IS NULL;
-- What another statement says of the same movement, where it is another amount.
CREATE TABLE statement_other_amount (
    line_id bigint NOT NULL REFERENCES statement_line,
    import_id bigint NOT NULL REFERENCES statement_import,
    amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
    PRIMARY KEY (line_id, import_id, amount_cents)
);
"""

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
DROP TABLE statement_other_amount, statement_line, statement_import, decision, receipt;
DELETE FROM provider_callback WHERE deposit_id IS NULL;
ALTER TABLE provider_callback
    DROP COLUMN withdrawal_id, DROP COLUMN question_id, ALTER COLUMN deposit_id SET NOT NULL;
DROP TABLE status_question, paybill_payment, sim_answer, sim_question, withdrawal;
ALTER TABLE deposit DROP COLUMN frozen_cents, DROP COLUMN freeze_transfer_id,
    DROP COLUMN reversal_transfer_id;
DROP FUNCTION give_up_withdrawal, hold_series, claim_receipt, check_withdrawal, check_decision;
"""


def upgrade() -> None:
    op.execute(DEPOSITS)
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(SERIES)
    op.execute(MOVEMENTS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
