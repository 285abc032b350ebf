"""The conversation as cards and the passages between them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ussd.pages import End, Menu, Question

# The two places where a conversation turns to a page without a press.
DIAL: Final = "dial"
REFUSED: Final = "refused"


@dataclass(frozen=True)
class Passage:
    """A card that an exit leads to, or words; what is carried depends on where one came from."""

    to: str
    carried: bool = False


@dataclass(frozen=True)
class Exit:
    """One line that a caller can press or type; `step` is what the code links it to."""

    keys: str
    label: str
    steps: tuple[str, ...]
    passages: tuple[Passage, ...]
    typed: bool = False


@dataclass(frozen=True)
class Face:
    """One page of a card; a screen may have several, such as a full and an empty list."""

    kind: type[Menu | Question | End] | None
    words: str
    exits: tuple[Exit, ...]


@dataclass(frozen=True)
class Card:
    """A screen, or one of the two beginnings; `dialled` are the shortcuts that open it."""

    name: str
    faces: tuple[Face, ...]
    dialled: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """The part of the menu: the file that the screen is in."""
        return self.name.partition(".")[0]

    @property
    def exits(self) -> tuple[Exit, ...]:
        """Every line of every page."""
        return tuple(one for face in self.faces for one in face.exits)

    @property
    def ends(self) -> bool:
        """Whether the call is over here."""
        return bool(self.faces) and all(face.kind is End for face in self.faces)


@dataclass(frozen=True)
class Graph:
    """Every card by its name, the two beginnings among them."""

    cards: Mapping[str, Card]

    @property
    def screens(self) -> list[Card]:
        """The cards that are pages."""
        return [card for name, card in self.cards.items() if name not in (DIAL, REFUSED)]

    def opened_by(self, digits: str) -> list[str]:
        """The pages to which these digits behind the service code may lead."""
        return [card.name for card in self.screens if digits in card.dialled]

    @property
    def links(self) -> int:
        """How many passages lead from a line to a page."""
        return sum(len(one.passages) for card in self.cards.values() for one in card.exits)

    def unreachable(self) -> list[str]:
        """The screens that nobody can come to."""
        reached = self.reached()
        return [card.name for card in self.screens if card.name not in reached]

    def family(self) -> dict[str, list[str]]:
        """The cards behind each card, every one behind the card that leads to it first."""
        children: dict[str, list[str]] = {}
        for name, parent in self.reached().items():
            if parent is not None:
                children.setdefault(parent, []).append(name)
        return children

    def reached(self) -> dict[str, str | None]:
        """Every card that can be come to, each with the card before it on the shortest way.

        Passages from the dial count first, then those from a refusal, and carried ones last: a
        page that waits for the PIN has its own place in the menu.
        """
        before: dict[str, str | None] = {}
        for beginning in (DIAL, REFUSED):
            before[beginning] = None
            _spread(before, self._own_passages)
        _spread(before, self._passages)
        return before

    def _passages(self, name: str) -> Iterator[Passage]:
        passages = (passage for one in self.cards[name].exits for passage in one.passages)
        return (passage for passage in passages if passage.to in self.cards)

    def _own_passages(self, name: str) -> Iterator[Passage]:
        return (passage for passage in self._passages(name) if not passage.carried)


def _spread(before: dict[str, str | None], passages: Callable[[str], Iterator[Passage]]) -> None:
    """Go on from everything reached so far, nearest first."""
    queue = list(before)
    while queue:
        name = queue.pop(0)
        new = [passage.to for passage in passages(name) if passage.to not in before]
        before.update(dict.fromkeys(new, name))
        queue += dict.fromkeys(new)
