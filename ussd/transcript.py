"""Finds the new input in a hop, from the position and keyed hash of the one before."""

from dataclasses import dataclass

from core.keyed_hash import Pepper
from ussd.hop import SEPARATOR, Cumulative, Input, Numbered


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
        """Whether it could be two answers or one with a star: gateways escape nothing."""
        return SEPARATOR in self.typed


Reading = Repeat | NewInput | OutOfStep


@dataclass(frozen=True)
class Transcript:
    """All that is kept of what was typed: its position and its keyed hash."""

    position: int
    mac: str

    @staticmethod
    def of(typed: Input, pepper: Pepper) -> "Transcript":
        """What to keep of an input. It may hold a PIN, so the input itself is not."""
        match typed:
            case Cumulative(text):
                return Transcript(typed.position, _mac(text, pepper))
            case Numbered(typed=text):
                return Transcript(typed.position, _mac(text, pepper))

    def read(self, typed: Input, pepper: Pepper) -> Reading:
        """What this input means after the one that is kept."""
        match typed:
            case Cumulative(text):
                return self._read_text(text, pepper)
            case Numbered(number, text) if number == self.position:
                return Repeat() if _mac(text, pepper) == self.mac else OutOfStep()
            case Numbered(number, text) if number == self.position + 1:
                return NewInput(text)
            case Numbered():
                return OutOfStep()

    def _read_text(self, text: str, pepper: Pepper) -> Reading:
        # Never by its last segment alone: a repeat of `1*1` would look like a new choice.
        known, rest = text[: self.position], text[self.position :]
        if _mac(known, pepper) != self.mac:
            return OutOfStep()
        if not rest:
            return Repeat()
        if self.position == 0:
            return NewInput(rest)
        if not rest.startswith(SEPARATOR):
            return OutOfStep()
        return NewInput(rest.removeprefix(SEPARATOR))


def _mac(text: str, pepper: Pepper) -> str:
    return pepper.mac("transcript", text).hex()
