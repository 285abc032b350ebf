"""Computes the whole chain again and names what does not fit into it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import Connection, Row, func, select

from core.database import begin_snapshot
from core.ledger.audit import MOST_PER_INVARIANT, Violation
from core.ledger.records import seal_block
from core.ledger.reference import reference_of
from core.seal.digests import NO_HASH, RECOMPUTED, block_hash, leaves_by_id
from core.seal.head import is_behind_the_chain, last_blocks, oldest_unsealed_seconds
from core.seal.seal_ledger import LATE_AFTER

# About so many rows are hashed by one statement; a block is never divided.
ROWS_PER_STATEMENT: Final = 50_000

Progress = Callable[[int, int], None]


class Head(NamedTuple):
    """What somebody else was told of the chain: a block's number and its hash in hexadecimal."""

    number: int
    hash: str


@dataclass
class ChainChecked:
    """What was computed again, and each thing that does not fit, 20 of a kind at most."""

    blocks: int = 0
    transfers: int = 0
    events: int = 0
    head: str = ""
    faults: list[Violation] = field(default_factory=list)


def verify_chain(
    connection: Connection, *, progress: Progress, known: Head | None = None
) -> ChainChecked:
    """Hash everything that was sealed again, from the first block on; changes nothing.

    Must be the first thing its transaction does. `progress` is told how many rows of how many
    are done; `known` is a head that must be in the chain. A transfer that has waited too long for
    its block is a fault, too.
    """
    begin_snapshot(connection)
    checked = ChainChecked()
    faults = _Faults(checked)
    everything = _rows_sealed(connection)
    end, previous = 0, NO_HASH
    while page := _recomputed(connection, checked):
        for block in page:
            faults.add("the chain of blocks", _faults_of_link(block, end=end, previous=previous))
            faults.add("what was sealed", _faults_of_rows(block))
            checked.blocks = block.number
            checked.transfers += block.n_transfers
            checked.events += block.n_events
            end, previous = block.until_xid, block.hash
        progress(checked.transfers + checked.events, everything)
    checked.head = previous.hex()
    faults.add("the head that is known", _faults_of_head(connection, known))
    faults.add("everything is sealed in time", _faults_of_time(connection))
    return checked


class _Faults:
    """Keeps the first of each kind: a rewritten year would be a list without end."""

    def __init__(self, checked: ChainChecked) -> None:
        self._checked = checked
        self._left: dict[str, int] = {}

    def add(self, name: str, details: Iterator[str]) -> None:
        left = self._left.get(name, MOST_PER_INVARIANT)
        found = [Violation(name, detail) for detail in islice(details, left)]
        self._left[name] = left - len(found)
        self._checked.faults += found


def _rows_sealed(connection: Connection) -> int:
    newest = last_blocks(connection, limit=1)
    return sum(head.total_transfers + head.total_events for head in newest)


def _recomputed(connection: Connection, checked: ChainChecked) -> list[Row[*tuple[object, ...]]]:
    place = {
        "after": checked.blocks,
        "done": checked.transfers + checked.events,
        "most": ROWS_PER_STATEMENT,
    }
    return list(connection.execute(RECOMPUTED, place))


def _faults_of_link(block: Row[*tuple[object, ...]], *, end: int, previous: bytes) -> Iterator[str]:
    if (block.from_xid, block.previous_hash) != (end, previous):
        yield f"block {block.number} does not follow the one before"
    computed = block_hash(
        number=block.number,
        previous_hash=block.previous_hash,
        from_xid=block.from_xid,
        until_xid=block.until_xid,
        n_transfers=block.n_transfers,
        transfers_hash=block.transfers_hash,
        n_events=block.n_events,
        events_hash=block.events_hash,
        total_transfers=block.total_transfers,
        total_events=block.total_events,
        sealed_at=block.sealed_at,
    )
    if computed != block.hash:
        yield f"block {block.number} is not what its hash says"


def _faults_of_rows(block: Row[*tuple[object, ...]]) -> Iterator[str]:
    place = f"block {block.number}"
    transfers = _changes(block.transfer_leaves, block.transfer_leaves_now)
    if block.transfers_hash != block.transfers_hash_now:
        yield f"{place}: its transfers are not what was sealed"
        for number, fate in transfers:
            yield f"{place}: transfer {number} (ref {reference_of(number)}) {fate}"
    elif any(transfers):
        yield f"{place}: its list of transfers was rewritten"
    events = _changes(block.event_leaves, block.event_leaves_now)
    if block.events_hash != block.events_hash_now:
        yield f"{place}: its audit events are not what was sealed"
        for number, fate in events:
            yield f"{place}: audit event {number} {fate}"
    elif any(events):
        yield f"{place}: its list of audit events was rewritten"


def _changes(sealed: bytes, found: bytes) -> Iterator[tuple[int, str]]:
    then, now = leaves_by_id(sealed), leaves_by_id(found)
    for number in sorted(then.keys() | now.keys()) if sealed != found else ():
        if number not in now:
            yield number, "is gone"
        elif number not in then:
            yield number, "was put in later"
        elif then[number] != now[number]:
            yield number, "was changed"


def _faults_of_head(connection: Connection, known: Head | None) -> Iterator[str]:
    if known is None:
        return
    query = select(func.encode(seal_block.c.hash, "hex")).where(seal_block.c.number == known.number)
    there = connection.execute(query).scalar_one_or_none()
    if there != known.hash:
        yield f"block {known.number} is {there or 'missing'}, not {known.hash}"


def _faults_of_time(connection: Connection) -> Iterator[str]:
    if is_behind_the_chain(connection):
        yield "the chain is ahead of this database: it was restored from a dump"
    waiting = round(oldest_unsealed_seconds(connection) / 60)
    if waiting > LATE_AFTER.total_seconds() / 60:
        yield f"a transfer waits for its seal since {waiting} minutes"
