"""The end of the chain, which stands for everything before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, text

from core.ledger.records import seal_block


@dataclass(frozen=True)
class Block:
    """A block as anybody may see it; the hash in 64 hexadecimal characters."""

    number: int
    hash: str
    n_transfers: int
    n_events: int
    total_transfers: int
    total_events: int
    sealed_at: datetime


def last_blocks(connection: Connection, *, limit: int) -> list[Block]:
    """The newest blocks, the head first."""
    query = (
        select(
            seal_block.c.number,
            seal_block.c.hash,
            seal_block.c.n_transfers,
            seal_block.c.n_events,
            seal_block.c.total_transfers,
            seal_block.c.total_events,
            seal_block.c.sealed_at,
        )
        .order_by(seal_block.c.number.desc())
        .limit(limit)
    )
    return [Block(**{**row._asdict(), "hash": row.hash.hex()}) for row in connection.execute(query)]


def oldest_unsealed_seconds(connection: Connection) -> float:
    """How long the oldest transfer without a block has waited; nought where none waits."""
    return float(connection.execute(_OLDEST_UNSEALED).scalar_one())


def is_behind_the_chain(connection: Connection) -> bool:
    """Whether this database would number what it posts as if it were sealed already."""
    return bool(connection.execute(_BEHIND).scalar_one())


# Transfers are numbered by their transaction, so the first of these is the oldest or nearly so.
_OLDEST_UNSEALED: Final = text(
    """
    SELECT coalesce((
        SELECT extract(epoch FROM kibeezy_now() - posted_at) FROM transfer
        WHERE posted_in >= (SELECT coalesce(max(until_xid), 0) FROM seal_block)
        ORDER BY posted_in LIMIT 1), 0)
    """
)
# A row that this cluster wrote never carries a number that it has not reached yet.
_BEHIND: Final = text(
    """
    SELECT greatest((SELECT max(until_xid) FROM seal_block), (SELECT max(posted_in) FROM transfer))
        > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    """
)
