"""Values with the moment they count from, alarms, and switches that stop a kind of money."""

from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = """
-- A value without a proposer was seeded from the environment.
CREATE TABLE dated_value (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    value bigint NOT NULL CHECK (value >= 0),
    effective_from timestamptz NOT NULL,
    source text NOT NULL,
    proposed_by bigint REFERENCES admin,
    proposed_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    approved_by bigint REFERENCES admin CHECK (approved_by <> proposed_by),
    approved_at timestamptz,
    CHECK (CASE WHEN proposed_by IS NULL THEN approved_by IS NULL AND approved_at IS NOT NULL
                ELSE (approved_by IS NULL) = (approved_at IS NULL) END)
);
CREATE INDEX dated_value_by_name ON dated_value (name, effective_from, id);

CREATE TABLE alarm (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    why text NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    times integer NOT NULL DEFAULT 1,
    last_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    taken_by bigint REFERENCES admin,
    taken_at timestamptz,
    CHECK ((taken_by IS NULL) = (taken_at IS NULL))
);
CREATE UNIQUE INDEX alarm_open ON alarm (kind, subject) WHERE taken_at IS NULL;

CREATE TABLE switch (
    kind text PRIMARY KEY,
    stopped_at timestamptz,
    why text,
    by text,
    CHECK (num_nulls(stopped_at, why, by) IN (0, 3))
);
INSERT INTO switch (kind) VALUES ('deposits'), ('withdrawals');
"""

GUARDS = """
-- Only the first value of a name comes without two people, and nobody rewrites the past.
CREATE FUNCTION check_dated_value() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.proposed_by IS NULL AND EXISTS (SELECT FROM dated_value d WHERE d.name = NEW.name)
       OR NEW.proposed_by IS NOT NULL AND (
           NEW.approved_at IS NOT NULL OR NEW.effective_from <= kibeezy_now()) THEN
        RAISE EXCEPTION 'a value of % must be proposed, for a moment to come', NEW.name
            USING ERRCODE = 'KB010';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dated_value_is_proposed BEFORE INSERT ON dated_value
    FOR EACH ROW EXECUTE FUNCTION check_dated_value();

-- The one change of a row is its approval, once and in time; when it was is the clock's to say.
CREATE FUNCTION check_approval() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE approval text[] := ARRAY['approved_by', 'approved_at'];
BEGIN
    NEW.approved_at := kibeezy_now();
    IF OLD.approved_at IS NOT NULL OR NEW.approved_by IS NULL
       OR OLD.effective_from <= NEW.approved_at
       OR to_jsonb(NEW) - approval <> to_jsonb(OLD) - approval THEN
        RAISE EXCEPTION 'value % may only be approved, once and before it counts', OLD.id
            USING ERRCODE = 'KB010';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dated_value_is_approved BEFORE UPDATE ON dated_value
    FOR EACH ROW EXECUTE FUNCTION check_approval();
CREATE TRIGGER dated_value_is_kept BEFORE DELETE OR TRUNCATE ON dated_value
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

FUNCTIONS = """
-- Volatile, so that a bet which waited for its market sees what was approved meanwhile.
CREATE FUNCTION values_in_force(p_moment timestamptz)
RETURNS TABLE (name text, value bigint, effective_from timestamptz, source text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT ON (d.name) d.name, d.value, d.effective_from, d.source
    FROM dated_value d
    WHERE d.approved_at IS NOT NULL AND d.effective_from <= p_moment
    ORDER BY d.name, d.effective_from DESC, d.id DESC;
END $$;
"""

DOWNGRADE = """
DROP FUNCTION values_in_force;
DROP TABLE switch, alarm, dated_value;
DROP FUNCTION check_approval, check_dated_value;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
