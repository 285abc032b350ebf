"""The two ways in which the provider writes a moment, both in UTC."""

from datetime import UTC, datetime
from typing import Final

# nyaruka/courier reads both from its callbacks.
_FORMS: Final = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S")


def read_date(written: str) -> datetime | None:
    """The moment in `2017-05-03T06:04:45Z` or `2006-01-02 15:04:05`; None for anything else."""
    for form in _FORMS:
        try:
            return datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
