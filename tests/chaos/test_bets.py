"""Bets over two web processes at once: whatever comes first, the money is right."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from sqlalchemy import text

from core.money import kes
from tests.chaos.callers import TROUBLE, WANJIRU, crowd, ready_to_confirm, waiting
from tests.chaos.street import Member, Street, at_once, eventually
from tests.world import World

pytestmark = pytest.mark.processes


def test_the_same_hop_ten_times_at_once_is_one_bet(street: Street) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(1000))
    hop = ready_to_confirm(street.phone(WANJIRU))

    answers = at_once(*[lambda web=n % 2: street.hop(hop, web=web) for n in range(10)])

    assert len(set(answers)) == 1
    [(status, body)] = set(answers)
    assert status == 200
    assert body.startswith("END Bet placed. Ref ")
    assert (world.count("bet"), world.wallet(WANJIRU)) == (1, kes(900))
    assert world.pool(market_id, "yes") == kes(100)
    street.comes_to_rest()
    assert len(street.inbox(WANJIRU)) == 1


def test_two_sessions_of_one_player_cannot_overspend(street: Street) -> None:
    world = street.world
    world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(150))
    hops = [ready_to_confirm(street.phone(WANJIRU, web=web)) for web in (0, 1)]

    answers = at_once(*[lambda web=web: street.hop(hops[web], web=web)[1] for web in (0, 1)])

    assert sum("Bet placed" in body for body in answers) == 1
    assert sum("No money was taken." in body for body in answers) == 1
    assert (world.count("bet"), world.wallet(WANJIRU)) == (1, kes(50))


def test_redis_forgets_everything_in_the_middle_of_a_session(
    street: Street, redis_client: Redis
) -> None:
    world = street.world
    world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(500))
    hop = ready_to_confirm(street.phone(WANJIRU))
    redis_client.flushall()

    status, body = street.hop(hop, web=1)

    assert (status, body[:4] in {"CON ", "END "}) == (200, True)
    assert "Bet placed" not in body
    assert TROUBLE not in body
    assert (world.count("bet"), world.wallet(WANJIRU)) == (0, kes(500))
    street.phone(WANJIRU, web=1).dial().choose("Bet").shows("Rain")


def test_a_web_process_killed_in_a_storm_loses_and_doubles_nothing(
    street: Street, redis_client: Redis
) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    phones = crowd(world, size=12)
    hops = [ready_to_confirm(street.phone(phone)) for phone in phones]
    calm = at_once(*[lambda hop=hop: street.hop(hop, web=0)[1] for hop in hops[:4]])
    assert all("Bet placed" in body for body in calm)

    with stormy(world, market_id, street.webs[0], redis_client) as break_loose:
        torn = at_once(
            *[lambda hop=hop: unanswered(street, hop) for hop in hops[4:]],
            lambda: break_loose(8),
        )
    assert all(torn), "nobody was told anything"
    assert world.count("bet") > 4, "some were placed all the same"

    # The gateway repeats every hop at the process that is left. A hop that died with its process
    # is held for ten seconds; until then the answer promises nothing.
    repeated = at_once(*[lambda hop=hop: repeats(street, hop) for hop in hops])

    assert repeated[:4] == calm
    assert all("Bet placed" in body for body in repeated), repeated
    assert world.count("bet") == 12
    assert [world.wallet(phone) for phone in phones] == [kes(400)] * 12


@contextmanager
def stormy(
    world: World, market_id: int, web: Member, redis: Redis
) -> Iterator[Callable[[int], bool]]:
    """Hold bets up; then let them be placed, and kill the web before it has answered one."""
    with world.owner.connect() as gate:
        gate.execute(text("SELECT pg_advisory_xact_lock(1, :market)"), {"market": market_id})

        def break_loose(bets: int) -> bool:
            before = world.count("bet")
            eventually(lambda: waiting(world, "advisory") == bets)
            # A hop ends by storing its page: without Redis the answer stays on its lips.
            redis.client_pause(10_000, all=False)
            gate.rollback()
            eventually(lambda: world.count("bet") > before)
            web.is_killed()
            return True

        yield break_loose
        redis.client_unpause()


def unanswered(street: Street, hop: dict[str, str]) -> bool:
    try:
        street.hop(hop, web=0)
    except OSError:
        return True
    return False


def repeats(street: Street, hop: dict[str, str]) -> str:
    body = TROUBLE
    while TROUBLE in body:
        body = street.hop(hop, web=1)[1]
    return body
