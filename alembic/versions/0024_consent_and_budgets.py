"""Who wants no news before registering, what an SMS is no longer worth sending, and how many go."""

from alembic import op

revision = "0024"
down_revision = "0023"

# until: news is moot from then on. used_at: the code that was sent was typed back.
UPGRADE = """
ALTER TABLE sms_out
    ADD COLUMN until timestamptz,
    ADD COLUMN used_at timestamptz,
    DROP CONSTRAINT sms_out_status_check,
    ADD CONSTRAINT sms_out_status_check CHECK (status IN (
        'queued', 'sending', 'accepted', 'unknown', 'refused', 'interim',
        'delivered', 'undelivered', 'dropped'));
CREATE INDEX sms_out_codes ON sms_out (sent_at) WHERE kind = 'code';

-- Numbers that no player has; a player's own wish stands in news_stopped_at.
CREATE TABLE stopped_number (
    phone text PRIMARY KEY,
    stopped_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    resumed_at timestamptz
);

-- How often since a moment something was done that costs us money, and how often it may be: codes,
-- answers to strangers.
CREATE TABLE sms_budget (
    scope text NOT NULL,
    since timestamptz NOT NULL,
    spent integer NOT NULL DEFAULT 1 CHECK (spent >= 0),
    most integer NOT NULL,
    PRIMARY KEY (scope, since)
);
CREATE INDEX sms_budget_since ON sms_budget (since);

-- How much a number has written lately, and until when it is not answered.
CREATE TABLE sms_writer (
    phone text PRIMARY KEY,
    since timestamptz,
    written integer NOT NULL DEFAULT 0,
    day date,
    written_that_day integer NOT NULL DEFAULT 0,
    silent_until timestamptz
);
"""

DOWNGRADE = """
DROP TABLE sms_writer, sms_budget, stopped_number;
DROP INDEX sms_out_codes;
UPDATE sms_out SET status = 'refused' WHERE status = 'dropped';
ALTER TABLE sms_out
    DROP CONSTRAINT sms_out_status_check,
    ADD CONSTRAINT sms_out_status_check CHECK (status IN (
        'queued', 'sending', 'accepted', 'unknown', 'refused', 'interim',
        'delivered', 'undelivered')),
    DROP COLUMN until,
    DROP COLUMN used_at;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
