"""An event of the audit trail in words, for a table that people read."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from core.clock import in_nairobi

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def in_words(details: Mapping[str, object]) -> str:
    """What is told beside who, what and when; a change as `state: open to closed`."""
    before, after = (_part(details, name) for name in ("before", "after"))
    told = [
        f"{name} {_spelled(value)}"
        for name, value in details.items()
        if value is not None and name not in {"before", "after"}
    ]
    return ", ".join([*_changes(before, after), *told])


def _part(details: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = details.get(name)
    return part if isinstance(part, Mapping) else {}


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    for name in {**before, **after}:
        old, new = (_or_nothing(part.get(name)) for part in (before, after))
        yield f"{name}: {old} to {new}"


def _or_nothing(value: object) -> str:
    return "nothing" if value is None else _spelled(value)


def _spelled(value: object) -> str:
    """A moment as everybody here reads the clock; anything else as it is."""
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        return str(value)
    return in_nairobi(datetime.fromisoformat(value)).isoformat(timespec="seconds")
