"""Bets over two web processes at once: whatever comes first, the money is right."""

import pytest
from redis import Redis
from sqlalchemy import text

from core.markets.rules import Outcome
from core.money import kes
from tests.chaos.street import Street, at_once, eventually
from tests.core.markets.bookmaker import Bookmaker
from tests.phone import Phone
from tests.world import BARAKA, PIN, World

pytestmark = pytest.mark.processes

WANJIRU = "+254700000001"
TROUBLE = "Sorry, we have a problem"


def ready_to_confirm(phone: Phone, *, label: str = "Rain", side: str = "YES") -> dict[str, str]:
    """Walk up to the PIN; return the hop that would place the bet of 100."""
    phone.dial().choose("Bet").choose(label).choose(side).type("100").shows("Enter PIN")
    return {**phone.form, "text": f"{phone.form['text']}*{PIN}"}


def crowd(world: World, *, shillings: int = 500, size: int = 10) -> list[str]:
    phones = [f"+2547000001{n:02}" for n in range(size)]
    for phone in phones:
        world.has_player(phone, balance=kes(shillings))
    return phones


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


def test_ten_phones_bet_at_the_closing_second(street: Street) -> None:
    world = street.world
    market_id = world.has_market(label="Rain")
    hops = [
        ready_to_confirm(street.phone(phone, web=n % 2), side=("YES", "NO")[n % 2])
        for n, phone in enumerate(crowd(world))
    ]
    # The database's clock is moved to just before the closing time.
    world.moves(days=1)
    with world.owner.begin() as connection:
        connection.execute(
            text(
                "UPDATE clock SET ahead = ahead - (SELECT kibeezy_now() - closes_at FROM market)"
                " - interval '400 ms'"
            )
        )

    def bet(n: int) -> str:
        # One after another across the closing moment, each as soon as the one before has gone.
        return street.hop(hops[n], web=n % 2)[1]

    first_half = at_once(*[lambda n=n: bet(n) for n in range(5)])
    passed = text("SELECT kibeezy_now() >= closes_at FROM market")
    with world.database.connect() as connection:
        eventually(lambda: connection.execute(passed).scalar_one())
    second_half = at_once(*[lambda n=n: bet(n) for n in range(5, 10)])

    accepted = [body for body in [*first_half, *second_half] if "Bet placed" in body]
    assert all(f"Market {market_id} takes no bets now" in body for body in second_half)
    assert all("Bet placed" in body or "takes no bets now" in body for body in first_half)
    assert world.count("bet") == len(accepted)
    staked = world.pool(market_id, "yes") + world.pool(market_id, "no")
    assert staked == kes(100 * len(accepted))
    late = "SELECT count(*) FROM bet JOIN market m ON m.id = market_id WHERE placed_at >= closes_at"
    with world.database.connect() as connection:
        assert connection.execute(text(late)).scalar_one() == 0


def test_two_sessions_of_one_player_cannot_overspend(street: Street) -> None:
    world = street.world
    world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(150))
    hops = [ready_to_confirm(street.phone(WANJIRU, web=web)) for web in (0, 1)]

    answers = at_once(*[lambda web=web: street.hop(hops[web], web=web)[1] for web in (0, 1)])

    assert sum("Bet placed" in body for body in answers) == 1
    assert sum("No money was taken." in body for body in answers) == 1
    assert (world.count("bet"), world.wallet(WANJIRU)) == (1, kes(50))


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


def test_a_web_process_killed_in_a_storm_loses_and_doubles_nothing(street: Street) -> None:
    world = street.world
    world.has_market(label="Rain")
    phones = crowd(world, size=12)
    hops = [ready_to_confirm(street.phone(phone)) for phone in phones]

    def bet(n: int) -> str | None:
        try:
            return street.hop(hops[n], web=0)[1]
        except OSError:
            return None

    def pull_the_plug() -> None:
        eventually(lambda: world.count("bet") >= 3)
        street.webs[0].is_killed()

    *answers, _ = at_once(
        *[lambda n=n: bet(n) for n in range(12)],
        pull_the_plug,
    )
    acknowledged = [n for n, body in enumerate(answers) if body and "Bet placed" in body]
    for n in acknowledged:
        assert world.wallet(phones[n]) == kes(400), "an acknowledged bet is there"
    assert None in answers, "the plug was pulled too late to tear anything"

    # The gateway repeats each hop at the process that is left.
    # A hop that died with its process is held for ten seconds; until then nobody is told a lie.
    repeated = at_once(*[lambda hop=hop: _repeats(street, hop) for hop in hops])

    assert all("Bet placed" in body for body in repeated), repeated
    assert [repeated[n] for n in acknowledged] == [answers[n] for n in acknowledged]
    assert world.count("bet") == 12
    assert [world.wallet(phone) for phone in phones] == [kes(400)] * 12


def _repeats(street: Street, hop: dict[str, str]) -> str:
    body = TROUBLE
    while TROUBLE in body:
        body = street.hop(hop, web=1)[1]
    return body
