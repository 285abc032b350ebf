"""Use cases of the worker: what happens to an SMS between the queue and the provider's answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    Connection,
    ScalarSelect,
    Text,
    exists,
    func,
    literal,
    select,
)

from core.notices.consent import Dropped, Waits, hold_back
from core.notices.costs import MessagePrice
from core.notices.kinds import CODE, is_news
from core.notices.records import sms_out
from core.notices.reports import apply_reports, lock_provider_id

_SENDING: Final = ("sending",)
# The provider has just refused it, and its report of that may have come before its answer.
_NOT_TAKEN: Final = ("sending", "undelivered")
_NOT_REPORTED: Final = {"provider_status": None, "reported_at": None, "failure": None}
# A message whose call may have happened; after it the provider's word is still welcome.
_CALLED: Final = ("sending", "unknown")
# The same, and what a report that overtook the answer makes of it.
_TAKEN: Final = (*_CALLED, "interim", "delivered", "undelivered")


class Found(StrEnum):
    """Why a message is not to be sent now."""

    LOST = "lost"
    FINISHED = "finished"


@dataclass(frozen=True, repr=False)
class Outgoing:
    """A message whose sending has been committed to; without a repr, for it is somebody's mail."""

    sms_id: int
    phone: str
    body: str
    kind: str


@dataclass(frozen=True)
class Hand:
    """Who is to carry a message, and the id that we gave it where that provider lets us.

    With it a report finds the message even where the answer was lost.
    """

    provider: str
    provider_id: str | None = None


def begin_sending(
    connection: Connection, *, sms_id: int, to: Hand
) -> Outgoing | Found | Dropped | Waits:
    """Move a queued message to `sending`; commit before the call.

    News that is unwanted, too late or untimely by now is held back instead.
    A message found in `sending` was begun by a worker that died or is about to: nobody knows
    whether it went out, so it becomes `unknown` and is never sent again (LOST).
    """
    row = connection.execute(
        sms_out.update()
        .where(sms_out.c.id == sms_id, sms_out.c.status == "queued")
        .values(status="sending", sent_at=func.kibeezy_now(), **_handed(to))
        .returning(sms_out.c.phone, sms_out.c.body, sms_out.c.kind, sms_out.c.until)
    ).one_or_none()
    if row is not None:
        outgoing = Outgoing(sms_id, row.phone, row.body, row.kind)
        if not is_news(row.kind):
            return outgoing
        held = hold_back(connection, sms_id=sms_id, phone=row.phone, until=row.until)
        return held or outgoing
    lost = record_unknown(connection, sms_id=sms_id, failure="worker lost during the call")
    return Found.LOST if lost else Found.FINISHED


def begin_code(connection: Connection, *, player_id: int, phone: str, to: Hand) -> int:
    """Write down that a code is being sent, never the code; returns the message's id.

    Earlier codes of the player whose worker died on the way become `unknown`.
    """
    connection.execute(
        sms_out.update()
        .where(
            sms_out.c.player_id == player_id,
            sms_out.c.kind == CODE,
            sms_out.c.status == "sending",
        )
        .values(status="unknown", failure="worker lost during the call")
    )
    begun = sms_out.insert().values(
        player_id=player_id,
        phone=phone,
        kind=CODE,
        status="sending",
        sent_at=func.kibeezy_now(),
        **_handed(to),
    )
    sms_id: int = connection.execute(begun.returning(sms_out.c.id)).scalar_one()
    return sms_id


def last_carrier_of_code(connection: Connection, *, player_id: int) -> str | None:
    """Who was to carry the code before this one; None where there was none."""
    latest = (
        select(sms_out.c.provider)
        .where(sms_out.c.player_id == player_id, sms_out.c.kind == CODE)
        .order_by(sms_out.c.id.desc())
        .limit(1)
    )
    return connection.execute(latest).scalar_one_or_none()


def pass_on(connection: Connection, *, sms_id: int, to: Hand) -> bool:
    """Give a message that surely was not taken to another provider; commit before the call.

    False where it is not being sent any more: a report says that it was taken after all. One that
    says that it did not arrive has only overtaken the refusal.
    """
    return _leave(connection, sms_id, _NOT_TAKEN, status="sending", **_NOT_REPORTED, **_handed(to))


def record_accepted(
    connection: Connection,
    *,
    sms_id: int,
    provider_id: str | None,
    provider_status: str,
    cost: str | None,
    parts: int | None,
    counted_parts: int,
    provider: str,
    price: MessagePrice | None = None,
) -> None:
    """The provider took the message; reports that overtook this answer are applied now, again.

    `parts` are the provider's count, `counted_parts` ours; without a price the answer names none.
    """
    if provider_id is not None:
        lock_provider_id(connection, provider_id=provider_id)
    micros, currency = price or (None, None)
    connection.execute(
        sms_out.update()
        .where(sms_out.c.id == sms_id, sms_out.c.status.in_(_TAKEN))
        .values(
            status="accepted",
            provider_id=_unless_taken(provider_id, sms_id),
            provider_status=provider_status,
            failure=None,
            cost=cost,
            cost_micros=func.coalesce(micros, sms_out.c.cost_micros),
            cost_currency=func.coalesce(currency, sms_out.c.cost_currency),
            parts=parts,
            counted_parts=counted_parts,
            provider=provider,
            accepted_at=func.kibeezy_now(),
        )
    )
    if provider_id is not None:
        apply_reports(connection, provider_id=provider_id)


def record_refused(connection: Connection, *, sms_id: int, failure: str) -> None:
    """The provider will never take this message; the row keeps the reason."""
    _leave(connection, sms_id, _SENDING, status="refused", failure=failure)


def record_unknown(connection: Connection, *, sms_id: int, failure: str) -> bool:
    """Nobody knows whether the message went out; False where it was not being sent."""
    return _leave(connection, sms_id, _SENDING, status="unknown", failure=failure)


def put_back(connection: Connection, *, sms_id: int, failure: str) -> bool:
    """The message surely did not go out and is queued again; False where it was not being sent.

    It keeps the id under which it was refused, for a report that knows better.
    """
    values = {**_NOT_REPORTED, "failure": failure}
    return _leave(connection, sms_id, _NOT_TAKEN, status="queued", **values)


def _handed(to: Hand) -> dict[str, str | None]:
    return {"provider": to.provider, "provider_id": to.provider_id}


def _unless_taken(provider_id: str | None, sms_id: int) -> ScalarSelect[str | None]:
    # A provider that names two messages alike must not make the second look unsent.
    other = sms_out.alias()
    taken = exists().where(other.c.provider_id == provider_id, other.c.id != sms_id)
    return select(literal(provider_id, Text)).where(~taken).scalar_subquery()


def _leave(
    connection: Connection, sms_id: int, states: Sequence[str], **values: str | None
) -> bool:
    change = sms_out.update().where(sms_out.c.id == sms_id, sms_out.c.status.in_(states))
    return connection.execute(change.values(**values)).rowcount == 1
