"""When an SMS was written, and who wants to hear of which market."""

from alembic import op

revision = "0023"
down_revision = "0022"

# step: the fifth of the way from NO to YES that its watcher knows of, null before there is a price;
# edge: the one between two fifths that was crossed last. told_version: of the result, 0 for none.
UPGRADE = """
ALTER TABLE sms_in ADD COLUMN written_at timestamptz;

CREATE TABLE market_watch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player_id bigint NOT NULL REFERENCES player,
    market_id bigint NOT NULL REFERENCES market,
    started_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    step smallint,
    edge smallint,
    moved_on date,
    moves smallint NOT NULL DEFAULT 0,
    close_told_at timestamptz,
    told_version integer NOT NULL DEFAULT 0,
    ended_at timestamptz,
    CONSTRAINT market_watch_step_check CHECK (step BETWEEN 0 AND 4),
    CONSTRAINT market_watch_edge_check CHECK (edge BETWEEN 1 AND 4)
);
CREATE UNIQUE INDEX market_watch_once ON market_watch (player_id, market_id)
    WHERE ended_at IS NULL;
CREATE INDEX market_watch_going_on ON market_watch (market_id, id) WHERE ended_at IS NULL;
"""

DOWNGRADE = """
DELETE FROM outbox WHERE kind = 'tell_watchers';
DROP TABLE market_watch;
ALTER TABLE sms_in DROP COLUMN written_at;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
