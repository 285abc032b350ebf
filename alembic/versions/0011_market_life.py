"""The whole life of a market: suspension, disputes, deadlines, late bets, corrections."""

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
-- version counts the results: 1 is the first, a correction is the next. The challenge window and
-- the deadline are moments, so that a changed setting moves neither. Bets from late_from on are
-- refunded.
ALTER TABLE market
    ADD COLUMN approval_ref text,
    ADD COLUMN attestation text,
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspended_why text,
    ADD COLUMN resolve_by timestamptz,
    ADD COLUMN challenge_ends_at timestamptz,
    ADD COLUMN late_from timestamptz,
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN voided_by_system boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT market_check4,
    ADD CONSTRAINT market_resolved_by_somebody CHECK (
        (status IN ('settling', 'settled', 'voiding', 'voided'))
        = (resolved_by IS NOT NULL OR voided_by_system)),
    ADD CONSTRAINT market_system_only_voids CHECK (
        NOT voided_by_system OR (outcome IS NOT DISTINCT FROM 'void' AND resolved_by IS NULL));

-- A player who has bet says that a proposed result is wrong; proposed_at names the proposal.
CREATE TABLE dispute (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    market_id bigint NOT NULL REFERENCES market,
    proposed_at timestamptz NOT NULL,
    player_id bigint NOT NULL REFERENCES player,
    raised_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    ruling text CHECK (ruling IN ('dismissed', 'upheld')),
    ruled_by bigint REFERENCES admin,
    ruled_at timestamptz,
    reason text,
    CONSTRAINT dispute_once UNIQUE (market_id, proposed_at, player_id),
    CONSTRAINT dispute_ruled CHECK (
        num_nonnulls(ruling, ruled_by, ruled_at, reason) IN (0, 4))
);
"""

# What was closed or proposed before gets a deadline as well, and the job that keeps it.
FILL = """
ALTER TABLE market DISABLE TRIGGER market_transition;
UPDATE market SET resolve_by = kibeezy_now() + interval '168 hours'
WHERE status IN ('closed', 'proposed');
ALTER TABLE market ENABLE TRIGGER market_transition;
INSERT INTO outbox (kind, payload, key, due_at)
SELECT 'void_unresolved', jsonb_build_object('market_id', id), 'void_unresolved:' || id, resolve_by
FROM market WHERE resolve_by IS NOT NULL
ON CONFLICT (key) DO NOTHING;
"""

GUARDS = """
-- What was attested, and the Authority's approval, stand like the terms.
CREATE OR REPLACE FUNCTION freeze_terms() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        (NEW.question, NEW.label, NEW.category, NEW.resolves_from, NEW.fee_bps, NEW.payout_rule,
         NEW.created_by, NEW.approved_by, NEW.approval_ref, NEW.attestation)
        IS DISTINCT FROM
        (OLD.question, OLD.label, OLD.category, OLD.resolves_from, OLD.fee_bps, OLD.payout_rule,
         OLD.created_by, OLD.approved_by, OLD.approval_ref, OLD.attestation)
        OR NEW.closes_at > OLD.closes_at) THEN
        RAISE EXCEPTION 'the terms of market % are frozen', OLD.id USING ERRCODE = 'KB005';
    END IF;
    RETURN NEW;
END $$;

