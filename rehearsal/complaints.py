"""What the service's own log complains of: an error that nobody expected is a finding."""

import logging
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

# What a killed worker, a hostile provider or an alarm leaves behind, as it should.
_EXPECTED = frozenset(
    {
        "alarm_raised",
        "job_set_aside",
        "payout_unknown",
        "push_unknown",
        "statement_breaks",
    }
)
_LAST_LINES = 30


class Complaints(logging.Handler):
    """Listens for errors in place of standard error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.counts: Counter[str] = Counter()
        self.unexpected: list[str] = []

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Take the place of every other handler."""
        root = logging.getLogger()
        before, root.handlers = root.handlers, [self]
        try:
            yield
        finally:
            root.handlers = before

    def emit(self, record: logging.LogRecord) -> None:
        """Count an error, and keep those that nobody expects."""
        told = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
        name = str(told.get("event"))
        self.counts[name] += 1
        if name not in _EXPECTED:
            self.unexpected.append(self._worded(record, told))

    def _worded(self, record: logging.LogRecord, told: dict[str, object]) -> str:
        words = " ".join(f"{name}={value}" for name, value in told.items() if name != "exc_info")
        error = told.get("exc_info") or record.exc_info
        match error:
            case BaseException():
                trace = traceback.format_exception(error)
            case None | False:
                return words
            case _:
                trace = traceback.format_exception(sys.exc_info()[1])
        return "\n".join([words, *"".join(trace).splitlines()[-_LAST_LINES:]])
