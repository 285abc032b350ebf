"""The picture of the menu, held against the menu itself."""

import inspect
import re
from itertools import chain
from operator import attrgetter
from types import SimpleNamespace

import pytest

from core.text import Language
from tests.architecture.test_tree import ROOT
from tests.texts.longest import LongestWorld
from tests.texts.test_pages_fit import all_pages, options_of
from tests.ussd.menu.tiny import HOUSE, cellar, graph_of
from tests.world import World
from ussd.drawing import draw_all
from ussd.menu.findings import To, every_goal
from ussd.menu.graph import Card, Graph
from ussd.menu.reading import read_step
from ussd.menu.svg import draw
from ussd.menu.whole import whole_menu
from ussd.pages import STEPS, Menu, Page, Question, Screen

PICTURE = ROOT / "docs" / "menu.svg"


@pytest.fixture(scope="module")
def menu() -> Graph:
    return whole_menu()


def test_the_picture_in_the_documents_is_the_menu_of_the_code(menu: Graph) -> None:
    same = PICTURE.read_text(encoding="utf-8") == draw(menu)
    assert same, "run `make menu`"


def test_the_picture_does_not_depend_on_the_order_of_imports(menu: Graph) -> None:
    backwards = dict(reversed(STEPS.items()))
    kept = dict(STEPS)
    STEPS.clear()
    STEPS.update(backwards)
    try:
        assert draw(whole_menu()) == draw(menu)
    finally:
        STEPS.clear()
        STEPS.update(kept)


def test_every_screen_is_on_the_map_with_its_pages(menu: Graph) -> None:
    names = [step.name for step in STEPS.values() if isinstance(step, Screen)]
    assert sorted(card.name for card in menu.screens) == sorted(names)
    assert [card.name for card in menu.screens if not card.faces] == []


@pytest.mark.parametrize("name", sorted(STEPS))
def test_no_link_that_a_step_mentions_is_missed(name: str) -> None:
    step = STEPS[name]
    code = inspect.getsource(step.run)
    outside = SimpleNamespace(**step.run.__globals__)
    mentioned = [attrgetter(owner)(outside) for owner in re.findall(r"([\w.]+)\.at\(", code)]
    read = every_goal(one for found in read_step(step) for one in found.findings)
    assert {each.name for each in mentioned} <= {each.step for each in read if isinstance(each, To)}


def test_every_screen_can_be_reached_from_the_dial(menu: Graph) -> None:
    assert menu.unreachable() == []


def test_a_page_that_nobody_comes_to_is_drawn_as_such() -> None:
    assert "Nobody comes here" not in draw(graph_of(*HOUSE))
    assert "Nobody comes here" in draw(graph_of(*HOUSE, cellar))


def test_what_callers_are_shown_is_on_the_map(menu: Graph, world: World) -> None:
    longest = LongestWorld(world)
    longest.has_players()
    compared = 0
    for grow in (longest.has_a_bet_of_every_fate, longest.has_more_markets_than_one_list_shows):
        grow()
        for caller, screen, page in all_pages(world):
            assert_on_the_map(menu.cards[screen.name], page)
            compared += 1
            if caller.language is Language.ENGLISH:
                assert_numbered_alike(menu.cards[screen.name], page)
    assert compared > len(menu.screens)


def assert_on_the_map(card: Card, page: Page) -> None:
    lines = [one for one in card.exits if not one.typed]
    for option in options_of(page):
        found = [one for one in lines if option.label.template in one.label.split(" / ")]
        steps = set(chain.from_iterable(one.steps for one in found))
        assert option.leads_to.step in steps, f"{card.name}: {option}"
    match page:
        case Menu(typed=link) | Question(then=link) if link is not None:
            typed = chain.from_iterable(one.steps for one in card.exits if one.typed)
            assert link.step in set(typed), f"{card.name}: {link}"
        case _:
            pass


def assert_numbered_alike(card: Card, page: Page) -> None:
    """Where every option is written out in the code, the card has the numbers of the phone."""
    keys = [one.keys for one in card.exits if not one.typed]
    if len(card.faces) > 1 or not all(each.isdecimal() for each in keys):
        return
    parts = draw_all(page, language=Language.ENGLISH, back=True)
    pressed = [
        [*map(str, range(1, len(part.options) + 1)), *(["99"] if part.more else [])]
        for part in parts
        if part.options
    ]
    assert keys == list(chain.from_iterable(pressed)), card.name
