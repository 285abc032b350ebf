"""The map is read from the code, whatever way a link is written in."""

from itertools import pairwise

from tests.ussd.menu.tiny import HOUSE, cellar, graph_of
from ussd.menu.graph import Card, Graph, Passage


def lines_of(card: Card) -> list[tuple[str, str, list[Passage]]]:
    return [(one.keys, one.label, list(one.passages)) for one in card.exits]


def parents(graph: Graph, name: str) -> list[str]:
    reached = graph.reached()
    found = []
    parent = reached[name]
    while parent is not None:
        found.append(parent)
        parent = reached[parent]
    return found


def test_options_have_the_labels_and_numbers_of_the_page() -> None:
    door = graph_of(*HOUSE).cards["tiny.door"]
    assert [face.words for face in door.faces] == ["Nobody is in.", "The door"]
    assert [(keys, label) for keys, label, _ in lines_of(door)] == [
        ("1", "Ring"),
        ("2…", "An apple / Something else"),
    ]


def test_an_action_is_followed_to_the_pages_behind_it() -> None:
    ring, *_others = lines_of(graph_of(*HOUSE).cards["tiny.door"])
    assert ring[2] == [Passage("tiny.hall"), Passage("tiny.password")]


def test_a_link_that_travels_in_another_leads_on_from_there() -> None:
    [answer] = graph_of(*HOUSE).cards["tiny.password"].exits
    assert answer.typed
    assert list(answer.passages) == [
        Passage("tiny.door"),
        Passage("the page before", carried=True),
        Passage("tiny.hall", carried=True),
    ]


def test_a_refusal_leads_where_its_case_says() -> None:
    assert lines_of(graph_of(*HOUSE).cards["refused"]) == [
        ("", "key error", [Passage("tiny.password")]),
        ("", "otherwise", [Passage("tiny.door")]),
    ]


def test_a_page_written_by_a_helper_is_read_there() -> None:
    [face] = graph_of(*HOUSE).cards["tiny.shop"].faces
    assert (face.words, face.exits[0].label) == ("What do you buy?", "Fruit {n}")


def test_a_shortcut_opens_the_pages_behind_its_step() -> None:
    assert graph_of(*HOUSE).opened_by("1") == ["tiny.hall", "tiny.password"]


def test_every_page_stands_behind_the_nearest_one_that_leads_to_it() -> None:
    graph = graph_of(*HOUSE)
    assert parents(graph, "tiny.hall") == ["tiny.door", "dial"]
    for child, parent in pairwise(["tiny.hall", *parents(graph, "tiny.hall")]):
        assert child in graph.family()[parent]


def test_a_page_that_no_link_leads_to_is_named() -> None:
    assert graph_of(*HOUSE).unreachable() == []
    assert graph_of(*HOUSE, cellar).unreachable() == ["tiny.cellar"]
