"""A reversal that is posted twice at the same moment is a repeat, too."""

from alembic import context, op

revision = "0025"
down_revision = "0024"

UPGRADE = """
-- As before, but of every unique index: with one of them named, two that posted the same reversal
-- at the same moment could both pass the look at the key, and the second fail at the other index.
CREATE OR REPLACE FUNCTION post_transfer(
    p_kind text, p_scope text, p_key text, p_request_hash bytea,
    p_accounts bigint[], p_cents bigint[],
    p_actor text, p_second_actor text, p_reason text, p_reverses bigint,
    OUT transfer_id bigint, OUT posted_at timestamptz, OUT replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE earlier transfer;
BEGIN
    WITH posted AS (
        INSERT INTO transfer AS t
            (kind, scope, key, request_hash, n_entries, actor, second_actor, reason, reverses)
        VALUES (p_kind, p_scope, p_key, p_request_hash, cardinality(p_accounts),
                p_actor, p_second_actor, p_reason, p_reverses)
        ON CONFLICT DO NOTHING
        RETURNING t.id, t.posted_at
    ), moved AS (
        INSERT INTO entry (transfer_id, account_id, cents)
        SELECT posted.id, e.account_id, e.cents
        FROM posted CROSS JOIN unnest(p_accounts, p_cents) AS e (account_id, cents)
    )
    SELECT id, posted.posted_at INTO post_transfer.transfer_id, post_transfer.posted_at FROM posted;
    replayed := post_transfer.transfer_id IS NULL;
    IF replayed THEN
        SELECT * INTO earlier FROM transfer t WHERE t.scope = p_scope AND t.key = p_key;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'transfer % is reversed already', p_reverses
                USING ERRCODE = 'unique_violation';
        END IF;
        IF earlier.request_hash <> p_request_hash THEN
            RAISE EXCEPTION 'key %/% was used for another transfer', p_scope, p_key
                USING ERRCODE = 'KB001';
        END IF;
        post_transfer.transfer_id := earlier.id;
        post_transfer.posted_at := earlier.posted_at;
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    posting = context.script.get_revision("0012").module.POSTING
    op.execute(posting[posting.index("CREATE OR REPLACE FUNCTION post_transfer(") :])
