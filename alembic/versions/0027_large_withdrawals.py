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

# A constant default: no row is rewritten, and the release before goes on inserting.
COLUMNS = """
ALTER TABLE withdrawal ADD COLUMN needs_release boolean NOT NULL DEFAULT false;
ALTER TABLE decision
    DROP CONSTRAINT decision_outcome_check,
    ADD CONSTRAINT decision_outcome_check CHECK (outcome IN (
        'confirmed', 'reversed', 'paid', 'failed', 'placed', 'released')),
    ADD CONSTRAINT decision_releases_withdrawal
        CHECK (outcome <> 'released' OR withdrawal_id IS NOT NULL);
CREATE UNIQUE INDEX decision_released ON decision (withdrawal_id)
    WHERE outcome = 'released' AND agreed_at IS NOT NULL;
"""

GUARDS = """
-- Whether a withdrawal is a large one is said here, by the value of this moment, whatever whoever
-- asks for it says or knows: also for web and worker of the release before.
CREATE FUNCTION judge_size() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.needs_release := coalesce((
        SELECT v.value > 0 AND NEW.amount_cents >= v.value * 100
        FROM values_in_force(kibeezy_now()) v
        WHERE v.name = 'withdrawal_approval_from_kes'), false);
    IF NEW.needs_release AND (NEW.state <> 'requested'
                              OR num_nonnulls(NEW.queued_at, NEW.sent_at) > 0) THEN
        RAISE EXCEPTION 'no large withdrawal begins as %', NEW.state USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_is_sized BEFORE INSERT ON withdrawal
    FOR EACH ROW EXECUTE FUNCTION judge_size();

-- The one way from where nobody is called to where M-Pesa is: two people have released it. Neither
-- is its player (decision_by_two), and what they agreed on is never taken back.
CREATE FUNCTION check_release() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.needs_release <> OLD.needs_release OR NOT EXISTS (
        SELECT FROM decision d
        WHERE d.withdrawal_id = NEW.id AND d.player_id = NEW.player_id
          AND d.outcome = 'released' AND d.agreed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'withdrawal % is not released by two people', NEW.id
            USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawal_is_released BEFORE UPDATE ON withdrawal FOR EACH ROW
    WHEN (NEW.needs_release <> OLD.needs_release
          OR NEW.needs_release AND OLD.state = 'requested' AND NEW.state = 'queued')
    EXECUTE FUNCTION check_release();
"""

DOWNGRADE = """
DROP TRIGGER withdrawal_is_released ON withdrawal;
DROP TRIGGER withdrawal_is_sized ON withdrawal;
DROP FUNCTION check_release, judge_size;
DELETE FROM decision WHERE outcome = 'released';
DROP INDEX decision_released;
ALTER TABLE decision
    DROP CONSTRAINT decision_releases_withdrawal,
    DROP CONSTRAINT decision_outcome_check,
    ADD CONSTRAINT decision_outcome_check CHECK (outcome IN (
        'confirmed', 'reversed', 'paid', 'failed', 'placed'));
ALTER TABLE withdrawal DROP COLUMN needs_release;
DROP INDEX outbox_looks;
ALTER TABLE provider_callback DROP COLUMN paybill_id;
"""


def upgrade() -> None:
    op.execute(STORIES)
    op.execute(COLUMNS)
    op.execute(GUARDS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
