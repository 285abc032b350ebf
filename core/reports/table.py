"""What a report is: a head of facts, and parts of many lines that are read one at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.clock import in_nairobi
from core.errors import Refused
from core.money import Money
from core.text import Text

# Facts are what one act of the audit trail says of itself: names and their values.
Fact = str | int | None
Cell = Fact | Money | datetime | Mapping[str, Fact]
Line = Sequence[Cell]


class BooksDiffer(Refused):
    """Two ways to the same sum disagree: nothing that is printed from them could be believed."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)


@dataclass(frozen=True)
class Part:
    """Lines under columns. A column of money ends in `_kes`; lines may be read only once."""

    name: str
    columns: tuple[str, ...]
    lines: Iterable[Line]


@dataclass(frozen=True)
class Report:
    """A whole report; schema and version say how its columns are to be read."""

    schema: str
    version: int
    head: Mapping[str, Cell]
    parts: tuple[Part, ...]

    @property
    def with_terms(self) -> tuple[Part, ...]:
        """Every part, and the head as one of them, for formats that know tables only."""
        return Part("terms", ("term", "value"), tuple(self.head.items())), *self.parts


@dataclass
class Count:
    """How many lines went by."""

    lines: int = 0

    def of(self, part: Part) -> Part:
        """The same part; whoever reads its lines counts them."""
        return replace(part, lines=self._each(part.lines))

    def _each(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            self.lines += 1
            yield line


def spell_time(moment: datetime) -> str:
    """ISO 8601 with Nairobi's offset, to the millisecond, so that a late bet can be seen."""
    return in_nairobi(moment).isoformat(timespec="milliseconds")
