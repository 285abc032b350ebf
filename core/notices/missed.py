"""Receipts that did not arrive: the menu shows them instead, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    bindparam,
    exists,
    func,
    literal,
    select,
)

from core.errors import NoSuchThing
from core.notices.kinds import KINDS, Sort
from core.notices.records import NOT_DELIVERED, sms_out

# Older ones say nothing any more that the statement does not say better.
SHOWN_FOR: Final = timedelta(days=7)
# The network's word may still come where the provider's answer was lost.
UNKNOWN_FOR: Final = timedelta(minutes=2)
_RECEIPTS: Final = [name for name, kind in KINDS.items() if kind.sort is Sort.RECEIPT]
# Written out, or a prepared statement does not see that the partial index covers it.
_NOT_DELIVERED: Final[BindParameter[str]] = bindparam(
    "lost", NOT_DELIVERED, expanding=True, literal_execute=True
)


@dataclass(frozen=True, repr=False)
class Missed:
    """A receipt in the words of its SMS; without a repr, for it is somebody's mail.

    `surely` where it is known that it did not arrive; `others` where there are more.
    """

    sms_id: int
    body: str
    queued_at: datetime
    surely: bool
    others: bool


def newest_missed(player_id: ColumnElement[int]) -> ScalarSelect[int]:
    """The id of the newest receipt to show, as a part of a statement that knows the player."""
    return _missed(player_id).order_by(sms_out.c.id.desc()).limit(1).scalar_subquery()


def find_missed(connection: Connection, *, player_id: int) -> int | None:
    """The id of the newest receipt to show the player, or None."""
    newest = newest_missed(literal(player_id))
    return connection.execute(select(newest)).scalar_one_or_none()


def read_missed(connection: Connection, *, player_id: int, sms_id: int) -> Missed:
    """The receipt with this id, as long as it is the player's. Raises NoSuchThing."""
    other = _missed(literal(player_id)).where(sms_out.c.id != sms_id)
    shown = sms_out.alias()
    query = select(shown.c.body, shown.c.queued_at, shown.c.status, other.exists().label("others"))
    ours = (shown.c.id == sms_id) & (shown.c.player_id == player_id)
    row = connection.execute(query.where(ours, shown.c.body.is_not(None))).one_or_none()
    if row is None:
        raise NoSuchThing(f"SMS {sms_id}")
    return Missed(sms_id, row.body, row.queued_at, row.status != "unknown", row.others)


def mark_shown(connection: Connection, *, player_id: int, sms_id: int) -> None:
    """Write down that the player has read it on the menu; a repeat keeps the first moment."""
    connection.execute(
        sms_out.update()
        .where(
            sms_out.c.id == sms_id,
            sms_out.c.player_id == player_id,
            sms_out.c.shown_at.is_(None),
        )
        .values(shown_at=func.kibeezy_now())
    )


def _missed(player_id: ColumnElement[int]) -> Select[int]:
    again = sms_out.alias()
    return select(sms_out.c.id).where(
        sms_out.c.player_id == player_id,
        sms_out.c.shown_at.is_(None),
        sms_out.c.status.in_(_NOT_DELIVERED),
        sms_out.c.kind.in_(_RECEIPTS),
        sms_out.c.queued_at > func.kibeezy_now() - SHOWN_FOR,
        (sms_out.c.status != "unknown") | (sms_out.c.sent_at < func.kibeezy_now() - UNKNOWN_FOR),
        # Sent again it is another message, which may be missed itself.
        ~exists().where(again.c.resend_of == sms_out.c.id),
    )
