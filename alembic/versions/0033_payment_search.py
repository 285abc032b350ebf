"""Payments of every kind are found at once: by time, by account, and those that need a person."""

from alembic import op

revision = "0033"
down_revision = "0032"

UPGRADE = """
CREATE INDEX deposit_asked ON deposit (requested_at, id);
CREATE INDEX deposit_to_decide ON deposit (requested_at, id)
    WHERE review IS NOT NULL OR state = 'unresolved';
CREATE INDEX withdrawal_asked ON withdrawal (requested_at, id);
CREATE INDEX withdrawal_to_decide ON withdrawal (requested_at, id)
    WHERE review IS NOT NULL OR state IN ('unknown', 'manual');
CREATE INDEX paybill_payment_heard ON paybill_payment (heard_at, id);
CREATE INDEX paybill_payment_of_account ON paybill_payment (account, heard_at);
CREATE INDEX paybill_payment_of_player ON paybill_payment (player_id, heard_at);
CREATE INDEX statement_line_completed ON statement_line (completed_at, id);
CREATE INDEX outbox_set_aside ON outbox (id) WHERE set_aside_at IS NOT NULL AND done_at IS NULL;
"""

DOWNGRADE = """
DROP INDEX deposit_asked, deposit_to_decide, withdrawal_asked, withdrawal_to_decide,
    paybill_payment_heard, paybill_payment_of_account, paybill_payment_of_player,
    statement_line_completed, outbox_set_aside;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
