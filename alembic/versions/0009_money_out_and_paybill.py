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

DOWNGRADE = """
DROP TABLE statement_other_amount, statement_line, statement_import, decision, receipt;
DELETE FROM provider_callback WHERE deposit_id IS NULL;
ALTER TABLE provider_callback
    DROP COLUMN withdrawal_id, DROP COLUMN question_id, ALTER COLUMN deposit_id SET NOT NULL;
DROP TABLE status_question, paybill_payment, sim_answer, sim_question, withdrawal;
ALTER TABLE deposit DROP COLUMN frozen_cents, DROP COLUMN freeze_transfer_id,
    DROP COLUMN reversal_transfer_id;
"""


def upgrade() -> None:
    op.execute(DEPOSITS)
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(DOWNGRADE)
