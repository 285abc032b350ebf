"""How staff sign in to their page: a second factor, sessions that can be revoked, roles by two."""

from alembic import op

revision = "0026"
down_revision = "0025"

# totp_nonce: with the service's own key it makes the second factor; NULL before enrolment.
# totp_last_step: a one-time code opens once, and no older one after it.
UPGRADE = """
ALTER TABLE admin
    ADD COLUMN totp_nonce bytea,
    ADD COLUMN totp_last_step bigint NOT NULL DEFAULT 0,
    ADD COLUMN wrong_tries integer NOT NULL DEFAULT 0,
    ADD COLUMN locked_until timestamptz,
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN is_demo boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT admin_wrong_tries_check CHECK (wrong_tries >= 0);

CREATE TABLE admin_enrolment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    admin_id bigint NOT NULL REFERENCES admin,
    code_mac bytea NOT NULL UNIQUE,
    nonce bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    expires_at timestamptz NOT NULL DEFAULT kibeezy_now() + interval '24 hours',
    used_at timestamptz
);
CREATE INDEX admin_enrolment_of_admin ON admin_enrolment (admin_id);

CREATE TABLE admin_recovery_code (
    admin_id bigint NOT NULL REFERENCES admin,
    mac bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (admin_id, mac)
);

-- enrolment_id: a session that may only finish this enrolment. wrong_proofs are counted here and
-- not on the account, so that a stranger who signs in wrongly keeps nobody from proving.
CREATE TABLE admin_session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    admin_id bigint NOT NULL REFERENCES admin,
    enrolment_id bigint REFERENCES admin_enrolment,
    token_mac bytea NOT NULL UNIQUE,
    began_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    seen_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    proved_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    wrong_proofs integer NOT NULL DEFAULT 0
        CONSTRAINT admin_session_wrong_proofs_check CHECK (wrong_proofs >= 0),
    address text NOT NULL,
    device text NOT NULL,
    ended_at timestamptz,
    ended_why text,
    CONSTRAINT admin_session_ended CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE INDEX admin_session_of_admin ON admin_session (admin_id, id);

CREATE TABLE admin_role_grant (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    admin_id bigint NOT NULL REFERENCES admin,
    role text NOT NULL CONSTRAINT admin_role_grant_role_check
        CHECK (role IN ('owner', 'resolver', 'finance', 'support', 'viewer')),
    why text NOT NULL CONSTRAINT admin_role_grant_why_check CHECK (why <> ''),
    proposed_by bigint NOT NULL REFERENCES admin,
    proposed_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    approved_by bigint REFERENCES admin,
    approved_at timestamptz,
    withdrawn_at timestamptz,
    CONSTRAINT admin_role_grant_by_two CHECK (approved_by <> proposed_by),
    CONSTRAINT admin_role_grant_by_others CHECK (proposed_by <> admin_id
        AND approved_by <> admin_id),
    CONSTRAINT admin_role_grant_ended CHECK ((approved_by IS NULL) = (approved_at IS NULL)
        AND (approved_at IS NULL OR withdrawn_at IS NULL))
);
CREATE UNIQUE INDEX admin_role_grant_open ON admin_role_grant (admin_id)
    WHERE approved_at IS NULL AND withdrawn_at IS NULL;

-- Only an approval changes a role, and it gives an account that was disabled back.
CREATE FUNCTION admin_role_granted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.approved_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'grant % is decided already', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.approved_at IS NULL THEN RETURN NEW; END IF;
    IF (SELECT count(*) FROM admin WHERE id IN (NEW.proposed_by, NEW.approved_by)
            AND role = 'owner' AND disabled_at IS NULL) <> 2 THEN
        RAISE EXCEPTION 'a role is granted by two owners' USING ERRCODE = 'check_violation';
    END IF;
    NEW.approved_at := kibeezy_now();
    UPDATE admin SET role = NEW.role, disabled_at = NULL WHERE id = NEW.admin_id;
    RETURN NEW;
END $$;
CREATE TRIGGER admin_role_granted BEFORE UPDATE ON admin_role_grant
    FOR EACH ROW EXECUTE FUNCTION admin_role_granted();

CREATE FUNCTION admin_guarded() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.role <> OLD.role OR (OLD.disabled_at IS NOT NULL
            AND NEW.disabled_at IS DISTINCT FROM OLD.disabled_at)) AND pg_trigger_depth() = 1 THEN
        RAISE EXCEPTION 'two owners grant a role' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.totp_last_step < OLD.totp_last_step THEN
        RAISE EXCEPTION 'a one-time code opens once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER admin_guarded BEFORE UPDATE ON admin
    FOR EACH ROW EXECUTE FUNCTION admin_guarded();

-- What ended stays ended, and what was used stays used.
CREATE FUNCTION once_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is over', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER admin_session_stays_ended BEFORE UPDATE ON admin_session
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION once_only();
CREATE TRIGGER admin_enrolment_used_once BEFORE UPDATE ON admin_enrolment
    FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION once_only();
CREATE TRIGGER admin_recovery_code_used_once BEFORE UPDATE ON admin_recovery_code
    FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION once_only();
"""

DOWNGRADE = """
DROP TRIGGER admin_guarded ON admin;
DROP TABLE admin_role_grant, admin_session, admin_recovery_code, admin_enrolment;
DROP FUNCTION admin_role_granted(), admin_guarded(), once_only();
ALTER TABLE admin
    DROP COLUMN totp_nonce,
    DROP COLUMN totp_last_step,
    DROP COLUMN wrong_tries,
    DROP COLUMN locked_until,
    DROP COLUMN disabled_at,
    DROP COLUMN is_demo;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
