"""A block seals what is final, all of it, once, whoever runs and whoever dies meanwhile."""

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.audit_trail.records import record
from core.database import in_transaction, sql_state
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import kes
from core.outbox.deliver import Worker
from core.seal import jobs as seal_jobs
from core.seal.head import last_blocks, oldest_unsealed_seconds
from core.seal.seal_ledger import SealBehind, seal_ledger, seal_next_block
from core.seal.verify_chain import verify_chain
from laptop.postgres import APPLICATION
from tests.core.ledger.test_attacks import attempt
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
NOT_PERMITTED = "42501"


def gives(connection: Connection, world: World, phone: str, key: str) -> int:
    """Post a shilling without committing; returns the transfer."""
    wallet = book.available_account(connection, player_id=world.player(phone).id)
    capital = book.system_account(connection, kind=AccountKind.OPERATOR_CAPITAL)
    entries = (Entry(capital, -kes(1)), Entry(wallet, kes(1)))
    return book.post(
        connection, Transfer(TransferKind.CAPITAL, Key("seal", key), entries, actor="test")
    ).transfer_id


def faults(world: World) -> list[str]:
    with world.database.connect() as connection:
        checked = verify_chain(connection, progress=lambda _done, _all: None)
    return [fault.detail for fault in checked.faults]


def sealed(world: World) -> set[int]:
    """The transfers that are in a block, by the leaves."""
    query = text(
        "SELECT ('x' || encode(substr(transfer_leaves, 1 + 12 * n, 8), 'hex'))::bit(64)::bigint"
        " FROM seal_block, generate_series(0, n_transfers - 1) AS n"
    )
    with world.database.connect() as connection:
        return set(connection.execute(query).scalars())


def transfers(world: World) -> set[int]:
    with world.database.connect() as connection:
        return set(connection.execute(text("SELECT id FROM transfer")).scalars())


def blocks(world: World) -> int:
    return world.count("seal_block")


@pytest.fixture
def stocked(world: World) -> World:
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(100))
    return world


def test_what_moved_and_who_did_what_is_sealed_once(stocked: World) -> None:
    stocked.has_market()
    assert stocked.seals() == 1
    [head] = in_transaction(stocked.database, lambda c: last_blocks(c, limit=5))
    assert (head.number, head.total_transfers) == (1, 2)
    assert head.total_events == stocked.count("audit_event") > 0
    assert sealed(stocked) == transfers(stocked)
    assert stocked.seals() == 0, "nothing has happened since"
    assert faults(stocked) == []


def test_a_transfer_that_is_committed_late_is_sealed_late(stocked: World) -> None:
    stocked.seals()
    slow, fast = stocked.owner.connect(), stocked.owner.connect()
    late = gives(slow, stocked, WANJIRU, "late")
    early = gives(fast, stocked, OTIENO, "early")
    assert early > late
    fast.commit()
    stocked.seals()
    assert not sealed(stocked) & {late, early}, "an older transaction still runs"
    slow.commit()
    stocked.seals()
    assert sealed(stocked) >= {late, early}
    assert sealed(stocked) == transfers(stocked)
    slow.close()
    fast.close()
    assert faults(stocked) == []


def test_what_was_final_before_a_slow_transaction_does_not_wait_for_it(stocked: World) -> None:
    before = transfers(stocked)
    with stocked.owner.connect() as slow:
        late = gives(slow, stocked, WANJIRU, "late")
        assert stocked.seals() == 1
        assert sealed(stocked) == before
        slow.commit()
    stocked.seals()
    assert late in sealed(stocked)


def test_a_transfer_that_is_rolled_back_leaves_no_hole(stocked: World) -> None:
    with stocked.owner.connect() as connection:
        lost = gives(connection, stocked, WANJIRU, "never")
        connection.rollback()
    stocked.gives(WANJIRU, kes(1))
    stocked.seals()
    assert lost not in transfers(stocked)
    assert sealed(stocked) == transfers(stocked)
    assert faults(stocked) == []


