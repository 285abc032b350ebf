"""Who locked an account and why; players are found by the end of a number and by name."""

from alembic import op

revision = "0028"
down_revision = "0027"

# The indexes are by bytes, so that they serve what a text begins with.
UPGRADE = """
ALTER TABLE player
    ADD COLUMN locked_by text,
    ADD COLUMN locked_why text,
    ADD CONSTRAINT player_locked CHECK (
        (locked_by IS NULL) = (locked_why IS NULL)
        AND (locked_by IS NULL OR locked_at IS NOT NULL));
CREATE INDEX player_phone_end ON player (reverse(phone) text_pattern_ops);
CREATE INDEX player_name ON player (lower(full_name) text_pattern_ops, id);

-- Of everything that is written down the little that people of ours did.
CREATE INDEX audit_event_by_staff ON audit_event (id) WHERE position('@' IN actor) > 0;

CREATE INDEX sms_in_received_at ON sms_in (received_at);

-- What went wrong with SMS: of a million the few that a person looks for.
CREATE INDEX sms_out_gone_wrong ON sms_out (status, id)
    WHERE status IN ('refused', 'unknown', 'undelivered', 'dropped');
"""

DOWNGRADE = """
DROP INDEX sms_out_gone_wrong;
DROP INDEX sms_in_received_at;
DROP INDEX audit_event_by_staff;
DROP INDEX player_name;
DROP INDEX player_phone_end;
ALTER TABLE player
    DROP CONSTRAINT player_locked,
    DROP COLUMN locked_by,
    DROP COLUMN locked_why;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
