"""Every page in every language fits a handset with the longest data that the rules let in."""

import pkgutil
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import product

import pytest
from redis import Redis

import ussd
from core.errors import Refused
from core.gsm7 import NotGsm7, septets
from core.settings import Settings
from core.text import Language, Text, _
from laptop.engines import Engines
from tests.settings import make_settings
from tests.texts.boxes import boxed
from tests.texts.callers import HOME, NEWCOMER, Caller, caller_of, services_of
from tests.texts.longest import (
    FRESH,
    LONGEST_SETTINGS,
    RESTING,
    RICH,
    UNPROVEN,
    LongestWorld,
    filled,
)
from tests.texts.sentences import everything, said_to_players
from tests.world import World
from ussd.conversation import Conversation
from ussd.drawing import BACK_LINE, MORE_LINE, Drawn, PageTooLongError, draw, draw_all
from ussd.hop import Cumulative, Hop
from ussd.pages import STEPS, End, Link, Menu, Option, Page, Question, Screen
from ussd.screens import betting, limits
from ussd.session import Session
from ussd.sessions import Sessions
from ussd.transcript import Transcript

PAGE_SEPTETS = 156
MOST_OPTIONS = 5


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


def test_every_page_of_every_screen_fits_whatever_is_said_above_it(world: World) -> None:
    longest = LongestWorld(world)
    longest.has_players()
    drawn, faults = set[str](), list[str]()
    stages = [
        lambda: None,
        longest.has_a_bet_of_every_fate,
        longest.has_more_markets_than_one_list_shows,
    ]
    said, seen = said_to_players(), set[str]()
    for grow in stages:
        grow()
        for caller, screen, page in all_pages(world):
            drawn.add(screen.name)
            found = faults_of(page, caller.language)
            words = words_of(page, caller.language)
            if not found and words not in seen:
                seen.add(words)
                found += faults_under(said, page, caller.language)
            faults += [f"{screen.name} ({caller.language}): {fault}" for fault in found]
    assert {screen.name for screen in screens()} - drawn == set(), "nobody could draw these"
    assert not faults, "\n\n".join(["pages do not fit:", *dict.fromkeys(faults)])


def test_nought_leads_home_from_every_screen(world: World, redis_client: Redis) -> None:
    longest = LongestWorld(world)
    longest.has_players()
    longest.has_a_bet_of_every_fate()
    sessions = Sessions(redis_client)
    conversation = Conversation(services=services_of(world), sessions=sessions)
    for number, screen in enumerate(screens()):
        caller = caller_of(world, RICH, Language.ENGLISH)
        values = next(iter(caller.arguments(screen)))
        nothing = Cumulative("")
        session = Session(str(number), caller.language, Transcript.of(nothing, world.pepper))
        session.player_id = caller.player_id
        session.standing, session.trail = Link(screen.name, values), [HOME]
        name = conversation._caller(RICH)
        hold = sessions.begin(name, str(number))
        sessions.finish(hold, session, work_waits=False)
        reply = conversation.answer(Hop(str(number), RICH, Cumulative("0")))
        assert reply.screen == "home.main", screen.name
        assert not reply.ends, screen.name


@pytest.mark.parametrize("language", Language)
def test_every_sentence_above_pages_fits_a_page_of_its_own(language: Language) -> None:
    said = said_to_players()
    assert len(said) > 40
    for text in said:
        page = Menu(text, (Option(_("Go on"), HOME),))
        assert faults_of(page, language) == []
        assert len(draw_all(page, language=language, back=False)) == 1, text.in_(language)


def test_a_page_that_does_not_fit_is_shown_as_the_phone_would() -> None:
    words = "Will Gor Mahia beat AFC Leopards on Sunday, and by how many goals? " * 3
    [fault] = faults_of(Question(Text(words.strip()), betting.number_typed.at()), Language.ENGLISH)
    assert (
        fault
        == """does not fit
200 of 156 septets
+----------------------------------+
| Will Gor Mahia beat AFC Leopards |
| on Sunday, and by how many       |
| goals? Will Gor Mahia beat AFC   |
| Leopards on Sunday, and by how   |
| many goals? Will Gor Mahia beat  |
| AFC Leopards on Sunday, and by   |
| how many goals?                  |
+----------------------------------+"""
    )


