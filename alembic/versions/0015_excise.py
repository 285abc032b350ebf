"""Excise on deposits and the rate of withholding, kept with what they were taken from."""

from alembic import context, op

revision = "0015"
down_revision = "0014"

TABLES = """
-- A rate is that of the moment of posting. The release before writes neither, so nothing is taken.
ALTER TABLE deposit
    ADD COLUMN excise_cents bigint NOT NULL DEFAULT 0,
    ADD COLUMN excise_bps integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT deposit_excise CHECK (
        excise_bps BETWEEN 0 AND 9999 AND excise_cents = amount_cents * excise_bps / 10000),
    ADD CONSTRAINT deposit_excise_of_credits CHECK (excise_bps = 0 OR transfer_id IS NOT NULL),
    ADD CONSTRAINT deposit_frozen_net CHECK (frozen_cents <= amount_cents - excise_cents);

-- Suspense holds all of it; excise is taken when a player is credited.
ALTER TABLE paybill_payment
    ADD COLUMN excise_cents bigint NOT NULL DEFAULT 0,
    ADD COLUMN excise_bps integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT paybill_excise CHECK (
        excise_bps BETWEEN 0 AND 9999 AND excise_cents = amount_cents * excise_bps / 10000),
    ADD CONSTRAINT paybill_excise_of_credits CHECK (
        excise_bps = 0 OR state IN ('credited', 'placed'));

ALTER TABLE withdrawal ADD COLUMN withholding_bps integer;
UPDATE withdrawal SET withholding_bps = coalesce((
    SELECT v.value FROM values_in_force(requested_at) v WHERE v.name = 'withholding_bps'), 0);
ALTER TABLE withdrawal ALTER COLUMN withholding_bps SET NOT NULL;
"""

GUARDS = """
-- For the release before, which keeps the tax alone: the rate by which it has just found it.
CREATE FUNCTION name_withholding() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.withholding_bps := coalesce((
        SELECT v.value FROM values_in_force(kibeezy_now()) v WHERE v.name = 'withholding_bps'), 0);
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_names_withholding BEFORE INSERT ON withdrawal
    FOR EACH ROW WHEN (NEW.withholding_bps IS NULL) EXECUTE FUNCTION name_withholding();

-- What was taken stays what it was, whatever the rate becomes.
CREATE FUNCTION refuse_other_tax() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the tax on % % is taken', TG_TABLE_NAME, OLD.id USING ERRCODE = 'KB006';
END $$;
CREATE TRIGGER deposit_keeps_excise BEFORE UPDATE ON deposit FOR EACH ROW
    WHEN (OLD.transfer_id IS NOT NULL AND (NEW.excise_cents, NEW.excise_bps)
          IS DISTINCT FROM (OLD.excise_cents, OLD.excise_bps))
    EXECUTE FUNCTION refuse_other_tax();
CREATE TRIGGER paybill_keeps_excise BEFORE UPDATE ON paybill_payment FOR EACH ROW
    WHEN (OLD.state IN ('credited', 'placed') AND (NEW.excise_cents, NEW.excise_bps)
          IS DISTINCT FROM (OLD.excise_cents, OLD.excise_bps))
    EXECUTE FUNCTION refuse_other_tax();
CREATE TRIGGER withdrawal_keeps_withholding BEFORE UPDATE ON withdrawal FOR EACH ROW
    WHEN (NEW.withholding_bps IS DISTINCT FROM OLD.withholding_bps)
    EXECUTE FUNCTION refuse_other_tax();
"""

# Those of 0012, and where excise may come from and go back to.
MOVEMENTS = """
CREATE OR REPLACE FUNCTION movement_rules()
RETURNS TABLE (kind text, account_kind text, direction integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'mpesa_collection', -1), ('deposit', 'player_available', 1),
        ('deposit', 'excise_payable', 1),
        ('freeze', 'player_available', -1), ('freeze', 'player_held', 1),
        ('unfreeze', 'player_held', -1), ('unfreeze', 'player_available', 1),
        ('reversal', 'mpesa_collection', 1), ('reversal', 'player_held', -1),
        ('reversal', 'player_available', -1), ('reversal', 'player_clawback', -1),
        ('reversal', 'excise_payable', -1),
        ('paybill', 'mpesa_collection', -1), ('paybill', 'player_available', 1),
        ('paybill', 'excise_payable', 1),
        ('suspense', 'mpesa_collection', -1), ('suspense', 'mpesa_suspense', 1),
        ('placement', 'mpesa_suspense', -1), ('placement', 'player_available', 1),
        ('placement', 'excise_payable', 1),
        ('hold', 'player_available', -1), ('hold', 'player_held', 1),
        ('release', 'player_held', -1), ('release', 'player_available', 1),
        ('withdrawal', 'player_held', -1), ('withdrawal', 'mpesa_payout', 1),
        ('withdrawal', 'fee_revenue', 1), ('withdrawal', 'withholding_payable', 1),
        ('clawback', 'player_available', -1), ('clawback', 'player_clawback', -1),
        ('clawback', 'mpesa_payout', 1), ('clawback', 'fee_revenue', 1),
        ('clawback', 'withholding_payable', 1),
        ('stake', 'player_available', -1), ('stake', 'market_side', 1),
        ('payout', 'market_side', 0), ('payout', 'player_available', 1),
        ('refund', 'market_side', -1), ('refund', 'player_available', 1),
        ('fee', 'market_side', 0), ('fee', 'fee_revenue', 1), ('fee', 'rounding', 1),
        ('payout_reversal', 'market_side', 0), ('payout_reversal', 'player_available', -1),
        ('payout_reversal', 'player_clawback', -1),
        ('repayment', 'player_available', -1), ('repayment', 'player_clawback', 1),
        ('fee_reversal', 'market_side', 0), ('fee_reversal', 'fee_revenue', -1),
        ('fee_reversal', 'rounding', -1),
        ('capital', 'operator_capital', 0), ('capital', 'player_available', 0)
$$;
"""

DOWNGRADE = """
DROP TRIGGER withdrawal_keeps_withholding ON withdrawal;
DROP TRIGGER withdrawal_names_withholding ON withdrawal;
DROP TRIGGER paybill_keeps_excise ON paybill_payment;
DROP TRIGGER deposit_keeps_excise ON deposit;
DROP FUNCTION refuse_other_tax, name_withholding;
ALTER TABLE withdrawal DROP COLUMN withholding_bps;
ALTER TABLE paybill_payment DROP COLUMN excise_cents, DROP COLUMN excise_bps;
ALTER TABLE deposit DROP COLUMN excise_cents, DROP COLUMN excise_bps;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(MOVEMENTS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
    op.execute(context.script.get_revision("0012").module.MOVEMENTS)
