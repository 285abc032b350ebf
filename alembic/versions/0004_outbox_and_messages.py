"""What must reach the network, written with the money; and the messages themselves."""

from alembic import op

revision = "0004"
down_revision = "0003"

UPGRADE = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    key text UNIQUE,
    priority smallint NOT NULL DEFAULT 50,
    due_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    attempts integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    done_at timestamptz,
    set_aside_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT kibeezy_now()
);
CREATE INDEX outbox_waiting ON outbox (priority, due_at, id)
    WHERE done_at IS NULL AND set_aside_at IS NULL;

-- body is empty for codes: they are drawn, sent and forgotten.
CREATE TABLE sms_out (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player_id bigint REFERENCES player,
    phone text NOT NULL,
    kind text NOT NULL,
    body text,
    status text NOT NULL DEFAULT 'queued' CHECK (status IN (
        'queued', 'sending', 'accepted', 'unknown', 'refused', 'interim',
        'delivered', 'undelivered')),
    provider_id text UNIQUE,
    provider_status text,
    failure text,
    cost text,
    parts smallint,
    queued_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    sent_at timestamptz,
    reported_at timestamptz
);
CREATE INDEX sms_out_of_player ON sms_out (player_id, id);

CREATE TABLE sms_in (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider_id text NOT NULL UNIQUE,
    phone text NOT NULL,
    body_redacted text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT kibeezy_now()
);
CREATE INDEX sms_in_of_phone ON sms_in (phone, received_at);

-- What the network said of a message, whether we know the message yet or not.
CREATE TABLE sms_report (
    provider_id text NOT NULL,
    status text NOT NULL,
    failure text,
    network text,
    times integer NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    PRIMARY KEY (provider_id, status)
);
"""

DOWNGRADE = "DROP TABLE sms_report, sms_in, sms_out, outbox;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
