"""What is asked of SMS later: which were missed or sent again, and how each network does."""

from alembic import op

revision = "0021"
down_revision = "0020"

# counted_parts: our own count of segments, beside the provider's.
# Of a report, price and parts come from a provider that names them only there.
UPGRADE = """
ALTER TABLE sms_out
    ADD COLUMN resend_of bigint REFERENCES sms_out,
    ADD COLUMN counted_parts smallint;
ALTER TABLE sms_report
    ADD COLUMN cost_micros bigint CHECK (cost_micros >= 0),
    ADD COLUMN cost_currency text,
    ADD COLUMN parts smallint,
    ADD CONSTRAINT sms_report_cost_has_a_currency
        CHECK ((cost_micros IS NULL) = (cost_currency IS NULL));

-- A message is sent again once.
CREATE UNIQUE INDEX sms_out_resend_of ON sms_out (resend_of) WHERE resend_of IS NOT NULL;
-- Asked on each dial.
CREATE INDEX sms_out_missed ON sms_out (player_id, id)
    WHERE shown_at IS NULL AND status IN ('refused', 'undelivered', 'unknown');
-- What was written to a phone of nobody whom we know, or of staff.
CREATE INDEX sms_out_of_nobody ON sms_out (phone, id) WHERE player_id IS NULL;
-- For whoever looks back over some hours of millions of messages.
CREATE INDEX sms_out_queued_at ON sms_out (queued_at);
CREATE INDEX sms_out_ended ON sms_out (reported_at) WHERE status IN ('delivered', 'undelivered');
CREATE INDEX sms_out_parts_differ ON sms_out (queued_at) WHERE parts <> counted_parts;
CREATE INDEX sms_report_unheard_of ON sms_report (first_at) WHERE status NOT IN (
    'Sent', 'Submitted', 'Buffered', 'Success', 'Failed', 'Rejected', 'Expired');
"""

DOWNGRADE = """
DROP INDEX sms_report_unheard_of;
DROP INDEX sms_out_parts_differ;
DROP INDEX sms_out_ended;
DROP INDEX sms_out_queued_at;
DROP INDEX sms_out_of_nobody;
DROP INDEX sms_out_missed;
ALTER TABLE sms_report
    DROP COLUMN cost_micros,
    DROP COLUMN cost_currency,
    DROP COLUMN parts;
ALTER TABLE sms_out
    DROP COLUMN resend_of,
    DROP COLUMN counted_parts;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
