"""How a block is computed, written again beside the sealing function of the database.

Whoever could rewrite the books could also rewrite a function that checks them; this text they
would have to rewrite on every machine that runs it. Tests hold the two to each other.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import text

LEAF_BYTES: Final = 12
ID_BYTES: Final = 8
NO_HASH: Final = bytes(32)

# The blocks behind number :after that hold about :most rows together, each computed anew.
RECOMPUTED: Final = text(
    """
    SELECT b.*, t.n AS n_transfers_now, t.hash AS transfers_hash_now,
        t.leaves AS transfer_leaves_now,
        e.n AS n_events_now, e.hash AS events_hash_now, e.leaves AS event_leaves_now
    FROM (SELECT * FROM seal_block WHERE number > :after AND (
              number = (SELECT min(number) FROM seal_block WHERE number > :after)
              OR total_transfers + total_events <= :done + :most) ORDER BY number LIMIT 1000) b
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, sha256(coalesce(string_agg(digest, '' ORDER BY id), '')) AS hash,
            coalesce(string_agg(int8send(id) || substr(digest, 1, 4), '' ORDER BY id), '')
                AS leaves
        FROM (
            SELECT t.id, sha256(convert_to(json_build_array(
                t.id, t.kind, t.scope, t.key, encode(t.request_hash, 'hex'), t.n_entries,
                t.reverses, t.actor, t.second_actor, t.reason,
                to_char(t.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                ('[' || coalesce(l.lines, '') || ']')::json)::text, 'UTF8')) AS digest
            FROM transfer t CROSS JOIN LATERAL (
                SELECT string_agg(json_build_array(
                    e.account_id, a.kind, a.owner, a.market, a.side, e.cents)::text, ', '
                    ORDER BY e.account_id) AS lines
                FROM entry e LEFT JOIN account a ON a.id = e.account_id
                WHERE e.transfer_id = t.id) l
            WHERE t.posted_in >= b.from_xid AND t.posted_in < b.until_xid) d) t
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, sha256(coalesce(string_agg(digest, '' ORDER BY id), '')) AS hash,
            coalesce(string_agg(int8send(id) || substr(digest, 1, 4), '' ORDER BY id), '')
                AS leaves
        FROM (
            SELECT id, sha256(convert_to(json_build_array(
                id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                actor, act, subject, details::text)::text, 'UTF8')) AS digest
            FROM audit_event
            WHERE recorded_in >= b.from_xid AND recorded_in < b.until_xid) d) e
    ORDER BY b.number
    """
)


def block_hash(
    *,
    number: int,
    previous_hash: bytes,
    from_xid: int,
    until_xid: int,
    n_transfers: int,
    transfers_hash: bytes,
    n_events: int,
    events_hash: bytes,
    total_transfers: int,
    total_events: int,
    sealed_at: datetime,
) -> bytes:
    """What the next block and every witness know this block by."""
    contents = [
        number,
        previous_hash.hex(),
        from_xid,
        until_xid,
        n_transfers,
        transfers_hash.hex(),
        n_events,
        events_hash.hex(),
        total_transfers,
        total_events,
        f"{sealed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
    ]
    return sha256(json.dumps(contents).encode()).digest()


def leaves_by_id(leaves: bytes) -> dict[int, bytes]:
    """The beginning of each row's hash, by the row's id."""
    parts = (leaves[at : at + LEAF_BYTES] for at in range(0, len(leaves), LEAF_BYTES))
    return {int.from_bytes(part[:ID_BYTES], signed=True): part[ID_BYTES:] for part in parts}