def test_two_sealers_make_one_block(stocked: World) -> None:
    barrier = Barrier(4)

    def seal() -> int:
        barrier.wait(timeout=10)
        return stocked.seals()

    with ThreadPoolExecutor(4) as pool:
        made = [future.result() for future in [pool.submit(seal) for _ in range(4)]]
    assert sum(made) == blocks(stocked) == 1
    assert faults(stocked) == []


def test_a_sealer_leaves_where_another_is_at_work(stocked: World) -> None:
    with stocked.database.connect() as first:
        assert seal_next_block(first) == 1
        assert stocked.seals() == 0
        first.commit()
    assert blocks(stocked) == 1


def test_a_sealer_that_is_killed_leaves_its_work_to_the_next(stocked: World) -> None:
    with stocked.database.connect() as doomed:
        assert seal_next_block(doomed) == 1
        with pytest.raises(DBAPIError):
            doomed.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert blocks(stocked) == 0
    assert stocked.seals() == 1
    assert sealed(stocked) == transfers(stocked)
    assert faults(stocked) == []


def test_many_transfers_make_several_blocks_and_a_transaction_is_never_cut(stocked: World) -> None:
    with stocked.owner.begin() as connection:
        big = {gives(connection, stocked, WANJIRU, f"big {n}") for n in range(7)}
    for _ in range(5):
        stocked.gives(OTIENO, kes(1))
    assert seal_ledger(stocked.database, most_seconds=30, most_in_a_block=3) > 3
    assert sealed(stocked) == transfers(stocked)
    with stocked.database.connect() as connection:
        sizes = connection.execute(
            text("SELECT n_transfers + n_events FROM seal_block ORDER BY number")
        ).scalars()
        assert [size for size in sizes if size > 3] == [len(big)]
    assert faults(stocked) == []


def test_the_hash_of_a_block_can_be_computed_by_any_program(stocked: World) -> None:
    """The whole recipe, in Python, from the rows."""
    with stocked.owner.begin() as connection:
        connection.execute(text("UPDATE clock SET ahead = interval '3 days 7.25 seconds'"))
        record(connection, actor='o\'neill "x"\n', act="a\u00e9", subject="\\", note=None)
    stocked.gives(WANJIRU, kes(1))
    stocked.seals()
    rows = "SELECT * FROM {} ORDER BY 1"
    with stocked.owner.connect() as connection:
        [block] = connection.execute(text(rows.format("seal_block"))).all()
        moved = connection.execute(text(rows.format("transfer"))).all()
        happened = connection.execute(
            text("SELECT *, details::text AS written FROM audit_event ORDER BY id")
        ).all()
        lines = connection.execute(
            text("SELECT * FROM entry JOIN account ON id = account_id ORDER BY 1, 2")
        ).all()

    def hashed(contents: list[object]) -> bytes:
        return sha256(json.dumps(contents, ensure_ascii=False).encode()).digest()

    transfer_hashes = [
        hashed(
            [
                *(t.id, t.kind, t.scope, t.key, t.request_hash.hex(), t.n_entries, t.reverses),
                *(t.actor, t.second_actor, t.reason, f"{t.posted_at:%Y-%m-%dT%H:%M:%S.%fZ}"),
                [
                    [e.account_id, e.kind, e.owner, e.market, e.side, e.cents]
                    for e in lines
                    if e.transfer_id == t.id
                ],
            ]
        )
        for t in moved
    ]
    event_hashes = [
        hashed([e.id, f"{e.at:%Y-%m-%dT%H:%M:%S.%fZ}", e.actor, e.act, e.subject, e.written])
        for e in happened
    ]
    assert block.hash == hashed(
        [
            *(1, "00" * 32, 0, block.until_xid),
            *(len(moved), sha256(b"".join(transfer_hashes)).hexdigest()),
            *(len(happened), sha256(b"".join(event_hashes)).hexdigest()),
            *(len(moved), len(happened), f"{block.sealed_at:%Y-%m-%dT%H:%M:%S.%fZ}"),
        ]
    )


