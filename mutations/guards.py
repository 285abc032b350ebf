"""What holds the money together, one guard at a time, and how each is taken away."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["trigger", "check", "unique", "foreign key", "not null", "condition", "lock"]

# In the order of their worth: a run that is cut short has seen what matters most.
NOUNS: Final = (
    "account",
    "balance",
    "transfer",
    "entry",
    "market",
    "bet",
    "settlement",
    "settlement_line",
    "dispute",
    "deposit",
    "withdrawal",
    "paybill_payment",
    "receipt",
    "decision",
    "dated_value",
    "switch",
    "audit_event",
    "outbox",
    "player",
)


@dataclass(frozen=True)
class Guard:
    """One guard. `where` is its table, function or file; `removal` says in words what is done.

    A guard of the database is taken away by `sql`, in a test's own copy of the database; one of the
    source by writing `new` into the file `where`, in a copy of the source.
    """

    name: str
    kind: Kind
    where: str
    removal: str
    sql: str = ""
    new: str = ""
    # How a refusal by it is known: the constraint, column or function, and the line that raises.
    told_by: str = ""
    line: int = 0

    @property
    def in_source(self) -> bool:
        return not self.sql

    @property
    def rank(self) -> tuple[int, str]:
        """Where it stands in the order of worth."""
        worth = NOUNS.index(self.where) if self.where in NOUNS else len(NOUNS)
        return worth, self.name


@dataclass(frozen=True)
class Finding:
    """What came of taking a guard away: the first test that noticed, None where nobody did."""

    guard: Guard
    noticed_by: str | None
    seconds: float = 0.0
