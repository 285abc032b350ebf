"""What is known of a session between two hops."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from core.switches.rules import Switch
from core.text import Language
from ussd.pages import LEADING_BACK, AnswerLink, Link
from ussd.transcript import Transcript

LONGEST_TRAIL: Final = 12


@dataclass
class Session:
    """What must be known when the next hop comes. Holds no input: only its position and hash."""

    id: str
    language: Language
    transcript: Transcript
    body: str = ""
    ended: bool = False
    standing: Link | None = None
    part: int = 0
    options: tuple[Link, ...] = ()
    more: bool = False
    typed: AnswerLink | None = None
    trail: list[Link] = field(default_factory=list)
    player_id: int | None = None
    proven: bool = False
    wrote: bool = False
    stopped: frozenset[Switch] = frozenset()

    @property
    def is_over(self) -> bool:
        """Whether the call ended with its last page, and nothing waits for the next one."""
        assert self.standing is not None
        return self.ended and self.standing.step not in LEADING_BACK

    def dump(self) -> str:
        """The session as Redis keeps it."""
        stored: dict[str, Any] = {**self.__dict__}
        stored["transcript"] = [self.transcript.position, self.transcript.mac]
        stored["standing"] = _dump(self.standing)
        stored["typed"] = _dump(self.typed)
        stored["options"] = [link.as_json() for link in self.options]
        stored["trail"] = [link.as_json() for link in self.trail[-LONGEST_TRAIL:]]
        # Hardly ever anything is: and the release before, which may read it, does not know it.
        stopped = stored.pop("stopped")
        if stopped:
            stored["stopped"] = sorted(stopped)
        return json.dumps(stored, separators=(",", ":"))

    @staticmethod
    def load(text: str | bytes) -> "Session":
        """The session as it was."""
        stored = json.loads(text)
        stored["language"] = Language(stored["language"])
        stored["transcript"] = Transcript(*stored["transcript"])
        stored["standing"] = stored["standing"] and Link.from_json(stored["standing"])
        stored["typed"] = stored["typed"] and _answer(stored["typed"])
        stored["options"] = tuple(Link.from_json(link) for link in stored["options"])
        stored["trail"] = [Link.from_json(link) for link in stored["trail"]]
        stored["stopped"] = frozenset(Switch(kind) for kind in stored.get("stopped", ()))
        return Session(**stored)


@dataclass(frozen=True)
class Before:
    """The session before this one, as its caller last saw it; `unanswered` if a hop of it is."""

    session: Session
    unanswered: bool


def _dump(link: Link | None) -> list[Any] | None:
    return None if link is None else link.as_json()


def _answer(stored: list[Any]) -> AnswerLink:
    link = Link.from_json(stored)
    return AnswerLink(link.step, link.values)
