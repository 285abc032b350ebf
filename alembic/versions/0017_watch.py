"""What the worker has seen of each invariant, and the two other kinds of money that can stop."""

from alembic import op

revision = "0017"
down_revision = "0016"

UPGRADE = """
INSERT INTO switch (kind) VALUES ('bets'), ('settlements');

-- One row for each invariant, by its name in the code; a name the code no longer has says nothing.
-- suspected_at: a violation was seen once; broken_since: it was seen again.
CREATE TABLE invariant (
    name text PRIMARY KEY,
    due_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    checked_at timestamptz,
    seconds double precision NOT NULL DEFAULT 0 CHECK (seconds >= 0),
    violations bigint NOT NULL DEFAULT 0 CHECK (violations >= 0),
    details jsonb NOT NULL DEFAULT '[]',
    unbroken_since timestamptz,
    suspected_at timestamptz,
    broken_since timestamptz,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    error text,
    CHECK (unbroken_since IS NULL OR broken_since IS NULL),
    CHECK ((failures = 0) = (error IS NULL))
);
"""

DOWNGRADE = """
DROP TABLE invariant;
DELETE FROM switch WHERE kind IN ('bets', 'settlements');
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