@pytest.mark.parametrize(
    ("statement", "granted"),
    [
        ("UPDATE seal_block SET sealed_at = now()", "seal_block"),
        ("DELETE FROM seal_block", "seal_block"),
        ("INSERT INTO seal_block SELECT * FROM seal_block", "seal_block"),
        ("UPDATE published_head SET hash = sha256('x')", "published_head"),
        ("INSERT INTO audit_event (actor, act, subject, at) VALUES ('a', 'b', 'c', now())", None),
        (
            "INSERT INTO audit_event (actor, act, subject, recorded_in) VALUES ('a', 'b', 'c', 1)",
            None,
        ),
    ],
)
def test_the_application_writes_no_block_and_dates_no_event(
    stocked: World, statement: str, granted: str | None
) -> None:
    stocked.seals()
    assert attempt(stocked.database, statement) == NOT_PERMITTED
    if granted is not None:
        assert attempt(stocked.owner, f"GRANT ALL ON {granted} TO {APPLICATION}") is None
        assert attempt(stocked.database, statement) in {"KB003", "23505"}


@pytest.mark.parametrize("table", ["seal_block", "published_head"])
def test_even_the_owner_is_refused_while_the_triggers_stand(stocked: World, table: str) -> None:
    stocked.seals()
    assert attempt(stocked.owner, f"DELETE FROM {table}") == "KB003"
    assert attempt(stocked.owner, f"TRUNCATE {table} CASCADE") == "KB003"


def test_a_database_that_counts_behind_its_chain_is_noticed(stocked: World) -> None:
    """As a dump is that was restored into another cluster."""
    stocked.seals()
    _moves_the_chain_ahead(stocked.owner)
    with pytest.raises(SealBehind) as caught:
        stocked.seals()
    cause = caught.value.__cause__
    assert isinstance(cause, DBAPIError)
    assert sql_state(cause) == "KB013"
    assert any("restored from a dump" in fault for fault in faults(stocked))
    worker = Worker(stocked.database, seal_jobs.jobs(database=stocked.database, witnesses=()))
    seal_jobs.begin(stocked.database)
    stocked.moves(minutes=1)
    worker.run_due()
    assert stocked.count("alarm WHERE kind = 'seal'") == 1
    _moves_the_chain_ahead(stocked.owner, by=-(10**9))


def test_the_worker_seals_each_minute_and_calls_where_something_waits(stocked: World) -> None:
    worker = Worker(stocked.database, seal_jobs.jobs(database=stocked.database, witnesses=()))
    for _worker in range(2):
        seal_jobs.begin(stocked.database)
    with stocked.owner.connect() as slow:
        gives(slow, stocked, WANJIRU, "slow")
        stocked.gives(OTIENO, kes(1))
        for _minute in range(12):
            stocked.moves(minutes=1)
            while worker.run_due():
                pass
        assert in_transaction(stocked.database, oldest_unsealed_seconds) > 600
        assert stocked.count("alarm WHERE kind = 'seal'") == 1
        assert any("waits for its seal" in fault for fault in faults(stocked))
        slow.commit()
    stocked.moves(minutes=1)
    worker.run_due()
    assert sealed(stocked) == transfers(stocked)
    assert in_transaction(stocked.database, oldest_unsealed_seconds) == 0
    assert stocked.count("outbox WHERE kind = 'seal_ledger' AND done_at IS NULL") == 1


def _moves_the_chain_ahead(owner: Engine, by: int = 10**9) -> None:
    off = "ALTER TABLE seal_block {} TRIGGER seal_block_append_only"
    move = f"UPDATE seal_block SET until_xid = until_xid + {by}"
    assert attempt(owner, off.format("DISABLE"), move, off.format("ENABLE")) is None
