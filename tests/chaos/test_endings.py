"""Bets against the end of their market: by the clock, by an admin, by a settlement."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from core.markets.rules import Outcome
from core.money import kes
from tests.chaos.callers import WANJIRU, crowd, ready_to_confirm, waiting
from tests.chaos.street import PATIENCE_SECONDS, Street, at_once, eventually
from tests.core.markets.bookmaker import Bookmaker
from tests.world import BARAKA, World

pytestmark = pytest.mark.processes


def test_ten_phones_bet_at_the_closing_second(street: Street) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    hops = [
        ready_to_confirm(street.phone(phone, web=n % 2), side=("YES", "NO")[n % 2])
        for n, phone in enumerate(crowd(world))
    ]

    def bet(*numbers: int) -> Sequence[str]:
        return at_once(*[lambda n=n: street.hop(hops[n], web=n % 2)[1] for n in numbers])

    in_time = bet(0, 1)
    moves_to_closing(world, seconds_left=0.5)
    eventually(lambda: time_left(world) < 0.05)
    in_the_moment = bet(2, 3, 4, 5, 6, 7)
    eventually(lambda: time_left(world) <= 0)
    too_late = bet(8, 9)

    accepted = [body for body in (*in_time, *in_the_moment, *too_late) if "Bet placed" in body]
    assert [*in_time] == accepted[:2]
    assert all("Bet placed" in body or "takes no bets now" in body for body in in_the_moment)
    assert all("That market takes no bets now" in body for body in too_late)
    assert world.count("bet") == len(accepted)
    staked = world.pool(market_id, "yes") + world.pool(market_id, "no")
    assert staked == kes(100 * len(accepted))
    late = "SELECT count(*) FROM bet JOIN market m ON m.id = market_id WHERE placed_at >= closes_at"
    with world.database.connect() as connection:
        assert connection.execute(text(late)).scalar_one() == 0


def test_a_bet_that_waited_past_the_closing_second_is_refused(street: Street) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    hops = [ready_to_confirm(street.phone(phone)) for phone in crowd(world, size=4)]
    with ThreadPoolExecutor(len(hops)) as pool, world.owner.connect() as gate:
        gate.execute(text("SELECT pg_advisory_xact_lock(1, :market)"), {"market": market_id})
        betting = [pool.submit(street.hop, hop, web=n % 2) for n, hop in enumerate(hops)]
        eventually(lambda: waiting(world, "advisory") == len(hops))
        moves_to_closing(world, seconds_left=0)
        gate.rollback()
        bodies = [each.result(PATIENCE_SECONDS)[1] for each in betting]

    assert all("takes no bets now" in body for body in bodies)
    assert world.count("bet") == 0


@pytest.mark.parametrize("act", ["close", "void"])
def test_bets_against_an_admin(street: Street, bookmaker: Bookmaker, act: str) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    phones = crowd(world, size=10)
    hops = [ready_to_confirm(street.phone(phone, web=n % 2)) for n, phone in enumerate(phones)]

    def decide() -> str:
        # With the market locked by the first bets, a command of another process waits in line.
        eventually(lambda: world.count("bet"))
        if act == "close":
            return bookmaker.closes(market_id).status
        return bookmaker.proposes(market_id, Outcome.VOID).status

    *bodies, status = at_once(
        *[lambda n=n: street.hop(hops[n], web=n % 2)[1] for n in range(8)],
        decide,
    )
    late = [street.hop(hops[n], web=n % 2)[1] for n in (8, 9)]

    accepted = sum("Bet placed" in body for body in bodies)
    assert status == {"close": "closed", "void": "proposed"}[act]
    assert all("Bet placed" in body or "takes no bets now" in body for body in bodies)
    assert all("takes no bets now" in body for body in late)
    assert world.count("bet") == accepted
    assert world.pool(market_id, "yes") == kes(100 * accepted)
    if act == "void":
        bookmaker.resolves(market_id)
        bookmaker.pays(market_id)
        assert [world.wallet(phone) for phone in phones] == [kes(500)] * 10


def test_bets_against_a_settlement(street: Street, bookmaker: Bookmaker) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    phones = crowd(world, size=8)
    hops = [
        ready_to_confirm(street.phone(phone), side=("YES", "NO")[n % 2])
        for n, phone in enumerate(phones)
    ]
    assert all("Bet placed" in street.hop(hop, web=0)[1] for hop in hops[:4])
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    bookmaker.resolves(market_id)

    def pay() -> str:
        bookmaker.pays(market_id)
        return "paid"

    *bodies, _ = at_once(
        *[lambda n=n: street.hop(hops[n], web=n % 2)[1] for n in range(8)],
        pay,
    )

    # The first four are repeats: they are answered as they were, and move nothing.
    assert [("Bet placed" in body, "takes no bets now" in body) for body in bodies] == [
        *[(True, False)] * 4,
        *[(False, True)] * 4,
    ]
    assert [world.wallet(phone) for phone in phones[:4]] == [kes(580), kes(400)] * 2
    assert [world.wallet(phone) for phone in phones[4:]] == [kes(500)] * 4


def test_resolved_from_two_terminals_at_once_pays_once(
    street: Street, bookmaker: Bookmaker
) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    phones = crowd(world, size=4)
    for n, phone in enumerate(phones):
        hop = ready_to_confirm(street.phone(phone), side=("YES", "NO")[n % 2])
        assert "Bet placed" in street.hop(hop, web=1)[1]
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    world.has_admin("chebet@kibeezy.test")

    done = at_once(
        *[
            lambda by=by: street.flask("market", "resolve", str(market_id), "--by", by)
            for by in (BARAKA, "chebet@kibeezy.test")
        ]
    )

    assert sorted(each.returncode for each in done) == [0, 1]
    [refusal] = [each.stderr for each in done if each.returncode]
    assert refusal.startswith(f"Error: Market {market_id} is settl")
    assert world.count("settlement") == 1
    assert [world.wallet(phone) for phone in phones] == [kes(580), kes(400)] * 2
    street.comes_to_rest()
    assert all(len(street.inbox(phone)) == 2 for phone in phones), "one receipt, one result"


def test_the_closer_waits_for_a_bet_that_has_begun(street: Street, bookmaker: Bookmaker) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(500))
    hop = ready_to_confirm(street.phone(WANJIRU))
    with ThreadPoolExecutor(2) as pool, world.owner.connect() as slow:
        # The bet has read that the market is open, and now waits for the player's wallet.
        slow.execute(text("SELECT FROM balance FOR UPDATE"))
        betting = pool.submit(street.hop, hop, web=0)
        eventually(lambda: waiting(world, "transactionid"))
        closing = pool.submit(bookmaker.closes, market_id)
        eventually(lambda: closing.done() or waiting(world, "advisory"))
        assert not closing.done(), "closed over the head of a bet"
        slow.rollback()

        assert "Bet placed" in betting.result(PATIENCE_SECONDS)[1]
        assert closing.result(PATIENCE_SECONDS).status == "closed"
    assert world.pool(market_id, "yes") == kes(100)


def moves_to_closing(world: World, *, seconds_left: float) -> None:
    world.moves(seconds=time_left(world) - seconds_left)


def time_left(world: World) -> float:
    """How long the one market will still take bets, by the database's clock."""
    left = text("SELECT extract(epoch FROM closes_at - kibeezy_now()) FROM market")
    with world.database.connect() as connection:
        return float(connection.execute(left).scalar_one())
