"""Every page in every language fits a handset with the longest data that the rules let in."""

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from itertools import product
from typing import get_args

import pytest
from redis import Redis

import admin
import core
import payments
import sms
import ussd
from core.errors import Refused
from core.gsm7 import septets
from core.money import kes
from core.settings import Settings
from core.text import Language, Text, _
from laptop.engines import Engines
from tests.settings import make_settings
from tests.texts.callers import HOME, NEWCOMER, Caller, caller_of, services_of
from tests.texts.longest import (
    FRESH,
    LONGEST_SETTINGS,
    RESTING,
    RICH,
    UNPROVEN,
    LongestWorld,
)
from tests.texts.test_catalogue import FOR_STAFF
from tests.world import World
from ussd.conversation import Conversation
from ussd.drawing import BACK_LINE, Drawn, draw_all
from ussd.gateway import Hop
from ussd.pages import STEPS, End, Link, Menu, Option, Page, Question, Screen
from ussd.screens import limits
from ussd.sessions import Session, Sessions
from ussd.transcript import Transcript

PAGE_SEPTETS = 156
MOST_OPTIONS = 5
NEVER = datetime(2026, 12, 31, 20, 59, tzinfo=UTC)

# What a refusal may be made of, by the name of the argument; enums and None are tried by type.
REFUSED_OVER: dict[str, object] = {
    "character": "U+1F600",
    "closes_at": NEVER,
    "ends_at": NEVER,
    "email": "resolver@kibeezy.test",
    "first_act": Text("proposed the result"),
    "largest": kes(999_999_999),
    "left": kes(999_999_999),
    "limit": kes(999_999_999),
    "market_id": 999_999_999,
    "shortfall": kes(999_999_999),
    "smallest": kes(999_999_999),
    "tries_left": 3,
    "until": NEVER,
    "what": "market 999999999",
}


@pytest.fixture
def settings(urls: tuple[str, str], engines: Engines) -> Settings:
    """The settings that make the longest pages."""
    return make_settings(
        database_url=urls[0],
        migration_database_url=urls[1],
        redis_url=engines.redis_url,
        **LONGEST_SETTINGS,
    )


def screens() -> list[Screen[...]]:
    everything(ussd)
    return [step for step in STEPS.values() if isinstance(step, Screen)]


def everything(*packages: object) -> None:
    """Import every module, so that no screen and no refusal is missed."""
    for package in packages:
        assert inspect.ismodule(package)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)


def test_every_page_of_every_screen_fits(world: World) -> None:
    longest = LongestWorld(world)
    longest.has_players()
    drawn, faults = set[str](), list[str]()
    stages = [
        lambda: None,
        longest.has_a_bet_of_every_fate,
        longest.has_more_markets_than_one_list_shows,
    ]
    for grow in stages:
        grow()
        for caller, screen, page in all_pages(world):
            drawn.add(screen.name)
            faults += [f"{screen.name}: {fault}" for fault in faults_of(page, caller.language)]
    assert {screen.name for screen in screens()} - drawn == set(), "nobody could draw these"
    assert not faults, "\n\n".join(dict.fromkeys(faults))


def test_nought_leads_home_from_every_screen(world: World, redis_client: Redis) -> None:
    longest = LongestWorld(world)
    longest.has_players()
    longest.has_a_bet_of_every_fate()
    sessions = Sessions(redis_client)
    conversation = Conversation(services=services_of(world), sessions=sessions)
    for number, screen in enumerate(screens()):
        caller = caller_of(world, RICH, Language.ENGLISH)
        values = next(iter(caller.arguments(screen)))
        session = Session(RICH, caller.language, Transcript.of("", world.pepper))
        session.player_id = caller.player_id
        session.standing, session.trail = Link(screen.name, values), [HOME]
        hold = sessions.begin(str(number))
        sessions.finish(hold, session, work_waits=False)
        reply = conversation.answer(Hop(str(number), RICH, "0"))
        assert reply.screen == "home.main", screen.name
        assert not reply.ends, screen.name


