"""Staff, players, their PINs, their codes and the limits they set themselves."""

from alembic import op

revision = "0003"
down_revision = "0002"

UPGRADE = """
CREATE TABLE admin (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    phone text UNIQUE,
    role text NOT NULL CHECK (role IN ('owner', 'resolver', 'finance', 'support', 'viewer')),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT kibeezy_now()
);

CREATE TABLE player (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone text NOT NULL UNIQUE CHECK (phone ~ '^\\+254[17][0-9]{8}$'),
    full_name text NOT NULL,
    language text NOT NULL CHECK (language IN ('en', 'sw')),
    adult_confirmed_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    registered_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    kyc_verified_at timestamptz,
    locked_at timestamptz,
    closed_at timestamptz,
    break_until timestamptz,
    withdrawals_paused_until timestamptz,
    news_stopped_at timestamptz
);

CREATE TABLE player_pin (
    player_id bigint PRIMARY KEY REFERENCES player,
    hash text NOT NULL,
    wrong_tries smallint NOT NULL DEFAULT 0,
    locked_until timestamptz,
    changed_at timestamptz NOT NULL DEFAULT kibeezy_now()
);

-- One live code per purpose. The code itself is nowhere: only its keyed hash, once it was drawn.
CREATE TABLE phone_code (
    player_id bigint NOT NULL REFERENCES player,
    purpose text NOT NULL CHECK (purpose IN ('verify', 'pin_reset')),
    code_mac bytea,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz,
    wrong_tries smallint NOT NULL DEFAULT 0,
    locked_until timestamptz,
    day date NOT NULL,
    asked_that_day smallint NOT NULL DEFAULT 1,
    PRIMARY KEY (player_id, purpose)
);

CREATE TABLE player_limit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player_id bigint NOT NULL REFERENCES player,
    kind text NOT NULL CHECK (kind IN ('daily_deposit', 'stake')),
    cents bigint NOT NULL CHECK (cents > 0),
    effective_at timestamptz NOT NULL,
    set_at timestamptz NOT NULL DEFAULT kibeezy_now()
);
CREATE INDEX player_limit_of_player ON player_limit (player_id, kind, effective_at);
"""

DOWNGRADE = "DROP TABLE player_limit, phone_code, player_pin, player, admin;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
