"""Whoever stands on a page comes back to the top by pressing nought."""

from collections.abc import Iterator

import pytest
from redis import Redis

from core.errors import Refused
from core.settings import Settings
from core.text import Language
from tests.texts.callers import NEWCOMER, Caller, caller_of, services_of
from tests.texts.longest import FRESH, LONGEST_SETTINGS, RESTING, RICH, UNPROVEN, LongestWorld
from tests.world import World
from ussd.conversation import Conversation
from ussd.hop import Cumulative, Hop
from ussd.menu.graph import Graph
from ussd.menu.whole import whole_menu
from ussd.pages import STEPS, End, Link, Page, Screen
from ussd.session import Session
from ussd.sessions import Sessions
from ussd.transcript import Transcript

MOST_PRESSES = 12
CALLERS = (RICH, FRESH, RESTING, UNPROVEN, NEWCOMER)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings under which the longest stake can be confirmed."""
    return settings.model_copy(update=LONGEST_SETTINGS)


def test_nought_leads_from_every_page_to_the_top(world: World, redis_client: Redis) -> None:
    longest = LongestWorld(world)
    longest.has_players()
    longest.has_a_bet_of_every_fate()
    menu = whole_menu()
    calls = Calls(world, Sessions(redis_client))
    left = {card.name for card in menu.screens if not card.ends}
    for phone in CALLERS:
        caller = caller_of(world, phone, Language.ENGLISH)
        for name in [card.name for card in menu.screens if not card.ends]:
            standing = seen(caller, name)
            if standing is not None:
                calls.returns(caller, standing, list(pages_before(menu, caller, name)))
                left.discard(name)
    assert left == set(), "nobody could see these"


class Calls:
    """Calls that are already somewhere in the menu."""

    def __init__(self, world: World, sessions: Sessions) -> None:
        self._sessions = sessions
        self._pepper = world.pepper
        self._conversation = Conversation(services=services_of(world), sessions=sessions)
        self._number = 0

    def returns(self, caller: Caller, standing: Link, trail: list[Link]) -> None:
        """Press nought until the top is there."""
        top = "arrival.welcome" if caller.player_id is None else "home.main"
        self._number += 1
        session_id = f"back-{self._number}"
        self._stands(caller, session_id, standing, trail)
        for presses in range(1, MOST_PRESSES + 1):
            typed = Cumulative("*".join("0" * presses))
            reply = self._conversation.answer(Hop(session_id, caller.phone, typed))
            assert reply.screen in STEPS, f"{standing.step}, {caller.phone}: {reply}"
            assert not reply.ends, f"{standing.step}, {caller.phone}: {reply}"
            if reply.screen == top:
                return
        raise AssertionError(f"{standing.step}, {caller.phone}: no way back")

    def _stands(self, caller: Caller, session_id: str, standing: Link, trail: list[Link]) -> None:
        nothing = Transcript.of(Cumulative(""), self._pepper)
        session = Session(session_id, caller.language, nothing)
        session.player_id, session.proven = caller.player_id, True
        session.standing, session.trail = standing, trail
        name = self._conversation._caller(caller.phone)
        hold = self._sessions.begin(name, session_id)
        self._sessions.finish(hold, session, work_waits=False)


def pages_before(menu: Graph, caller: Caller, name: str) -> Iterator[Link]:
    """The shortest way to the page, without what this caller cannot see."""
    before = menu.reached()
    names = []
    parent = before[name]
    while parent is not None:
        names.append(parent)
        parent = before[parent]
    for each in reversed(names):
        link = seen(caller, each) if each in STEPS else None
        if link is not None:
            yield link


def seen(caller: Caller, name: str) -> Link | None:
    """A link to this screen that the caller can follow."""
    screen = STEPS[name]
    assert isinstance(screen, Screen)
    for values in caller.arguments(screen):
        try:
            page: Page = caller.draws(screen, values)
        except (Refused, AssertionError):
            # A page for others.
            continue
        if not isinstance(page, End):
            return Link(name, values)
    return None
