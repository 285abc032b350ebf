"""The invariants of the seal that can be checked without hashing anything again."""

from typing import Final

SEAL: Final = {
    "each block follows the one before": """
        SELECT format('block %s does not follow the one before', number)
        FROM (SELECT *, row_number() OVER w AS place, lag(hash) OVER w AS before,
                     lag(until_xid) OVER w AS ends, lag(total_transfers) OVER w AS transfers,
                     lag(total_events) OVER w AS events
              FROM seal_block WINDOW w AS (ORDER BY number)) b
        WHERE number <> place OR from_xid <> coalesce(ends, 0)
           OR previous_hash <> coalesce(before, decode(repeat('00', 32), 'hex'))
           OR total_transfers <> coalesce(transfers, 0) + n_transfers
           OR total_events <> coalesce(events, 0) + n_events
    """,
    "each block counts the transfers of its time": """
        SELECT format('block %s sealed %s transfers, there are %s', b.number, b.n_transfers, t.n)
        FROM seal_block b CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM transfer
            WHERE posted_in >= b.from_xid AND posted_in < b.until_xid) t
        WHERE b.n_transfers <> t.n
    """,
    "each block counts the audit events of its time": """
        SELECT format('block %s sealed %s audit events, there are %s', b.number, b.n_events, e.n)
        FROM seal_block b CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM audit_event
            WHERE recorded_in >= b.from_xid AND recorded_in < b.until_xid) e
        WHERE b.n_events <> e.n
    """,
    "each published head is in the chain": """
        SELECT format('block %s is not the one that was published on %s', p.block_number, p.day)
        FROM published_head p LEFT JOIN seal_block b ON b.number = p.block_number
        WHERE b.hash IS DISTINCT FROM p.hash
    """,
}
