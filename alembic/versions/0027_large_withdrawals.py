"""The story of a payment can be read at once, and large withdrawals wait for two people."""

from alembic import op

revision = "0027"
down_revision = "0026"

# Which payment a confirmation told of; and the looks at one payment, found by its number.
STORIES = """
ALTER TABLE provider_callback ADD COLUMN paybill_id bigint REFERENCES paybill_payment;
UPDATE provider_callback c SET paybill_id = p.id
FROM paybill_payment p
WHERE c.kind = 'c2b' AND c.processed_at IS NOT NULL
  AND p.receipt = substring(c.body FROM '"TransID"\\s*:\\s*"([A-Z0-9]+)"');
ALTER TABLE provider_callback
    ADD CONSTRAINT provider_callback_of_c2b CHECK (paybill_id IS NULL OR kind = 'c2b');
CREATE INDEX provider_callback_of_paybill ON provider_callback (paybill_id, id);
CREATE INDEX outbox_looks ON outbox (key text_pattern_ops)
    WHERE kind IN ('paybill_status', 'stk_query', 'withdrawal_status');
"""

DOWNGRADE = """
DROP INDEX outbox_looks;
ALTER TABLE provider_callback DROP COLUMN paybill_id;
"""


def upgrade() -> None:
    op.execute(STORIES)


def downgrade() -> None:
    op.execute(DOWNGRADE)
