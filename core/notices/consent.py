"""Whether news is wanted: asked when it is queued, and again when it is about to go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, text
from sqlalchemy.dialects.postgresql import insert

from core.notices.quiet_hours import next_allowed
from core.notices.records import sms_out, stopped_number

# A player's wish stands in the player's row, that of a number without a player in the other table,
# where it stays good if the number registers later.
_WISHES: Final = text(
    """
    SELECT kibeezy_now() AS as_of, ARRAY(
        SELECT phone FROM player WHERE phone = ANY(:phones) AND news_stopped_at IS NOT NULL
        UNION
        SELECT phone FROM stopped_number WHERE phone = ANY(:phones) AND resumed_at IS NULL
    ) AS stopped
    """
)


@dataclass(frozen=True)
class Wishes:
    """Which of the numbers asked about want no news, as of a moment."""

    as_of: datetime
    stopped: frozenset[str]


@dataclass(frozen=True)
class Dropped:
    """News that nobody wants any more; it will not be sent."""

    why: str


@dataclass(frozen=True)
class Waits:
    """News that is queued again, because it may not go before `delay` is over."""

    delay: timedelta


def read_wishes(connection: Connection, *, phones: Sequence[str]) -> Wishes:
    """What these numbers want, in one statement."""
    row = connection.execute(_WISHES, {"phones": list(phones)}).one()
    return Wishes(row.as_of, frozenset(row.stopped))


def hold_back(
    connection: Connection, *, sms_id: int, phone: str, until: datetime | None
) -> Dropped | Waits | None:
    """Stop news at the last moment; None lets it go. The message must be in `sending`.

    Since it was queued the number may have sent STOP, the night may have come, or what it says
    may have ceased to be true while no provider took it.
    """
    wishes = read_wishes(connection, phones=[phone])
    if phone in wishes.stopped:
        return _drop(connection, sms_id, "news was stopped")
    if until is not None and until <= wishes.as_of:
        return _drop(connection, sms_id, "too late")
    allowed = next_allowed(wishes.as_of, until=until)
    if allowed > wishes.as_of:
        _change(connection, sms_id, status="queued")
        return Waits(allowed - wishes.as_of)
    return None


def stop_number(connection: Connection, *, phone: str) -> None:
    """Remember that a number without a player wants no news; a repeat changes nothing."""
    row = insert(stopped_number).values(phone=phone)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["phone"],
            set_={"stopped_at": func.kibeezy_now(), "resumed_at": None},
            where=stopped_number.c.resumed_at.is_not(None),
        )
    )


def resume_number(connection: Connection, *, phone: str) -> bool:
    """News again for a number that had stopped it without a player; False where it had not."""
    change = stopped_number.update().where(
        stopped_number.c.phone == phone, stopped_number.c.resumed_at.is_(None)
    )
    return connection.execute(change.values(resumed_at=func.kibeezy_now())).rowcount == 1


def _drop(connection: Connection, sms_id: int, why: str) -> Dropped:
    _change(connection, sms_id, status="dropped", failure=why)
    return Dropped(why)


def _change(connection: Connection, sms_id: int, **values: object) -> None:
    # Nobody carries it, and nothing was sent.
    values |= {"provider": None, "provider_id": None, "sent_at": None}
    change = sms_out.update().where(sms_out.c.id == sms_id, sms_out.c.status == "sending")
    connection.execute(change.values(**values))