-- A void may be proposed at any time before the resolution, so that a wrong proposal has a way out;
-- an upheld dispute takes a market back to where it was before the proposal. The system itself only
-- voids, and only when the deadline has passed and a proposal has had a day beyond its window.
-- A correction has an end, too: after it the result in force can only come back.
CREATE OR REPLACE FUNCTION check_transition() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    corrected boolean := OLD.status IN ('settled', 'voided');
    kept boolean := OLD.status = 'proposed' AND NEW.status IN ('settled', 'voided');
    reopened boolean := OLD.status = 'proposed' AND NEW.status IN ('open', 'suspended');
    restored boolean := kept OR reopened OR OLD.status = 'proposed' AND NEW.status = 'closed';
    by_system boolean := NEW.status = 'voiding' AND NEW.voided_by_system;
    anew boolean := OLD.version > 1 AND OLD.status = 'proposed' AND NEW.status = 'proposed'
        AND NEW.proposed_at IS DISTINCT FROM OLD.proposed_at;
    final_at timestamptz;
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('draft', 'draft'), ('draft', 'open'), ('open', 'open'), ('open', 'suspended'),
        ('suspended', 'open'), ('open', 'closed'), ('suspended', 'closed'), ('open', 'proposed'),
        ('suspended', 'proposed'), ('closed', 'proposed'), ('proposed', 'proposed'),
        ('proposed', 'closed'), ('proposed', 'settled'), ('proposed', 'voided'),
        ('proposed', 'open'), ('proposed', 'suspended'),
        ('proposed', 'settling'), ('proposed', 'voiding'), ('closed', 'voiding'),
        ('settling', 'settled'), ('voiding', 'voided'),
        ('settled', 'proposed'), ('voided', 'proposed'))
      OR (NEW.status = 'proposed' AND OLD.status NOT IN ('closed', 'settled', 'voided')
          AND NEW.proposed_outcome <> 'void')
      OR (OLD.status IN ('proposed', 'settling', 'voiding') AND NEW.status <> 'proposed'
          AND NOT kept AND
          (NEW.proposed_outcome, NEW.proposed_by, NEW.late_from) IS DISTINCT FROM
          (OLD.proposed_outcome, OLD.proposed_by, OLD.late_from))
      OR (NEW.status IN ('settling', 'voiding') AND NOT by_system AND
          (NEW.outcome IS DISTINCT FROM NEW.proposed_outcome
           OR (NEW.outcome = 'void') <> (NEW.status = 'voiding')))
      OR (OLD.status = 'closed' AND NEW.status = 'voiding' AND NOT by_system)
      OR NEW.version <> OLD.version + corrected::integer
          - kept::integer
      OR (restored AND kept <> (OLD.version > 1))
      -- A market that was not closed before takes bets again, where its time has not passed.
      OR (reopened AND (OLD.closed_at IS NOT NULL OR kibeezy_now() >= OLD.closes_at
          OR (OLD.suspended_at IS NULL) <> (NEW.status = 'open'))) THEN
        RAISE EXCEPTION 'market % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'KB006';
    END IF;
    -- Neither the deadline nor the window of a proposal is moved once it is said.
    IF (NOT reopened AND OLD.resolve_by IS NOT NULL
          AND NEW.resolve_by IS DISTINCT FROM OLD.resolve_by)
      OR (reopened AND NEW.resolve_by IS NOT NULL)
      OR (NEW.challenge_ends_at IS DISTINCT FROM OLD.challenge_ends_at
          AND (NEW.status <> 'proposed' OR NEW.challenge_ends_at < NEW.proposed_at
               OR NEW.proposed_at IS NOT DISTINCT FROM OLD.proposed_at)) THEN
        RAISE EXCEPTION 'a deadline of market % stands', OLD.id USING ERRCODE = 'KB006';
    END IF;
    IF by_system AND (OLD.version > 1 OR kibeezy_now() < coalesce(greatest(
            OLD.resolve_by, OLD.challenge_ends_at + interval '24 hours'), 'infinity')) THEN
        RAISE EXCEPTION 'market % may still be resolved', OLD.id USING ERRCODE = 'KB006';
    END IF;
    -- Nobody takes a first proposal back but a third admin, by upholding a dispute of it. Of a
    -- correction comes back what is in force, to the letter (check_restored).
    IF restored AND OLD.version = 1 AND NOT EXISTS (SELECT FROM dispute d WHERE d.market_id = OLD.id
            AND d.proposed_at = OLD.proposed_at AND d.ruling = 'upheld') THEN
        RAISE EXCEPTION 'the proposal of market % stands', OLD.id USING ERRCODE = 'KB006';
    END IF;
    IF corrected OR OLD.version > 1 THEN
        final_at := (SELECT min(finished_at) FROM settlement
                     WHERE market_id = OLD.id) + interval '72 hours';
    END IF;
    IF (corrected OR anew) AND kibeezy_now() >= final_at THEN
        RAISE EXCEPTION 'market % is final', OLD.id USING ERRCODE = 'KB006';
    END IF;
    IF OLD.version > 1 AND OLD.status = 'proposed' AND NEW.status IN ('settling', 'voiding')
      AND kibeezy_now() >= greatest(final_at, OLD.challenge_ends_at) + interval '24 hours' THEN
        RAISE EXCEPTION 'the correction of market % is over', OLD.id USING ERRCODE = 'KB006';
    END IF;
    IF NEW.status IN ('settling', 'voiding') AND OLD.status = 'proposed' AND NOT by_system AND (
        kibeezy_now() < OLD.challenge_ends_at
        OR EXISTS (SELECT FROM dispute d WHERE d.market_id = OLD.id
                   AND d.proposed_at = OLD.proposed_at
                   AND (d.ruling IS DISTINCT FROM 'dismissed'
                        OR d.ruled_by = NEW.resolved_by))) THEN
        RAISE EXCEPTION 'the result of market % may be disputed or is', OLD.id
            USING ERRCODE = 'KB006';
    END IF;
    -- The release before closes without a deadline: it gets the usual one, and its job.
    IF NEW.status = 'closed' AND NEW.resolve_by IS NULL THEN
        NEW.resolve_by := kibeezy_now() + interval '168 hours';
        INSERT INTO outbox (kind, payload, key, due_at)
        VALUES ('void_unresolved', jsonb_build_object('market_id', NEW.id),
            'void_unresolved:' || NEW.id, NEW.resolve_by)
        ON CONFLICT (key) DO NOTHING;
    END IF;
    RETURN NEW;