@pytest.mark.parametrize("language", Language)
def test_every_refusal_fits_a_page_of_its_own(language: Language) -> None:
    everything(admin, core, payments, sms, ussd)
    refusals = [refusal for kind in kinds_of(Refused) for refusal in made(kind)]
    said = [each.text for each in refusals if each.text.template not in FOR_STAFF]
    assert len(said) > 30
    for text in said:
        page = Menu(text, (Option(_("Go on"), HOME),))
        assert faults_of(page, language) == []
        assert len(draw_all(page, language=language, back=False)) == 1, text.in_(language)


@pytest.mark.parametrize("language", Language)
def test_every_sentence_of_the_engine_fits(language: Language) -> None:
    everything(ussd)
    modules = [import_module(f"ussd.{name}") for _, name, _ in pkgutil.iter_modules(ussd.__path__)]
    sentences = [each for one in modules for each in vars(one).values() if isinstance(each, Text)]
    assert len(sentences) > 3
    for sentence in sentences:
        assert faults_of(End(sentence), language) == []


def all_pages(world: World) -> Iterator[tuple[Caller, Screen[...], Page]]:
    for language, phone in product(Language, (RICH, FRESH, RESTING, UNPROVEN, NEWCOMER)):
        caller = caller_of(world, phone, language)
        for screen in screens():
            for values in caller.arguments(screen):
                try:
                    yield caller, screen, caller.draws(screen, values)
                except Refused:
                    # Its sentence has a test of its own, below.
                    continue
                except AssertionError:
                    # A page that only others get to; whoever has everything gets to all but one.
                    if caller.phone == RICH and screen is not limits.on_break:
                        raise


def faults_of(page: Page, language: Language) -> list[str]:
    """What is wrong with the parts of a page, each with the part as it is drawn."""
    try:
        parts = draw_all(page, language=language, back=True)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the page is named
        return [f"{type(error).__name__}\n{error}"]
    found = [fault for part in parts for fault in _faults_of_part(part, page, language)]
    shown = [link for part in parts for link in part.options]
    if shown != [option.leads_to for option in options_of(page)]:
        found.append("options are lost")
    return found


def options_of(page: Page) -> tuple[Option, ...]:
    return () if isinstance(page, End) else page.options


def _faults_of_part(part: Drawn, page: Page, language: Language) -> Iterator[str]:
    size = septets(part.body)
    if size > PAGE_SEPTETS:
        yield f"{size} septets\n{part.body}"
    numbered = re.findall(r"^[1-9]\. ", part.body, re.MULTILINE)
    if len(numbered) > MOST_OPTIONS or len(numbered) != len(part.options):
        yield f"{len(numbered)} options\n{part.body}"
    if not leads_on(part, page, language):
        yield f"no way on or back\n{part.body}"


def leads_on(part: Drawn, page: Page, language: Language) -> bool:
    match page:
        case End() | Question():
            return True
        case Menu(typed=typed):
            back = part.body.endswith(f"\n{BACK_LINE.in_(language)}")
            return bool(part.options) or part.more or typed is not None or back


def kinds_of(kind: type[Refused]) -> Iterator[type[Refused]]:
    for each in kind.__subclasses__():
        yield each
        yield from kinds_of(each)


def made(kind: Callable[..., Refused]) -> Iterator[Refused]:
    """One of this kind for every combination of its longest values."""
    parameters = inspect.signature(kind, eval_str=True).parameters
    if "text" in parameters:
        # Made by the validators of what staff write, with words of FOR_STAFF.
        return
    for values in product(*(_reasons(each) for each in parameters.values())):
        yield kind(**dict(zip(parameters, values, strict=True)))


def _reasons(parameter: inspect.Parameter) -> Sequence[object]:
    kind = parameter.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)
    assert parameter.name in REFUSED_OVER, f"what is the longest {parameter}?"
    longest = REFUSED_OVER[parameter.name]
    return [longest, None] if type(None) in get_args(kind) else [longest]
