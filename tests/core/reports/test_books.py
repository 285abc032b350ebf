"""The books at a glance are the books: whatever of them is summed up already, and whoever sums."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core.database import begin_snapshot, in_transaction, now
from core.ledger.sum_days import sum_days, sum_next_blocks
from core.money import Money, kes
from core.outbox.deliver import Worker
from core.reports.books import Books, read_books
from core.reports.today import money_today
from core.reports.trial_balance import trial_balance
from core.seal import jobs as seal_jobs
from tests.core.reports.played_day import OTIENO, WANJIRU, PlayedDay, lines_of
from tests.core.seal.test_sealing import gives
from tests.world import World


def books_of(world: World) -> Books:
    return in_transaction(world.database, read_books)


def added_up(world: World) -> dict[str, Money]:
    """The same from every single entry, by kind of account."""
    with world.database.connect() as connection:
        begin_snapshot(connection)
        report = trial_balance(connection, as_of=now(connection))
    return {line["kind"]: line["credit_kes"] - line["debit_kes"] for line in lines_of(report)}


def agree(world: World) -> None:
    books, wanted = books_of(world), added_up(world)
    assert books.is_now
    assert wanted.pop("total") == Money(0)
    assert {kind: books.stands_at((kind,)) for kind in wanted} == wanted
    assert books.at_mpesa - books.users == Money(sum(each.cents for _, each in books.others))


def summed(world: World, *, most_transfers: int = 1_000) -> int:
    return sum_days(world.database, most_seconds=30, most_transfers=most_transfers)


def test_nothing_is_nothing(world: World) -> None:
    books = books_of(world)
    assert books.accounts == {}
    assert books.users == books.at_mpesa == Money(0)
    assert money_today(books).staked == Money(0)


def test_the_books_at_a_glance_are_every_entry_added_up(day: PlayedDay) -> None:
    world = day.world
    agree(world)
    world.seals()
    agree(world)
    assert summed(world) > 0
    assert summed(world) == 0, "nothing is added twice"
    agree(world)
    world.gives(WANJIRU, kes(7))
    agree(world)
    world.seals()
    summed(world)
    agree(world)


def test_a_day_at_a_glance_is_its_close(day: PlayedDay) -> None:
    world = day.world
    figures = {line["name"]: line["amount_kes"] for line in lines_of(day.close(), "figures")}
    world.seals()
    in_transaction(world.database, lambda c: sum_next_blocks(c, most=1))
    books = books_of(world)
    assert books.day != day.day, "that day is over"
    assert money_today(books).deposited == Money(0)
    assert books.users == figures["users_money"]
    assert books.at_mpesa == figures["at_mpesa"]


@pytest.mark.parametrize("most_transfers", [1, 3, 1_000])
def test_in_whatever_steps_and_by_however_many_it_is_added_once(
    day: PlayedDay, most_transfers: int
) -> None:
    world = day.world
    for _ in range(3):
        world.seals()
        world.gives(WANJIRU, kes(1))
    world.seals()
    together = Barrier(3)

    def sums() -> int:
        together.wait()
        return summed(world, most_transfers=most_transfers)

    with ThreadPoolExecutor(3) as pool:
        blocks = sum(run.result() for run in [pool.submit(sums) for _ in range(3)])
    assert blocks == world.count("seal_block")
    agree(world)


def test_where_much_waits_the_books_are_told_as_they_were_and_still_balance(
    day: PlayedDay,
) -> None:
    books = in_transaction(day.world.database, lambda c: read_books(c, most_fresh=3))
    assert not books.is_now
    assert books.as_of < in_transaction(day.world.database, now)
    assert books.stands_at(books.accounts) == Money(0)
    assert len(books.accounts) > 0


def test_what_is_posted_while_others_are_sealed_is_missed_by_nobody(day: PlayedDay) -> None:
    world = day.world
    with world.owner.connect() as slow:
        gives(slow, world, WANJIRU, "slow")
        world.gives(OTIENO, kes(2))
        world.seals()
        summed(world)
        agree(world)
        slow.commit()
    agree(world)
    world.seals()
    summed(world)
    agree(world)


def test_the_worker_adds_what_it_has_sealed(day: PlayedDay) -> None:
    world = day.world
    worker = Worker(world.database, seal_jobs.jobs(database=world.database, witnesses=()))
    seal_jobs.begin(world.database)
    world.moves(minutes=1)
    worker.run_due()
    assert world.count("day_sum") > 0
    assert summed(world) == 0, "nothing is left to add"
