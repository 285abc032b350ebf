"""Nobody resolves a market: staff are reminded, then the system gives every stake back."""

from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from core.alarms.list_alarms import all_alarms
from core.config.rules import Dated
from core.database import in_transaction
from core.markets.approve_market import approve_market
from core.markets.create_market import create_market
from core.markets.jobs import jobs
from core.markets.rules import MarketStatus, Outcome, PayoutRule, Ruling, Side
from core.markets.void_unresolved import void_unresolved
from core.money import kes
from core.outbox.deliver import Worker
from core.staff.records import Role
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, rules, third_admin, works
from tests.world import ASHA, BARAKA, World

WANJIRU, OTIENO, BOSS = "+254700000001", "+254700000002", "+254700000050"


@pytest.fixture
def worker(world: World) -> Worker:
    return Worker(world.database, jobs(database=world.database))


@pytest.fixture
def closed(world: World, bookmaker: Bookmaker) -> int:
    """A market with a bet on each side, closed now."""
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(500))
    world.has_admin("boss@kibeezy.test", Role.OWNER, phone=BOSS)
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.bets(OTIENO, market_id, Side.NO, 300)
    bookmaker.closes(market_id)
    return market_id


def alarms(world: World) -> list[str]:
    return [one.kind for one in in_transaction(world.database, all_alarms)]


def status(bookmaker: Bookmaker, market_id: int) -> MarketStatus:
    return bookmaker.market(market_id).status


def test_a_week_after_the_closing_every_stake_goes_back(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker
) -> None:
    world.moves(hours=167, minutes=59)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.CLOSED
    world.moves(minutes=1, seconds=1)
    works(worker)
    ended = bookmaker.market(closed)
    assert (ended.status, ended.outcome) == (MarketStatus.VOIDED, Outcome.VOID)
    assert (ended.voided_by_system, ended.resolved_by, ended.proposed_by) == (True, None, None)
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(500), kes(500))
    with world.database.connect() as connection:
        query = text("SELECT DISTINCT actor FROM transfer WHERE kind = 'refund'")
        assert connection.execute(query).scalars().all() == ["system"]


def test_staff_are_reminded_at_half_the_time_and_a_day_before(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker
) -> None:
    works(worker)
    assert alarms(world) == []
    world.moves(hours=84, seconds=1)
    works(worker)
    assert alarms(world) == ["result_half"]
    world.moves(hours=60)
    works(worker)
    assert alarms(world) == ["result_half", "result_last"]
    world.moves(hours=24)
    works(worker)
    assert alarms(world) == ["result_half", "result_last", "market_voided"]
    with world.database.connect() as connection:
        query = text("SELECT body FROM sms_out WHERE phone = :phone ORDER BY id")
        told = list(connection.execute(query, {"phone": BOSS}).scalars())
    assert len(told) == 3
    assert f"Market {closed} waits for its result until " in told[0]
    assert status(bookmaker, closed) is MarketStatus.VOIDED


def test_what_is_resolved_in_time_is_left_alone(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker
) -> None:
    bookmaker.proposes(closed, Outcome.YES)
    bookmaker.resolves(closed)
    bookmaker.pays(closed)
    world.moves(hours=200)
    works(worker)
    assert (status(bookmaker, closed), alarms(world)) == (MarketStatus.SETTLED, [])


def test_a_proposal_has_a_day_beyond_its_window(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker
) -> None:
    world.moves(hours=167)
    bookmaker.proposes(closed, Outcome.YES, window=timedelta(hours=3))
    world.moves(hours=26, minutes=59)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.PROPOSED
    world.moves(minutes=1, seconds=1)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.VOIDED
    assert bookmaker.market(closed).proposed_outcome is Outcome.YES
    assert world.wallet(WANJIRU) == kes(500)


def test_a_dispute_that_nobody_rules_ends_in_the_void(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker
) -> None:
    bookmaker.proposes(closed, Outcome.YES, window=timedelta(hours=1))
    disputes(world, closed, OTIENO)
    world.moves(hours=168, seconds=1)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.VOIDED


