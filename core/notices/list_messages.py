"""SMS that went out or should have, for whoever helps a caller."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from core.database import be_patient
from core.errors import NoSuchThing
from core.notices.kinds import Sort, kind_named
from core.notices.records import sms_out, sms_report

STATES: Final = (
    "queued",
    "sending",
    "accepted",
    "unknown",
    "refused",
    "interim",
    "delivered",
    "undelivered",
    "dropped",
)


@dataclass(frozen=True, repr=False)
class Message:
    """A row of the table, without a repr, for it is somebody's mail.

    `body` is None for a code: its words are kept nowhere. `resent_as` is the message that was
    sent in its place.
    """

    id: int
    player_id: int | None
    phone: str
    kind: str
    body: str | None
    status: str
    failure: str | None
    provider: str | None
    provider_id: str | None
    network: str | None
    cost: str | None
    parts: int | None
    counted_parts: int | None
    queued_at: datetime
    sent_at: datetime | None
    accepted_at: datetime | None
    reported_at: datetime | None
    shown_at: datetime | None
    resend_of: int | None
    resent_as: int | None


@dataclass(frozen=True)
class Report:
    """A delivery report, and how often it came."""

    status: str
    failure: str | None
    network: str | None
    times: int
    first_at: datetime


@dataclass(frozen=True)
class Wanted:
    """Which messages; None means any. Of a player those to every number, else those to `phone`."""

    player_id: int | None = None
    phone: str | None = None
    state: str | None = None
    # For the next page: only messages with a smaller number.
    before_id: int | None = None
    kind: str | None = None
    # Queued from `begins` on, before `ends`.
    begins: datetime | None = None
    ends: datetime | None = None


def list_messages(connection: Connection, *, wanted: Wanted, limit: int) -> list[Message]:
    """The newest messages that are wanted, at most so many, the newest first."""
    be_patient(connection)
    # Of a time: read by the index of moments and sorted, not from the newest message on.
    key = sms_out.c.id if wanted.begins is None else sms_out.c.id + 0
    query = _MESSAGES.order_by(key.desc()).limit(limit)
    if wanted.player_id is not None:
        query = query.where(sms_out.c.player_id == wanted.player_id)
    elif wanted.phone is not None:
        query = query.where(sms_out.c.player_id.is_(None), sms_out.c.phone == wanted.phone)
    if wanted.state is not None:
        # Written out, or a prepared statement does not see that a partial index covers it.
        state: BindParameter[str] = bindparam("state", wanted.state, literal_execute=True)
        query = query.where(sms_out.c.status == state)
    if wanted.kind is not None:
        query = query.where(sms_out.c.kind == wanted.kind)
    if wanted.begins is not None:
        query = query.where(sms_out.c.queued_at >= wanted.begins)
    if wanted.ends is not None:
        query = query.where(sms_out.c.queued_at < wanted.ends)
    if wanted.before_id is not None:
        query = query.where(sms_out.c.id < wanted.before_id)
    return [_message(row) for row in connection.execute(query)]


def get_message(connection: Connection, *, sms_id: int) -> tuple[Message, list[Report]]:
    """The message with this id, and its delivery reports in their order. Raises NoSuchThing."""
    row = connection.execute(_MESSAGES.where(sms_out.c.id == sms_id)).one_or_none()
    if row is None:
        raise NoSuchThing(f"SMS {sms_id}")
    reports = (
        select(sms_report)
        .where(sms_report.c.provider_id == row.provider_id)
        .order_by(sms_report.c.first_at, sms_report.c.status)
    )
    return _message(row), [
        Report(each.status, each.failure, each.network, each.times, each.first_at)
        for each in connection.execute(reports)
    ]


_again = sms_out.alias()
_MESSAGES = select(
    sms_out,
    select(_again.c.id)
    .where(_again.c.resend_of == sms_out.c.id)
    .scalar_subquery()
    .label("resent_as"),
)


def _message(row: Row[*tuple[Any, ...]]) -> Message:
    told = {name: getattr(row, name) for name in Message.__dataclass_fields__}
    # None is kept of a code; and if one ever were, it would not be told.
    is_code = kind_named(row.kind).sort is Sort.CODE
    return Message(**{**told, "body": None if is_code else row.body})
