"""What a day came to: counts that are the same whenever its seed is played again."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text

from rehearsal.stage import Stage

_STATES: Final = {
    "deposits": "SELECT state, count(*) FROM deposit GROUP BY state",
    "paybill payments": "SELECT state, count(*) FROM paybill_payment GROUP BY state",
    "withdrawals": "SELECT state, count(*) FROM withdrawal GROUP BY state",
    # Those that something has only passed through stand in the audit trail.
    "ways": """
        SELECT act, count(*) FROM audit_event
        WHERE subject LIKE 'deposit:%' OR subject LIKE 'paybill:%' OR subject LIKE 'withdrawal:%'
        GROUP BY act
    """,
    "alarms": "SELECT kind, count(*) FROM alarm GROUP BY kind",
    "bets": """
        SELECT 'placed', count(*) FROM bet UNION ALL SELECT 'cancelled', count(*) FROM cancelled_bet
    """,
    "cents": """
        SELECT a.kind, coalesce(sum(e.cents), 0) FROM account a JOIN entry e ON e.account_id = a.id
        GROUP BY a.kind
    """,
}


@dataclass
class Tally:
    """One day's counts by heading, and everything that was wrong."""

    seed: int
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    books: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def actions(self) -> int:
        """How much the players did."""
        return sum(self.counts.get("acts", {}).values())

    @property
    def faults(self) -> dict[str, int]:
        """How often each fault was injected."""
        return self.counts.get("faults", {})

    def replayable(self) -> dict[str, Any]:
        """Everything but the time it took."""
        return {"seed": self.seed, "counts": self.counts, "books": self.books, "wrong": self.wrong}

    def reads(self, stage: Stage, acts: Counter[str]) -> None:
        """Take the counts from both sides' books."""
        with stage.owner.connect() as connection:
            for heading, query in _STATES.items():
                rows = connection.execute(text(query)).all()
                self.counts[heading] = {str(key): int(times) for key, times in sorted(rows)}
        self.counts["acts"] = dict(sorted(acts.items()))
        self.counts["faults"] = stage.network.get("/counts")
        self.counts["worker"] = {"killed": stage.reaper.kills}
        self.books = stage.network.get("/books")
