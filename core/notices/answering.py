"""Whether a message is answered: a flood is told once that it is one, and then met with silence."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, Row, func
from sqlalchemy.dialects.postgresql import insert

from core.clock import in_nairobi, next_time
from core.notices.budget import budget_of_day, spend
from core.notices.records import sms_writer

# A person asks a few things in a row. Two robots that answer each other would never end.
MESSAGES_AT_ONCE: Final = 30
AT_ONCE: Final = timedelta(minutes=10)
MESSAGES_A_DAY: Final = 120
# Senders can be forged, and each answer costs money: who has no account is told once a day how to
# get one, and that to so many numbers.
STRANGERS_A_DAY: Final = 2_000
STRANGERS: Final = "strangers"


@dataclass(frozen=True)
class Answered:
    """The message gets its answer."""


@dataclass(frozen=True)
class LastWord:
    """Instead of the answer: there will be none before this moment."""

    again_at: datetime


@dataclass(frozen=True)
class Silence:
    """Nothing is said."""


@dataclass(frozen=True)
class _Count:
    since: datetime
    written: int
    day: date
    written_that_day: int


def weigh_player(connection: Connection, *, phone: str) -> Answered | LastWord | Silence:
    """Count a message from a player's number, and say whether it is answered.

    Messages of one number wait here for each other until their transactions end.
    """
    before, count, moment = _read(connection, phone)
    hush: datetime | None = None
    verdict: Answered | LastWord | Silence
    if _is_silent(before, moment):
        verdict = Silence()
    elif count.written_that_day > MESSAGES_A_DAY:
        hush = next_time(moment, at=time(0))
        verdict = LastWord(hush)
    elif count.written > MESSAGES_AT_ONCE:
        hush = count.since + AT_ONCE
        verdict = LastWord(hush)
    else:
        verdict = Answered()
    values: dict[str, object] = {} if hush is None else {"silent_until": hush}
    _write(connection, phone, count, **values)
    return verdict


def weigh_stranger(connection: Connection, *, phone: str) -> Answered | Silence:
    """Count a message from a number without a player, and say whether it is answered."""
    _before, count, moment = _read(connection, phone)
    _write(connection, phone, count)
    if count.written_that_day > 1:
        return Silence()
    today = budget_of_day(STRANGERS, moment=moment, most=STRANGERS_A_DAY)
    return Answered() if spend(connection, budgets=[today]) is None else Silence()


def _read(connection: Connection, phone: str) -> tuple[Row[*tuple[object, ...]], _Count, datetime]:
    row = insert(sms_writer).values(phone=phone)
    # The update changes nothing and locks the row.
    locked = row.on_conflict_do_update(index_elements=["phone"], set_={"phone": row.excluded.phone})
    moment = func.kibeezy_now().label("now")
    before = connection.execute(locked.returning(sms_writer, moment)).one()
    return before, _counted(before, before.now), before.now


def _counted(before: Row[*tuple[object, ...]], moment: datetime) -> _Count:
    today = in_nairobi(moment).date()
    that_day = before.written_that_day + 1 if before.day == today else 1
    if before.since is None or moment - before.since >= AT_ONCE:
        return _Count(moment, 1, today, that_day)
    return _Count(before.since, before.written + 1, today, that_day)


def _is_silent(before: Row[*tuple[object, ...]], moment: datetime) -> bool:
    return before.silent_until is not None and before.silent_until > moment


def _write(connection: Connection, phone: str, count: _Count, **values: object) -> None:
    connection.execute(
        sms_writer.update()
        .where(sms_writer.c.phone == phone)
        .values(
            since=count.since,
            written=count.written,
            day=count.day,
            written_that_day=count.written_that_day,
            **values,
        )
    )
