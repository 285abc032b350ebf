"""The seal: what is posted and who did what, hashed block by block into a chain."""

from alembic import op

revision = "0016"
down_revision = "0015"

TABLES = """
-- Events of before this migration all count as recorded by it.
ALTER TABLE audit_event ADD COLUMN recorded_in bigint NOT NULL
    DEFAULT (pg_current_xact_id()::text::bigint);
CREATE INDEX audit_event_recorded_in ON audit_event (recorded_in);
CREATE INDEX transfer_posted_in ON transfer (posted_in);

-- A block covers what the transactions from from_xid up to and without until_xid wrote. Of each row
-- it keeps a leaf, its id and the first four bytes of its hash, by which a changed row is found.
CREATE TABLE seal_block (
    number bigint PRIMARY KEY CHECK (number > 0),
    previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
    from_xid bigint NOT NULL,
    until_xid bigint NOT NULL UNIQUE CHECK (until_xid > from_xid),
    n_transfers integer NOT NULL CHECK (n_transfers >= 0),
    transfers_hash bytea NOT NULL CHECK (octet_length(transfers_hash) = 32),
    transfer_leaves bytea NOT NULL CHECK (octet_length(transfer_leaves) = 12 * n_transfers),
    n_events integer NOT NULL CHECK (n_events >= 0),
    events_hash bytea NOT NULL CHECK (octet_length(events_hash) = 32),
    event_leaves bytea NOT NULL CHECK (octet_length(event_leaves) = 12 * n_events),
    total_transfers bigint NOT NULL,
    total_events bigint NOT NULL,
    sealed_at timestamptz NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    CONSTRAINT seal_block_seals_something CHECK (n_transfers + n_events > 0)
);

-- The head of the chain as it was told on a day: from then on others hold it, too.
CREATE TABLE published_head (
    day date PRIMARY KEY,
    block_number bigint NOT NULL REFERENCES seal_block,
    hash bytea NOT NULL,
    published_at timestamptz NOT NULL DEFAULT kibeezy_now()
);

CREATE TRIGGER seal_block_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal_block
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER published_head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON published_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# core/seal/digests.py says the same again, so that `ledger verify` need not believe these.
DIGESTS = """
-- What is hashed is text that any program can make: a JSON array, times in UTC, hashes in hex.
CREATE FUNCTION transfer_digests(p_from bigint, p_until bigint)
RETURNS TABLE (id bigint, digest bytea)
LANGUAGE sql STABLE AS $$
    SELECT t.id, sha256(convert_to(json_build_array(
        t.id, t.kind, t.scope, t.key, encode(t.request_hash, 'hex'), t.n_entries, t.reverses,
        t.actor, t.second_actor, t.reason,
        to_char(t.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        ('[' || coalesce(e.lines, '') || ']')::json)::text, 'UTF8'))
    FROM transfer t CROSS JOIN LATERAL (
        SELECT string_agg(json_build_array(
            e.account_id, a.kind, a.owner, a.market, a.side, e.cents)::text, ', '
            ORDER BY e.account_id) AS lines
        FROM entry e LEFT JOIN account a ON a.id = e.account_id
        WHERE e.transfer_id = t.id) e
    WHERE t.posted_in >= p_from AND t.posted_in < p_until
$$;

CREATE FUNCTION event_digests(p_from bigint, p_until bigint)
RETURNS TABLE (id bigint, digest bytea)
LANGUAGE sql STABLE AS $$
    SELECT id, sha256(convert_to(json_build_array(
        id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, act, subject,
        details::text)::text, 'UTF8'))
    FROM audit_event WHERE recorded_in >= p_from AND recorded_in < p_until
$$;
"""

SEALING = """
-- Hashes what has become final since the last block into the next one, of some p_most rows at most;
-- returns its number, and nothing where nothing waits or another sealer is at work. Final is what
-- transactions wrote that are older than the oldest one still running: later ids may have been
-- committed before it. Advisory class 8 is the sealers'. A database whose transactions are numbered
-- behind the chain was restored into another cluster: what it posts would never be sealed.
CREATE FUNCTION seal_next_block(p_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last seal_block; b seal_block; horizon bigint; first_xid bigint; cut bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(8, 0) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO last FROM seal_block ORDER BY number DESC LIMIT 1;
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint INTO horizon;
    b.number := coalesce(last.number, 0) + 1;
    b.from_xid := coalesce(last.until_xid, 0);
    IF horizon < b.from_xid THEN
        RAISE EXCEPTION 'the chain has sealed up to transaction %, this database is at %',
            b.from_xid, horizon USING ERRCODE = 'KB013';
    END IF;

    SELECT min(xid), (array_agg(xid ORDER BY xid))[p_most + 1] INTO first_xid, cut
    FROM ((SELECT posted_in AS xid FROM transfer
           WHERE posted_in >= b.from_xid AND posted_in < horizon
           ORDER BY posted_in LIMIT p_most + 1)
          UNION ALL
          (SELECT recorded_in FROM audit_event
           WHERE recorded_in >= b.from_xid AND recorded_in < horizon
           ORDER BY recorded_in LIMIT p_most + 1)) waiting;
    IF first_xid IS NULL THEN
        RETURN NULL;
    END IF;
    -- A transaction is never cut in two, however much it wrote.
    b.until_xid := CASE WHEN cut IS NULL THEN horizon ELSE greatest(cut, first_xid + 1) END;

    SELECT count(*), sha256(coalesce(string_agg(digest, '' ORDER BY id), '')),
        coalesce(string_agg(int8send(id) || substr(digest, 1, 4), '' ORDER BY id), '')
    INTO b.n_transfers, b.transfers_hash, b.transfer_leaves
    FROM transfer_digests(b.from_xid, b.until_xid);
    SELECT count(*), sha256(coalesce(string_agg(digest, '' ORDER BY id), '')),
        coalesce(string_agg(int8send(id) || substr(digest, 1, 4), '' ORDER BY id), '')
    INTO b.n_events, b.events_hash, b.event_leaves
    FROM event_digests(b.from_xid, b.until_xid);

    b.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    b.total_transfers := coalesce(last.total_transfers, 0) + b.n_transfers;
    b.total_events := coalesce(last.total_events, 0) + b.n_events;
    b.sealed_at := kibeezy_now();
    b.hash := sha256(convert_to(json_build_array(
        b.number, encode(b.previous_hash, 'hex'), b.from_xid, b.until_xid,
        b.n_transfers, encode(b.transfers_hash, 'hex'), b.n_events, encode(b.events_hash, 'hex'),
        b.total_transfers, b.total_events,
        to_char(b.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8'));
    INSERT INTO seal_block SELECT b.*;
    RETURN b.number;
END $$;

REVOKE ALL ON FUNCTION seal_next_block FROM PUBLIC;
"""

DOWNGRADE = """
DROP FUNCTION seal_next_block, event_digests, transfer_digests;
DROP TABLE published_head, seal_block;
DROP INDEX transfer_posted_in;
ALTER TABLE audit_event DROP COLUMN recorded_in;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(DIGESTS)
    op.execute(SEALING)


def downgrade() -> None:
    op.execute(DOWNGRADE)
