"""What the provider may be asked about, and two people may decide: a payment in or out."""

from enum import StrEnum
from typing import NamedTuple


class SubjectKind(StrEnum):
    """Which table a payment is in."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    PAYBILL = "paybill"


class Subject(NamedTuple):
    """One payment. Reads `deposit:7`, as the audit trail spells it."""

    kind: SubjectKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"
