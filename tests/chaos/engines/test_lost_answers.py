"""The answer to a COMMIT is lost on the way: the next dial knows that the bet stands."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.settings import Settings
from laptop.engines import Engines
from tests.chaos.engines.edge import (
    LONGEST_HOP_SECONDS,
    MAY_STAND,
    QUICK_SECONDS,
    Edge,
    answered_within,
)
from tests.chaos.engines.relay import Relay
from tests.world import PIN

pytestmark = pytest.mark.processes


@pytest.fixture
def relay(engines: Engines) -> Iterator[Relay]:
    # A socket's path must be short, and pytest's are not.
    with TemporaryDirectory(prefix="kibeezy-") as near:
        relay = Relay(Path(near), engines.postgres.sockets)
        relay.opens()
        yield relay
        relay.closes()


@pytest.fixture
def settings(settings: Settings, relay: Relay) -> Settings:
    """As everywhere, but by way of the relay."""
    direct = settings.database_url
    near, far = (str(place).replace("/", "%2F") for place in (relay.near, relay.far))
    assert far in direct
    return settings.model_copy(update={"database_url": direct.replace(far, near)})


@pytest.mark.parametrize(
    ("fate", "seconds"),
    [(Relay.falls_silent, LONGEST_HOP_SECONDS), (Relay.is_cut_by_the_next_answer, QUICK_SECONDS)],
)
def test_of_a_commit(
    edge: Edge, relay: Relay, fate: Callable[[Relay], None], seconds: float
) -> None:
    phone = edge.bettor()
    edge.before("COMMIT", lambda: fate(relay))

    with answered_within(seconds):
        phone.type(PIN).has_hung_up()
    hop = dict(phone.form)
    assert phone.screen == MAY_STAND
    with answered_within(QUICK_SECONDS):
        phone.dial().shows("Your last bet was placed. Ref ")
    assert edge.stands()
    phone.form = hop
    phone.repeats().shows("Bet placed. Ref ")
    assert edge.stands()


@pytest.mark.parametrize("lost", ["bet_situation", "post_transfer", "INSERT INTO bet"])
def test_of_a_statement_before_it_is_asked_for_again(edge: Edge, relay: Relay, lost: str) -> None:
    phone = edge.bettor()
    edge.before(lost, relay.is_cut_by_the_next_answer)

    with answered_within(LONGEST_HOP_SECONDS):
        phone.type(PIN).shows("Bet placed. Ref ")
    assert edge.stands()
