"""The time in Nairobi: the machine's, or standing until it is moved; and how providers spell it."""

import threading
from datetime import UTC, datetime, timedelta, timezone

EAT = timezone(timedelta(hours=3), "EAT")


class Clock:
    """The simulator's only source of time: the machine's, or a moment at which it stands."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stands_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Tell whether the clock moves only when it is told to."""
        return self._stands_at is not None

    def now(self) -> datetime:
        """Return the present moment in East Africa Time."""
        with self._lock:
            return self._stands_at or datetime.now(EAT)

    def stand(self, moment: datetime) -> None:
        """Stand at a moment, from a running or a standing clock; repeated, change nothing."""
        with self._lock:
            self._stands_at = moment.astimezone(EAT)

    def run(self) -> None:
        """Follow the machine's time again; repeated, change nothing."""
        with self._lock:
            self._stands_at = None


def daraja_timestamp(moment: datetime) -> str:
    """Spell a moment as Daraja does: YYYYMMDDHHmmss, East Africa Time."""
    return moment.astimezone(EAT).strftime("%Y%m%d%H%M%S")


def gateway_date(moment: datetime) -> str:
    """Spell a moment as the USSD gateway does: `yyyy-MM-dd HH:mm:ss`, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
