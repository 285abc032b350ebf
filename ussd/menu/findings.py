"""What can be found in the source of a step."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ussd.pages import End, Menu, Question


@dataclass(frozen=True)
class Words:
    """A text, by its template."""

    template: str


@dataclass(frozen=True)
class To:
    """A link to a step, with the links that travel in its parameters."""

    step: str
    carries: tuple[tuple[str, tuple["Goal", ...]], ...] = ()


@dataclass(frozen=True)
class Carried:
    """Wherever the link in this parameter of a step leads."""

    step: str
    parameter: str


@dataclass(frozen=True)
class Elsewhere:
    """A page that no name in the code tells, in words."""

    words: str


Goal = To | Carried | Elsewhere


@dataclass(frozen=True)
class Choice:
    """One option in the code; it stands for `times` lines, None where data decides."""

    label: str
    goals: tuple[Goal, ...]
    times: int | None = 1


@dataclass(frozen=True)
class Sheet:
    """One page that a screen can draw."""

    kind: type[Menu | Question | End]
    words: str
    choices: tuple[Choice, ...]
    typed: tuple[Goal, ...]


Finding = Words | Goal | Choice | Sheet
Findings = tuple[Finding, ...]


@dataclass(frozen=True)
class Returned:
    """What one `return` gives, and the condition that stands nearest above it."""

    when: str
    findings: Findings


def goals_of(findings: Findings) -> tuple[Goal, ...]:
    """Only the links."""
    return tuple(one for one in findings if isinstance(one, To | Carried | Elsewhere))


def words_of(findings: Findings) -> str:
    """Only the words; several templates are alternatives."""
    return " / ".join(one.template for one in findings if isinstance(one, Words))


def choices_of(findings: Findings) -> tuple[Choice, ...]:
    """Only the options."""
    return tuple(one for one in findings if isinstance(one, Choice))


def every_goal(findings: Iterable[Finding]) -> Iterator[Goal]:
    """Links, links on pages, and links that travel in links."""
    for one in findings:
        match one:
            case Sheet(choices=choices, typed=typed):
                yield from every_goal((*choices, *typed))
            case Choice(goals=goals):
                yield from every_goal(goals)
            case To(carries=carries):
                yield one
                yield from every_goal(goal for _, goals in carries for goal in goals)
            case _:
                pass
