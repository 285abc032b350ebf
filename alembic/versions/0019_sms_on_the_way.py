"""Who carried an SMS, over which network, when it was taken, and what it cost."""

from alembic import op

revision = "0019"
down_revision = "0018"

# cost_micros: millionths of the currency; both are null where the provider named no price.
# shown_at: when a receipt that did not arrive was read on the menu instead.
UPGRADE = """
ALTER TABLE sms_out
    ADD COLUMN provider text,
    ADD COLUMN network text,
    ADD COLUMN accepted_at timestamptz,
    ADD COLUMN cost_micros bigint CHECK (cost_micros >= 0),
    ADD COLUMN cost_currency text,
    ADD COLUMN shown_at timestamptz,
    ADD CONSTRAINT sms_out_cost_has_a_currency
        CHECK ((cost_micros IS NULL) = (cost_currency IS NULL));
"""

DOWNGRADE = """
ALTER TABLE sms_out
    DROP COLUMN provider,
    DROP COLUMN network,
    DROP COLUMN accepted_at,
    DROP COLUMN cost_micros,
    DROP COLUMN cost_currency,
    DROP COLUMN shown_at;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