END $$;

-- Only who has bet may dispute, only the proposal that stands, and only in its window. A third
-- admin rules, once, who has no bet: neither the proposer nor, above, the resolver.
CREATE FUNCTION check_dispute() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE m market;
BEGIN
    SELECT * INTO STRICT m FROM market WHERE id = NEW.market_id;
    IF m.status <> 'proposed' OR m.proposed_at <> NEW.proposed_at THEN
        RAISE EXCEPTION 'market % has no such proposal', m.id USING ERRCODE = 'KB006';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.ruling IS NOT NULL OR kibeezy_now() >= coalesce(m.challenge_ends_at, '-infinity')
           OR NOT EXISTS (SELECT FROM bet b
                          WHERE b.market_id = m.id AND b.player_id = NEW.player_id) THEN
            RAISE EXCEPTION 'market % cannot be disputed by player %', m.id, NEW.player_id
                USING ERRCODE = 'KB006';
        END IF;
    ELSIF OLD.ruling IS NOT NULL
        OR (NEW.market_id, NEW.proposed_at, NEW.player_id, NEW.raised_at) IS DISTINCT FROM
           (OLD.market_id, OLD.proposed_at, OLD.player_id, OLD.raised_at)
        OR NEW.ruled_by = m.proposed_by
        OR EXISTS (SELECT FROM admin a JOIN player p USING (phone)
                   JOIN bet b ON b.player_id = p.id
                   WHERE a.id = NEW.ruled_by AND b.market_id = m.id) THEN
        RAISE EXCEPTION 'dispute % cannot be ruled so', OLD.id USING ERRCODE = 'KB007';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_checked BEFORE INSERT OR UPDATE ON dispute
    FOR EACH ROW EXECUTE FUNCTION check_dispute();
CREATE TRIGGER dispute_never_removed BEFORE DELETE OR TRUNCATE ON dispute
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DOWNGRADE = """
DROP TABLE dispute;
DROP FUNCTION check_dispute;
DELETE FROM outbox WHERE kind IN ('void_unresolved', 'remind_result', 'tell_proposal',
    'end_correction')
    AND done_at IS NULL;
CREATE OR REPLACE FUNCTION freeze_terms() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        (NEW.question, NEW.label, NEW.category, NEW.resolves_from, NEW.fee_bps, NEW.payout_rule,
         NEW.created_by, NEW.approved_by)
        IS DISTINCT FROM
        (OLD.question, OLD.label, OLD.category, OLD.resolves_from, OLD.fee_bps, OLD.payout_rule,
         OLD.created_by, OLD.approved_by)
        OR NEW.closes_at > OLD.closes_at) THEN
        RAISE EXCEPTION 'the terms of market % are frozen', OLD.id USING ERRCODE = 'KB005';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION check_transition() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('draft', 'draft'), ('draft', 'open'), ('open', 'open'), ('open', 'suspended'),
        ('suspended', 'open'), ('open', 'closed'), ('suspended', 'closed'), ('open', 'proposed'),
        ('suspended', 'proposed'), ('closed', 'proposed'), ('proposed', 'proposed'),
        ('proposed', 'settling'), ('proposed', 'voiding'),
        ('settling', 'settled'), ('voiding', 'voided'))
      OR (NEW.status = 'proposed' AND OLD.status <> 'closed' AND NEW.proposed_outcome <> 'void')
      OR (OLD.status IN ('proposed', 'settling', 'voiding') AND NEW.status <> 'proposed' AND
          (NEW.proposed_outcome, NEW.proposed_by) IS DISTINCT FROM
          (OLD.proposed_outcome, OLD.proposed_by))
      OR (NEW.status IN ('settling', 'voiding') AND (NEW.outcome IS DISTINCT FROM
          NEW.proposed_outcome OR (NEW.outcome = 'void') <> (NEW.status = 'voiding'))) THEN
        RAISE EXCEPTION 'market % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'KB006';
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE market
    DROP CONSTRAINT market_resolved_by_somebody,
    DROP CONSTRAINT market_system_only_voids,
    DROP COLUMN approval_ref, DROP COLUMN attestation, DROP COLUMN suspended_at,
    DROP COLUMN suspended_why, DROP COLUMN resolve_by, DROP COLUMN challenge_ends_at,
    DROP COLUMN late_from, DROP COLUMN version, DROP COLUMN voided_by_system,
    ADD CONSTRAINT market_check4 CHECK (
        (status IN ('settling', 'settled', 'voiding', 'voided')) = (resolved_by IS NOT NULL));
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FILL)
    op.execute(GUARDS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
