"""What a caller can be shown, and typed links from one page to the next."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

from core.money import Money
from core.text import Text

if TYPE_CHECKING:
    from ussd.visit import Visit

P = ParamSpec("P")
S = TypeVar("S", bound="Step")


@dataclass(frozen=True)
class Link:
    """Where a press leads: the name of a step and the values it is called with."""

    step: str
    values: tuple[Any, ...] = ()

    def saying(self, hint: Text) -> Redirect:
        """The same place, with a sentence above the page."""
        return Redirect(self, hint)

    def instead(self) -> Redirect:
        """The same place; `0` there does not return to the page that asked."""
        return Redirect(self, trail=Trail.WITHOUT_LAST)

    def afresh(self, hint: Text | None = None) -> Redirect:
        """The same place; `0` there goes home, for what came before is over."""
        return Redirect(self, hint, trail=Trail.EMPTY)

    def as_json(self) -> list[Any]:
        """What the session stores. A PIN or code never is a value of a link."""
        return [self.step, *(_as_json(value) for value in self.values)]

    @staticmethod
    def from_json(stored: list[Any]) -> Link:
        """The link as it was, its values of their own types again."""
        name, *values = stored
        kinds = STEPS[name].parameters.values()
        return Link(name, tuple(kind(value) for kind, value in zip(kinds, values, strict=True)))


@dataclass(frozen=True)
class AnswerLink(Link):
    """A link to a step that reads what the caller typed."""


class Way(tuple[Link, ...]):
    """Pages one after the other, as a value that a link can carry."""

    __slots__ = ()

    @staticmethod
    def from_json(stored: list[Any]) -> Way:
        """The pages as they were."""
        return Way(Link.from_json(link) for link in stored)


class Trail(Enum):
    """What `0` remembers of the pages before."""

    WHOLE = auto()
    WITHOUT_LAST = auto()
    EMPTY = auto()


@dataclass(frozen=True)
class Redirect:
    """Go there, and say this first. A trail can be named link by link, too."""

    link: Link
    hint: Text | None = None
    trail: Trail | tuple[Link, ...] = Trail.WHOLE


@dataclass(frozen=True)
class Option:
    """One numbered line."""

    label: Text
    leads_to: Link


@dataclass(frozen=True)
class Menu:
    """A page to choose from; without options, a page to read."""

    text: Text
    options: tuple[Option, ...] = ()
    # Text typed instead of a number, such as a market's number on the list of markets.
    typed: AnswerLink | None = None


@dataclass(frozen=True)
class Letter(Menu):
    """Words to read to the end, in as many parts as they take; options stand below the last."""


@dataclass(frozen=True)
class Question:
    """A page whose answer is typed; options stand beside the answer, like `1. Send again`."""

    text: Text
    then: AnswerLink
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class End:
    """The last page of a session."""

    text: Text


Page = Menu | Question | End


@dataclass(frozen=True)
class Outcome:
    """What came of an answer: what to tell, and whether the page that asked is done with.

    Where it is not done, it never will be in the session that asked.
    """

    text: Text
    done: bool


@dataclass(frozen=True)
class Screen(Generic[P]):
    """Draws a page; may be drawn again at any time, so it only reads."""

    name: str
    run: Callable[..., Page]
    parameters: Parameters

    def at(self, *args: P.args, **kwargs: P.kwargs) -> Link:
        """A link to this screen; the type checker knows what it needs."""
        return Link(self.name, _in_order(self.parameters, args, kwargs))

    def continued_as(
        self, words: Callable[Concatenate[Visit, P], Text]
    ) -> Callable[Concatenate[Visit, P], Text]:
        """Register what going on with this page is called when a caller who was cut off redials.

        Pages behind a PIN or a code have no such words: a new session has proven nothing.
        """
        CONTINUED[self.name] = words
        return words

    def leads_back(self) -> None:
        """Say that a call which ended with this page is gone on with at the next dial."""
        LEADING_BACK.add(self.name)

    def remembered_as(
        self, words: Callable[Concatenate[Visit, P], Text]
    ) -> Callable[Concatenate[Visit, P], Text]:
        """Register what the next dial says when nobody knows whether this last page was seen."""
        REMEMBERED[self.name] = words
        return words


@dataclass(frozen=True)
class Action(Generic[P]):
    """Does something when its option is pressed, then says where to go."""

    name: str
    run: Callable[..., Link | Redirect]
    parameters: Parameters

    def at(self, *args: P.args, **kwargs: P.kwargs) -> Link:
        """A link to this action."""
        return Link(self.name, _in_order(self.parameters, args, kwargs))


@dataclass(frozen=True)
class Answer(Generic[P]):
    """Takes what was typed, then says where to go."""

    name: str
    run: Callable[..., Link | Redirect]
    parameters: Parameters

    def at(self, *args: P.args, **kwargs: P.kwargs) -> AnswerLink:
        """A link to this answer, for the question that asks."""
        return AnswerLink(self.name, _in_order(self.parameters, args, kwargs))

    def came_to(
        self, find: Callable[Concatenate[Visit, str, P], Outcome]
    ) -> Callable[Concatenate[Visit, str, P], Outcome]:
        """Register how the next dial finds out what came of this answer when none was given.

        Besides its own values, the function gets the id of the session that asked.
        """
        OUTCOMES[self.name] = find
        return find


# The values a link carries, by name, each with what makes it from its stored form.
Parameters = dict[str, Callable[[Any], Any]]
Step = Screen[...] | Action[...] | Answer[...]
STEPS: dict[str, Step] = {}
CONTINUED: dict[str, Callable[..., Text]] = {}
LEADING_BACK: set[str] = set()
REMEMBERED: dict[str, Callable[..., Text]] = {}
OUTCOMES: dict[str, Callable[..., Outcome]] = {}


def screen(function: Callable[Concatenate[Visit, P], Page]) -> Screen[P]:
    """Register a function that draws a page."""
    return _register(Screen(_name(function), function, _parameters(function, skip=1)))


def action(function: Callable[Concatenate[Visit, P], Link | Redirect]) -> Action[P]:
    """Register a function that acts and returns where to go."""
    return _register(Action(_name(function), function, _parameters(function, skip=1)))


def answer(function: Callable[Concatenate[Visit, str, P], Link | Redirect]) -> Answer[P]:
    """Register a function that is given what the caller typed and returns where to go."""
    return _register(Answer(_name(function), function, _parameters(function, skip=2)))


def _register(step: S) -> S:
    assert step.name not in STEPS, f"two steps are called {step.name}"
    STEPS[step.name] = step
    return step


def _name(function: Callable[..., object]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def _parameters(function: Callable[..., object], *, skip: int) -> Parameters:
    # Screens name their types in full, so a value read back from storage gets its own type again.
    names = list(inspect.signature(function).parameters)[skip:]
    hints = get_type_hints(function, localns={"Visit": object})
    return {name: getattr(hints[name], "from_json", hints[name]) for name in names}


def _in_order(
    parameters: Parameters, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    return (*args, *(kwargs[name] for name in list(parameters)[len(args) :]))


def _as_json(value: object) -> object:
    match value:
        case Money(cents):
            return cents
        case Link():
            return value.as_json()
        case Way():
            return [link.as_json() for link in value]
        case _:
            return value
