"""PostgreSQL hangs: callers get a true page in time, and the money is right when it goes on."""

import pytest
from flask.testing import FlaskClient

from core.text import Language
from tests.chaos.engines.edge import (
    LONGEST_HOP_SECONDS,
    MAY_STAND,
    NOTHING_DONE,
    NOTHING_KNOWN,
    QUICK_SECONDS,
    WANJIRU,
    Edge,
    answered_within,
)
from tests.phone import Phone
from tests.world import PIN

# The limit of any request, and what answering takes.
LONGEST_REQUEST_SECONDS = 9
pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("halted_before", "placed"),
    [
        ("UPDATE player_pin", False),
        ("bet_situation", False),
        ("post_transfer", False),
        ("INSERT INTO bet", False),
        # It is found in the socket of the server that wakes up, and carried out.
        ("COMMIT", True),
    ],
)
def test_in_the_middle_of_a_bet(edge: Edge, halted_before: str, *, placed: bool) -> None:
    phone = edge.bettor()
    edge.before(halted_before, lambda: edge.machine.halts("postgres"))
    counted = edge.failures("deadline")

    with answered_within(LONGEST_HOP_SECONDS):
        phone.type(PIN).has_hung_up()
    hop = dict(phone.form)
    assert phone.screen == MAY_STAND
    with answered_within(LONGEST_HOP_SECONDS):
        phone.dial().has_hung_up()
    assert phone.screen == MAY_STAND
    assert edge.failures("deadline") == counted + 2
    edge.machine.goes_on("postgres")

    with answered_within(QUICK_SECONDS):
        phone.dial()
    assert edge.tells() is placed
    assert edge.stands() is placed
    phone.form = hop
    phone.repeats().shows("Bet placed. Ref " if placed else "Your last bet was not placed.")
    assert edge.stands() is placed


def test_before_a_call(edge: Edge, phone: Phone) -> None:
    edge.world.has_player(WANJIRU)
    with edge.machine.halted("postgres"), answered_within(LONGEST_HOP_SECONDS):
        phone.dial().has_hung_up()

    english, swahili = phone.screen.splitlines()
    assert english == NOTHING_KNOWN
    assert swahili.startswith("Samahani, ")
    with answered_within(QUICK_SECONDS):
        phone.dial().shows("1. Bet")


def test_a_probe_is_answered_and_holds_no_thread(edge: Edge, client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200
    with edge.machine.halted("postgres"), answered_within(LONGEST_REQUEST_SECONDS):
        answer = client.get("/readyz")
    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("language", "words"),
    [(Language.ENGLISH, NOTHING_DONE), (Language.SWAHILI, "Samahani, tuna hitilafu.")],
)
def test_between_two_hops(edge: Edge, phone: Phone, language: Language, words: str) -> None:
    edge.world.has_market(label="Rain")
    edge.world.has_player(WANJIRU, language=language)
    phone.dial()
    with edge.machine.halted("postgres"), answered_within(LONGEST_HOP_SECONDS):
        phone.type("1").has_hung_up()

    assert phone.screen.startswith(words)
    assert len(phone.screen.splitlines()) == 1, "one language, for it is known"
    with answered_within(QUICK_SECONDS):
        phone.dial().type("1").shows("Rain")


def test_a_caller_whose_receipt_may_be_unseen_is_not_told_that_nothing_was_taken(
    edge: Edge,
) -> None:
    phone = edge.bettor().type(PIN).shows("Bet placed")
    with edge.machine.halted("postgres"), answered_within(LONGEST_HOP_SECONDS):
        phone.dial().has_hung_up()

    assert phone.screen == NOTHING_KNOWN
    phone.dial().shows("Your last bet was placed. Ref ")
    assert edge.stands()
