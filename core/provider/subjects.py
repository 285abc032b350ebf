"""What a question or a decision is about."""

from dataclasses import dataclass
from enum import StrEnum


class SubjectKind(StrEnum):
    """Money that crosses the border, by its table."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    PAYBILL = "paybill"


@dataclass(frozen=True)
class Subject:
    """One payment of one kind. Reads `withdrawal:12`, as in the audit trail."""

    kind: SubjectKind
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def column(self) -> str:
        """Its column in tables that may be about any kind."""
        return f"{self.kind}_id"
