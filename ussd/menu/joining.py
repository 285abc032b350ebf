"""Joins what was read of each step: through actions and answers to the pages behind them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from ussd.drawing import MORE, MOST_OPTIONS
from ussd.menu.findings import (
    Carried,
    Choice,
    Elsewhere,
    Goal,
    Returned,
    Sheet,
    To,
    every_goal,
    goals_of,
)
from ussd.menu.graph import DIAL, REFUSED, Card, Exit, Face, Graph, Passage
from ussd.menu.reading import read_step
from ussd.pages import Question, Screen, Step

# Words of the map for what is not printed on a page.
ANSWER: Final = "type an answer"
OR_TYPE: Final = "or type"
AND_SO_ON: Final = "…"


@dataclass(frozen=True)
class Beginnings:
    """What a dial and a refusal can lead to, and the step that each shortcut names."""

    dial: list[Returned]
    refusals: list[Returned]
    shortcuts: Mapping[str, str]


def join(*, steps: Mapping[str, Step], beginnings: Beginnings) -> Graph:
    """The graph of these steps. The order in which they were registered does not matter."""
    return _Joining(steps, beginnings).graph()


class _Joining:
    def __init__(self, steps: Mapping[str, Step], beginnings: Beginnings) -> None:
        self._steps = steps
        self._beginnings = beginnings
        self._read = {name: read_step(steps[name]) for name in sorted(steps)}

    def graph(self) -> Graph:
        cards = [
            Card(DIAL, (self._beginning(self._beginnings.dial),)),
            Card(REFUSED, (self._beginning(self._beginnings.refusals),)),
            *(self._card(name) for name in self._read if isinstance(self._steps[name], Screen)),
        ]
        return Graph({card.name: card for card in cards})

    def _beginning(self, found: list[Returned]) -> Face:
        exits = (self._exit("", _plain(one.when), goals_of(one.findings)) for one in found)
        return Face(None, "", tuple(one for one in exits if one.passages))

    def _card(self, name: str) -> Card:
        sheets = _sheets(self._read[name])
        return Card(
            name, tuple(self._face(sheet) for sheet in sheets), self._opened_by.get(name, ())
        )

    def _face(self, sheet: Sheet) -> Face:
        exits = list(self._numbered(sheet.choices))
        if sheet.typed:
            label = ANSWER if sheet.kind is Question else OR_TYPE
            exits.append(replace(self._exit("", label, sheet.typed), typed=True))
        return Face(sheet.kind, sheet.words, tuple(exits))

    def _numbered(self, choices: Iterable[Choice]) -> Iterator[Exit]:
        """Each option with its number on the handset, which starts again on each part."""
        number: int | None = 0
        for choice in choices:
            if number == MOST_OPTIONS:
                yield Exit(MORE, "More", (), ())
                number = 0
            keys, number = _count_on(number, choice.times)
            yield self._exit(keys, choice.label, choice.goals)

    def _exit(self, keys: str, label: str, goals: tuple[Goal, ...]) -> Exit:
        steps = tuple(goal.step for goal in goals if isinstance(goal, To))
        # A page that is come to in both ways is come to in its own right.
        passages: dict[str, Passage] = {}
        for passage in sorted(self._follow(goals), key=lambda passage: passage.carried):
            passages.setdefault(passage.to, passage)
        return Exit(keys, label, steps, tuple(passages.values()))

    def _follow(self, goals: Iterable[Goal], *seen: Goal) -> Iterator[Passage]:
        for goal in goals:
            match goal:
                case _ if goal in seen:
                    pass
                case Elsewhere(words=words):
                    yield Passage(words)
                case Carried():
                    loads = self._loads.get((goal.step, goal.parameter), [])
                    for passage in self._follow(loads, *seen, goal):
                        yield Passage(passage.to, carried=True)
                case To(step) if isinstance(self._steps[step], Screen):
                    yield Passage(step)
                case To(step):
                    for one in self._read[step]:
                        yield from self._follow(goals_of(one.findings), *seen, goal)

    @cached_property
    def _loads(self) -> dict[tuple[str, str], list[Goal]]:
        """What anybody ever sends along in a parameter."""
        read = [self._beginnings.dial, self._beginnings.refusals, *self._read.values()]
        sent: dict[tuple[str, str], list[Goal]] = {}
        for goal in every_goal(one for found in read for each in found for one in each.findings):
            if isinstance(goal, To):
                for parameter, goals in goal.carries:
                    sent.setdefault((goal.step, parameter), []).extend(goals)
        return sent

    @cached_property
    def _opened_by(self) -> dict[str, tuple[str, ...]]:
        opened: dict[str, tuple[str, ...]] = {}
        for digits, step in self._beginnings.shortcuts.items():
            for name in dict.fromkeys(passage.to for passage in self._follow((To(step),))):
                opened[name] = (*opened.get(name, ()), digits)
        return opened


def _count_on(number: int | None, times: int | None) -> tuple[str, int | None]:
    match number, times:
        case None, _:
            return AND_SO_ON, None
        case int(before), None:
            return f"{before + 1}{AND_SO_ON}", None
        case int(before), 1:
            return f"{before + 1}", before + 1
        case int(before), int(length):
            return f"{before + 1}-{before + length}", before + length


def _sheets(found: Iterable[Returned]) -> list[Sheet]:
    sheets = (one for each in found for one in each.findings if isinstance(one, Sheet))
    return list(dict.fromkeys(sheets))


def _plain(when: str) -> str:
    """A condition of the code in words: `MoneyLeft() | OnBreak()` is "money left, on break"."""
    if when in ("", "_"):
        return "otherwise"
    names = re.sub(r"\([^)]*\)", "", when.replace(" is None", " is unknown")).split(" | ")
    words = (re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name.rpartition(".")[2]) for name in names)
    return ", ".join(words).lower()
