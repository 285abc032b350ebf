"""Who carries the SMS, and what went wrong with whom."""

from alembic import op

revision = "0020"
down_revision = "0019"

# A message that went well says so in sms_out, so only what failed needs a row of its own.
UPGRADE = """
CREATE TABLE sms_route (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    carrier text NOT NULL CHECK (carrier IN ('africas_talking', 'infobip')),
    since timestamptz NOT NULL DEFAULT kibeezy_now(),
    why text NOT NULL,
    forced_by text,
    stay_minutes integer NOT NULL CHECK (stay_minutes > 0),
    probe_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    hurried_at timestamptz NOT NULL DEFAULT kibeezy_now()
);
INSERT INTO sms_route (carrier, why, stay_minutes)
    VALUES ('africas_talking', 'As it was set up.', 10);

CREATE TABLE sms_failure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    carrier text NOT NULL CHECK (carrier IN ('africas_talking', 'infobip')),
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT kibeezy_now()
);
CREATE INDEX sms_failure_lately ON sms_failure (at);
CREATE INDEX sms_out_accepted ON sms_out (accepted_at) WHERE accepted_at IS NOT NULL;
"""

DOWNGRADE = """
DROP INDEX sms_out_accepted;
DROP TABLE sms_failure, sms_route;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
