"""A line of the provider's statement, and a whole statement, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import Refused
from core.money import Money
from core.text import _


class Flow(StrEnum):
    """Which money a statement is about: paid to us or paid out, often on two short codes."""

    IN = "in"
    OUT = "out"


class Source(StrEnum):
    """How a statement came to us."""

    CSV = "csv"
    PULL = "pull"


class LineKind(StrEnum):
    """What a line says; OTHER is the organisation's own, such as a transfer to its bank."""

    PAID_IN = "paid_in"
    PAID_OUT = "paid_out"
    REVERSAL = "reversal"
    CHARGE = "charge"
    OTHER = "other"


@dataclass(frozen=True)
class Line:
    """One completed movement. The amount has no sign, and the party's phone has stars in it."""

    receipt: str
    kind: LineKind
    amount: Money
    completed_at: datetime
    account: str | None = None
    party: str | None = None
    details: str | None = None
    linked_receipt: str | None = None


@dataclass(frozen=True)
class Statement:
    """What a file holds: each completed line between two moments, of the short code it names."""

    lines: tuple[Line, ...]
    covers_from: datetime
    covers_to: datetime
    short_code: str | None = None


class UnreadableStatement(Refused):
    """The file cannot be read wholly, so that nothing of it counts."""

    def __init__(self, *, line: int, why: str) -> None:
        super().__init__(
            _("Line {line} of the statement: {why}. Nothing was imported.", line=line, why=why)
        )


class ForeignStatement(Refused):
    """The file is about a short code of somebody else's."""

    def __init__(self, *, short_code: str) -> None:
        super().__init__(
            _(
                "The statement is of short code {short_code}, which is not ours."
                " Nothing was imported.",
                short_code=short_code,
            )
        )


class EmptyPeriod(Refused):
    """A statement that covers no time that has passed says nothing."""

    def __init__(self) -> None:
        super().__init__(_("The statement covers no time that has passed. Nothing was imported."))


class StatementNotPulled(Refused):
    """The provider gave no statement."""

    def __init__(self, *, code: str) -> None:
        super().__init__(
            _("M-Pesa gave no statement ({code}). What came before still counts.", code=code)
        )
        self.code = code
