"""Deposits and what the provider said about them."""

from alembic import op

revision = "0005"
down_revision = "0004"

UPGRADE = """
CREATE TABLE deposit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player_id bigint NOT NULL REFERENCES player,
    amount_cents bigint NOT NULL CHECK (amount_cents > 0 AND amount_cents % 100 = 0),
    request_key text NOT NULL UNIQUE,
    reference text NOT NULL UNIQUE CHECK (length(reference) <= 12),
    token text NOT NULL UNIQUE CHECK (token ~ '^[0-9a-f]{32}$'),
    state text NOT NULL DEFAULT 'created' CHECK (state IN (
        'created', 'submitting', 'pending', 'rejected', 'submit_unknown',
        'succeeded', 'failed', 'unresolved', 'reversed')),
    merchant_request_id text,
    checkout_request_id text UNIQUE,
    receipt text UNIQUE,
    result_code text,
    review text,
    transfer_id bigint UNIQUE REFERENCES transfer,
    requested_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    pushed_at timestamptz,
    succeeded_at timestamptz,
    confirmed_at timestamptz,
    query_zero_at timestamptz,
    CHECK ((state IN ('succeeded', 'reversed')) = (transfer_id IS NOT NULL))
);
CREATE INDEX deposit_of_player ON deposit (player_id, requested_at);
-- One live prompt per phone, whatever races.
CREATE UNIQUE INDEX deposit_one_live_push ON deposit (player_id)
    WHERE state IN ('created', 'submitting');

-- Kept as received, with phone numbers masked, before the answer: delivery is one-shot.
CREATE TABLE provider_callback (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    deposit_id bigint NOT NULL REFERENCES deposit,
    body text NOT NULL,
    trusted boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    processed_at timestamptz,
    verdict text
);
CREATE INDEX provider_callback_of_deposit ON provider_callback (deposit_id, id);
"""

DOWNGRADE = "DROP TABLE provider_callback, deposit;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
