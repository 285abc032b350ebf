"""Every page that asks for a secret is known to the handset, and every secret has its name."""

import pytest

from core.settings import Settings
from core.text import Language
from laptop.engines import Engines
from tests.settings import make_settings
from tests.texts.longest import LONGEST_SETTINGS, LongestWorld
from tests.texts.test_pages_fit import all_pages
from tests.world import World
from ussd.pages import Question
from ussd.terminal.line import Shown
from ussd.terminal.secrecy import ASKED_FOR, CODE, PIN, alike, hides_typing, name_of_typed
from ussd.terminal.secrecy import without_pins as without


@pytest.fixture
def settings(urls: tuple[str, str], engines: Engines) -> Settings:
    """The settings with which every page can be drawn."""
    return make_settings(
        database_url=urls[0],
        migration_database_url=urls[1],
        redis_url=engines.redis_url,
        **LONGEST_SETTINGS,
    )


def test_no_page_that_asks_for_a_secret_is_forgotten(world: World) -> None:
    longest = LongestWorld(world)
    longest.has_players()
    longest.has_a_bet_of_every_fate()
    asked = {
        screen.name: page.text.in_(Language.ENGLISH)
        for _caller, screen, page in all_pages(world)
        if isinstance(page, Question)
    }
    wanted = {name: PIN for name, words in asked.items() if "PIN" in words}
    wanted |= {name: CODE for name, words in asked.items() if "code" in words}
    assert len(wanted) > len({PIN, CODE})
    assert {name: kind for name, kind in ASKED_FOR.items() if kind in {PIN, CODE}} == wanted


@pytest.mark.parametrize("typed", ["4826", "482", "48267", "pin", "4826*4826", ""])
def test_whatever_is_typed_where_a_pin_is_asked_for_is_taken_for_one(typed: str) -> None:
    page = Shown("Enter your PIN\n0. Back", ends=False, screen="pin.ask")
    assert hides_typing(page)
    assert name_of_typed(typed, page) == PIN


@pytest.mark.parametrize(
    ("typed", "name"), [("123456", CODE), ("1", "1"), ("0", "0"), ("00", "00"), ("2", CODE)]
)
def test_the_keys_of_a_page_keep_their_names(typed: str, name: str) -> None:
    page = Shown(
        "Type the 6-digit code\n1. Send again\n0. Back", ends=False, screen="pin.enter_code"
    )
    assert not hides_typing(page)
    assert name_of_typed(typed, page) == name


def test_a_known_pin_is_found_wherever_it_stands_alone() -> None:
    words = "> 200*4826\n< There is no market 4826.\n< KES 4,826\n< 0714826000\n> 1"
    assert without(words, {"4826", "1"}) == (
        "> 200*PIN\n< There is no market PIN.\n< KES 4,826\n< 0714826000\n> 1"
    )


def test_what_differs_each_time_is_alike() -> None:
    assert alike("Ref LY7DJD. Closes 24/11 16:42") == "Ref REF. Closes TIME"
    assert alike("24/11 Bet -40") == "DAY Bet -40"
    assert alike("004826 is your Kibeezy code") == "CODE is your Kibeezy code"
    assert alike("Deposit received, M-Pesa NLJ7RT61SV.") == "Deposit received, M-Pesa RECEIPT."
    assert alike("KES 150,000 for 0700000001, SMS to 20300") == (
        "KES 150,000 for 0700000001, SMS to 20300"
    )
