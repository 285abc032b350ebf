"""One step of a session, as every gateway tells it in its own words."""

from dataclasses import dataclass

SEPARATOR = "*"


class MalformedHopError(Exception):
    """Not a hop that a gateway would send."""


@dataclass(frozen=True)
class Cumulative:
    """Everything typed so far, joined by stars; nothing tells one hop from the next but this."""

    text: str

    @property
    def position(self) -> int:
        """How far the session has come."""
        return len(self.text)


@dataclass(frozen=True)
class Numbered:
    """What was typed last, by a gateway that numbers its hops from 1."""

    number: int
    typed: str

    @property
    def position(self) -> int:
        """How far the session has come."""
        return self.number


Input = Cumulative | Numbered


@dataclass(frozen=True)
class Hop:
    """One step of a session. `behind_code` is what was dialled behind the service code."""

    session_id: str
    phone: str
    input: Input
    behind_code: str = ""

    @property
    def dialled(self) -> str | None:
        """What a first hop was dialled with; None where this surely is no first hop.

        Whether digits behind the code come as text or with the code is not established.
        """
        match self.input:
            case Cumulative(text):
                return text or self.behind_code
            case Numbered(number=1):
                return self.behind_code
            case Numbered():
                return None


def digits_behind(dialled: str, *, service_code: str) -> str:
    """The digits dialled behind our code. Raises MalformedHopError where another was dialled."""
    base, code = service_code.removesuffix("#"), dialled.removesuffix("#")
    if code != base and not code.startswith(f"{base}*"):
        raise MalformedHopError
    return code.removeprefix(base).removeprefix("*")