def test_a_sentence_above_a_page_neither_hides_nor_moves_an_option() -> None:
    options = tuple(Option(Text(f"Very long label {one}W"), HOME) for one in "ABCDEFG")
    page = Menu(Text("Choose a market"), options)
    first, last = draw_all(page, language=Language.ENGLISH, back=True)
    assert (len(first.options), len(last.options)) == (5, 2)
    short, long = Text("Choose 1 to 5."), Text("There is no market 999999999.")
    assert draw(page, language=Language.ENGLISH, hint=short, back=True).options == first.options
    with pytest.raises(PageTooLongError):
        draw(page, language=Language.ENGLISH, hint=long, back=True)
    below = draw(page, language=Language.ENGLISH, part=1, hint=long, back=True)
    assert below.options == last.options


@pytest.mark.parametrize("size", range(130, 170))
def test_a_page_to_read_always_says_how_to_leave_it(size: int) -> None:
    text = Text(filled("Bet only what you can afford to lose. ", size))
    page = Menu(text)
    assert faults_of(page, Language.ENGLISH) == []
    parts = draw_all(page, language=Language.ENGLISH, back=True)
    lines = (line for part in parts for line in part.body.split("\n"))
    keys = {BACK_LINE.template, MORE_LINE.template}
    assert " ".join(line for line in lines if line not in keys) == text.template


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
    except PageTooLongError as error:
        return [f"does not fit\n{boxed(error.body, most=PAGE_SEPTETS)}"]
    except NotGsm7 as error:
        return [error.text.in_(Language.ENGLISH)]
    found = [
        f"{fault}\n{boxed(part.body, most=PAGE_SEPTETS)}"
        for part in parts
        for fault in _faults_of_part(part, page, language)
    ]
    shown = [link for part in parts for link in part.options]
    if shown != [option.leads_to for option in options_of(page)]:
        found.append("options are lost")
    return found


def faults_under(said: Sequence[Text], page: Page, language: Language) -> Iterator[str]:
    """What is wrong with the parts of a page that have a sentence above them."""
    footer = f"\n{BACK_LINE.in_(language)}"
    bare = draw_all(page, language=language, back=True)
    for text, (number, part) in product(said, enumerate(bare)):
        try:
            drawn = draw(page, language=language, part=number, hint=text, back=True)
        except PageTooLongError:
            # It gets a page of its own; the test below.
            continue
        below = part.body.removesuffix(footer)
        whole = drawn.body.startswith(f"{text.in_(language)}\n{below}")
        same = (drawn.options, drawn.more) == (part.options, part.more)
        if septets(drawn.body) > PAGE_SEPTETS or not whole or not same:
            yield f"is not the page under its sentence\n{boxed(drawn.body, most=PAGE_SEPTETS)}"


def words_of(page: Page, language: Language) -> str:
    """The whole page as one text, by which one that was seen is known again."""
    labels = [option.label.in_(language) for option in options_of(page)]
    return "\n".join([type(page).__name__, page.text.in_(language), *labels])


def options_of(page: Page) -> tuple[Option, ...]:
    return () if isinstance(page, End) else page.options


def _faults_of_part(part: Drawn, page: Page, language: Language) -> Iterator[str]:
    if septets(part.body) > PAGE_SEPTETS:
        yield "does not fit"
    numbered = re.findall(r"^[1-9]\. ", part.body, re.MULTILINE)
    if len(numbered) > MOST_OPTIONS or len(numbered) != len(part.options):
        yield f"{len(numbered)} options"
    if not leads_on(part, page, language):
        yield "no way on or back"


def leads_on(part: Drawn, page: Page, language: Language) -> bool:
    match page:
        case End() | Question():
            return True
        case Menu(typed=typed):
            back = part.body.endswith(f"\n{BACK_LINE.in_(language)}")
            return bool(part.options) or part.more or typed is not None or back
