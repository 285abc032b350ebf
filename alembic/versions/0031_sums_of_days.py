"""The books summed up by the day, so that a page need not add up every entry; and what waits."""

from alembic import op

revision = "0031"
down_revision = "0030"

# Of a day in Nairobi: what left and what came to each kind of account, by each kind of transfer.
UPGRADE = """
CREATE TABLE day_sum (
    day date NOT NULL,
    movement text NOT NULL,
    account text NOT NULL,
    debit_cents bigint NOT NULL,
    credit_cents bigint NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (day, movement, account),
    CONSTRAINT day_sum_counts CHECK (debit_cents >= 0 AND credit_cents >= 0 AND entries > 0)
);
-- How far the sums reach: every transfer of the transactions before until_xid is in them.
CREATE TABLE days_summed (
    only_row boolean PRIMARY KEY DEFAULT true
        CONSTRAINT days_summed_only_row_check CHECK (only_row),
    block_number bigint NOT NULL DEFAULT 0,
    until_xid bigint NOT NULL DEFAULT 0
);
INSERT INTO days_summed DEFAULT VALUES;

-- Adds the next sealed blocks, which are final, to the sums of their days; returns how many. At
-- least one, and no more than hold p_most transfers. Who comes second waits and adds what is next.
CREATE FUNCTION sum_next_blocks(p_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE summed days_summed; through bigint; until bigint;
BEGIN
    SELECT * INTO STRICT summed FROM days_summed FOR UPDATE;
    SELECT max(b.number), max(b.until_xid) INTO through, until
    FROM (SELECT number, until_xid, sum(n_transfers) OVER (ORDER BY number) AS transfers
          FROM seal_block WHERE number > summed.block_number ORDER BY number LIMIT 1000) b
    WHERE b.transfers <= p_most OR b.number = summed.block_number + 1;
    IF through IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO day_sum AS s
    SELECT (t.posted_at AT TIME ZONE 'Africa/Nairobi')::date, t.kind, a.kind,
        coalesce(-sum(e.cents) FILTER (WHERE e.cents < 0), 0),
        coalesce(sum(e.cents) FILTER (WHERE e.cents > 0), 0), count(*)
    FROM transfer t JOIN entry e ON e.transfer_id = t.id JOIN account a ON a.id = e.account_id
    WHERE t.posted_in >= summed.until_xid AND t.posted_in < until
    GROUP BY 1, 2, 3
    ON CONFLICT (day, movement, account) DO UPDATE SET
        debit_cents = s.debit_cents + EXCLUDED.debit_cents,
        credit_cents = s.credit_cents + EXCLUDED.credit_cents,
        entries = s.entries + EXCLUDED.entries;
    UPDATE days_summed SET block_number = through, until_xid = until;
    RETURN through - summed.block_number;
END $$;
REVOKE ALL ON FUNCTION sum_next_blocks FROM PUBLIC;

CREATE INDEX deposit_for_people ON deposit (requested_at) WHERE review IS NOT NULL
    OR state IN ('created', 'submitting', 'pending', 'submit_unknown', 'unresolved');
CREATE INDEX withdrawal_in_review ON withdrawal (id) WHERE review IS NOT NULL;
"""

DOWNGRADE = """
DROP INDEX withdrawal_in_review, deposit_for_people;
DROP FUNCTION sum_next_blocks;
DROP TABLE days_summed, day_sum;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
