"""A caller reads on the first page what is paused, and the page costs no trip more."""

import json

import pytest

from core.database import in_transaction
from core.money import kes
from core.staff.records import Role, find_admin
from core.switches.rules import Switch
from core.switches.start import start
from core.switches.stop import stop
from core.text import Language
from tests.phone import Phone
from tests.world import World
from ussd.hop import Cumulative
from ussd.session import Session
from ussd.transcript import Transcript

FINANCE = "chebet@kibeezy.test"
PHONE = "+254700000001"


@pytest.fixture(autouse=True)
def _somebody_stops_money(world: World) -> None:
    world.has_admin(FINANCE, Role.FINANCE)


def stops(world: World, *kinds: Switch) -> None:
    for kind in kinds:
        with world.database.begin() as connection:
            by = find_admin(connection, email=FINANCE)
            stop(connection, kind=kind, why="a test", by=by)


def starts(world: World, kind: Switch) -> None:
    in_transaction(
        world.database,
        lambda c: start(c, kind=kind, why="over", by=find_admin(c, email=FINANCE)),
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Switch.BETS, "Bets are paused for now."),
        (Switch.DEPOSITS, "Deposits are paused for now."),
        (Switch.WITHDRAWALS, "Withdrawals are paused for now."),
    ],
)
def test_the_first_page_says_what_is_paused_until_it_runs_again(
    world: World, phone: Phone, kind: Switch, words: str
) -> None:
    world.has_player(PHONE)
    phone.dial().lacks("paused")
    stops(world, kind)
    phone.dial().shows("Kibeezy").shows(words).shows("1. Bet").shows("5. My account")
    starts(world, kind)
    phone.dial().lacks("paused")


def test_several_at_once_share_a_line_and_the_numbers_stay(world: World, phone: Phone) -> None:
    world.has_player(PHONE)
    stops(world, Switch.WITHDRAWALS, Switch.DEPOSITS, Switch.BETS)
    phone.dial().shows("Paused for now: bets, deposits, withdrawals.")
    phone.shows("1. Bet").shows("5. My account")


def test_it_is_said_in_swahili(world: World, phone: Phone) -> None:
    world.has_player(PHONE, language=Language.SWAHILI)
    stops(world, Switch.DEPOSITS)
    phone.dial().shows("Kuweka pesa kumesitishwa kwa sasa.")
    stops(world, Switch.BETS, Switch.WITHDRAWALS)
    phone.dial().shows("Kumesitishwa kwa sasa: kuweka dau, kuweka pesa, kutoa pesa.")


def test_whoever_comes_home_in_the_same_call_reads_it_again(world: World, phone: Phone) -> None:
    world.has_player(PHONE)
    stops(world, Switch.WITHDRAWALS)
    phone.dial().choose("My account").lacks("paused").type("00")
    phone.shows("Withdrawals are paused for now.")
    phone.type("5").type("0").shows("Withdrawals are paused for now.")


def test_settlements_are_nothing_that_callers_ask_for(world: World, phone: Phone) -> None:
    world.has_player(PHONE)
    stops(world, Switch.SETTLEMENTS)
    phone.dial().shows("1. Bet").lacks("paused")


def test_what_is_stopped_during_the_call_is_refused_all_the_same(
    world: World, phone: Phone
) -> None:
    world.has_player(PHONE, balance=kes(500))
    phone.dial().lacks("paused")
    stops(world, Switch.DEPOSITS)
    phone.choose("Deposit").type("300").shows("Deposits are paused for now. No money was taken.")


def test_a_call_that_was_cut_off_says_it_on_its_first_page(world: World, phone: Phone) -> None:
    world.has_player(PHONE)
    world.has_market("Will Gor Mahia win on Sunday?")
    phone.dial().choose("Bet").choose("Gor").choose("YES")
    stops(world, Switch.DEPOSITS)
    phone.dial().choose("Start again").shows("Deposits are paused for now.")


def test_the_release_before_can_read_a_session_where_nothing_is_paused(world: World) -> None:
    transcript = Transcript.of(Cumulative(""), world.pepper)
    session = Session("1", Language.ENGLISH, transcript)
    assert "stopped" not in json.loads(session.dump())
    session.stopped = frozenset({Switch.BETS})
    assert Session.load(session.dump()) == session
