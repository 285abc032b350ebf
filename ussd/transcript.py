"""Finds the new input in a cumulative text, from the length and keyed hash of the one before."""

from dataclasses import dataclass

from core.keyed_hash import Pepper

SEPARATOR = "*"


@dataclass(frozen=True)
class Repeat:
    """The gateway sent the last hop again."""


@dataclass(frozen=True)
class OutOfStep:
    """Not what follows the last hop: skipped, shuffled, shrunk, or of another session."""


@dataclass(frozen=True)
class NewInput:
    """What the caller typed on the page last shown; with a `*` in it, nobody knows what."""

    typed: str

    @property
    def ambiguous(self) -> bool:
        """Whether it could be two answers or one with a star: the gateway escapes nothing."""
        return SEPARATOR in self.typed


@dataclass(frozen=True)
class Transcript:
    """All that is kept of what was typed: its length, its keyed hash, whether it is empty."""

    length: int
    mac: str
    empty: bool

    @staticmethod
    def of(text: str, pepper: Pepper) -> "Transcript":
        """What to keep of a text. It may hold a PIN, so the text itself is not."""
        return Transcript(len(text), _mac(text, pepper), empty=not text)

    def read(self, text: str, pepper: Pepper) -> Repeat | NewInput | OutOfStep:
        """What the gateway's text means after this one.

        Never by its last segment alone: a repeat of `1*1` would look like a new choice.
        """
        known, rest = text[: self.length], text[self.length :]
        if _mac(known, pepper) != self.mac:
            return OutOfStep()
        if not rest:
            return Repeat()
        if self.empty:
            return NewInput(rest)
        if not rest.startswith(SEPARATOR):
            return OutOfStep()
        return NewInput(rest.removeprefix(SEPARATOR))


def _mac(text: str, pepper: Pepper) -> str:
    return pepper.mac("transcript", text).hex()