def test_an_upheld_dispute_leaves_the_deadline_as_it_was(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker
) -> None:
    world.moves(hours=167)
    bookmaker.proposes(closed, Outcome.YES, window=timedelta(hours=3))
    disputes(world, closed, OTIENO)
    rules(world, closed, Ruling.UPHELD, by=third_admin(world))
    world.moves(hours=26, minutes=59)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.CLOSED
    world.moves(minutes=1, seconds=1)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.VOIDED


def test_a_void_that_nobody_confirms_comes_all_the_same(
    world: World, bookmaker: Bookmaker, worker: Worker
) -> None:
    market_id = world.has_market(closes_in=timedelta(days=30))
    bookmaker.proposes(market_id, Outcome.VOID)
    world.moves(hours=168, seconds=1)
    works(worker)
    assert status(bookmaker, market_id) is MarketStatus.VOIDED


def test_the_deadline_is_a_dated_value_and_stands_once_the_market_is_closed(
    world: World, bookmaker: Bookmaker, worker: Worker
) -> None:
    first, second = world.has_market(), world.has_market()
    bookmaker.closes(first)
    world.agrees_on(Dated.RESOLUTION_DEADLINE_HOURS, 2, counts_in=timedelta(hours=1))
    world.moves(hours=1)
    closed = bookmaker.closes(second)
    assert closed.deadline is not None
    assert closed.deadline - closed.as_of <= timedelta(hours=2)
    world.moves(hours=1, seconds=1)
    works(worker)
    assert alarms(world) == ["result_half"], "of a short deadline the half is the last call"
    world.moves(hours=1)
    works(worker)
    assert status(bookmaker, first) is MarketStatus.CLOSED
    assert status(bookmaker, second) is MarketStatus.VOIDED


def test_the_void_comes_once_and_not_before_its_time(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker
) -> None:
    in_transaction(world.database, lambda c: void_unresolved(c, market_id=closed))
    assert status(bookmaker, closed) is MarketStatus.CLOSED, "it is not due yet"
    world.moves(hours=168)
    for _again in range(2):
        in_transaction(world.database, lambda c: void_unresolved(c, market_id=closed))
    works(worker)
    in_transaction(world.database, lambda c: void_unresolved(c, market_id=closed))
    assert status(bookmaker, closed) is MarketStatus.VOIDED
    assert world.wallet(OTIENO) == kes(500)


def test_what_was_closed_before_there_were_deadlines_has_a_week(
    world: World, bookmaker: Bookmaker, closed: int, worker: Worker, urls: tuple[str, str]
) -> None:
    migrations = Config("alembic.ini")
    migrations.attributes["urls"] = (urls[1], urls[0])
    world.database.dispose()
    command.downgrade(migrations, "0010")
    command.upgrade(migrations, "head")
    world.moves(hours=167)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.CLOSED
    world.moves(hours=1)
    works(worker)
    assert status(bookmaker, closed) is MarketStatus.VOIDED


@pytest.mark.parametrize(
    ("source", "resolving"),
    [
        ("the FKF's website", "it resolves from the FKF's website."),
        (None, "two admins resolve it from public evidence."),
    ],
)
def test_approving_is_attesting(world: World, source: str | None, resolving: str) -> None:
    asha, baraka = world.has_admin(ASHA), world.has_admin(BARAKA)
    with world.database.begin() as connection:
        draft = create_market(
            connection,
            question="Will it rain?",
            closes_at="2099-12-31T18:00+03:00",
            fee_bps=1000,
            payout_rule=PayoutRule.PRO_RATA,
            resolves_from=source,
            approval_ref="BCLB/1",
            by=asha,
        )
        opened = approve_market(connection, market_id=draft.id, by=baraka)
        query = text("SELECT details FROM audit_event WHERE act = 'market.approved'")
        trail = connection.execute(query).scalar_one()
    assert opened.attestation is not None
    assert opened.attestation.startswith("By approving you attest: no pending court case; ")
    assert opened.attestation.endswith(resolving)
    assert (trail["attested"], trail["approval_ref"]) == (opened.attestation, "BCLB/1")
