"""Use cases: limits that players set for themselves."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, literal, select

from core.audit_trail.records import record
from core.money import Money
from core.players.records import player_limit

RAISE_WAITS: Final = timedelta(hours=24)


class LimitKind(StrEnum):
    """What a player may limit."""

    DAILY_DEPOSIT = "daily_deposit"
    STAKE = "stake"
    # All bets by SMS of a day in Nairobi; 0 means that they are off.
    SMS_STAKE = "sms_stake"


def own_limit(connection: Connection, *, player_id: int, kind: LimitKind) -> Money | None:
    """The limit in force now, or None where the player set none."""
    query = select(limit_cents(literal(player_id), kind=kind))
    cents = connection.execute(query).scalar_one_or_none()
    return None if cents is None else Money(cents)


def limit_cents(player_id: ColumnElement[int], *, kind: LimitKind) -> ScalarSelect[Any]:
    """The same as a part of another query; null where the player set none."""
    return (
        select(player_limit.c.cents)
        .where(
            player_limit.c.player_id == player_id,
            player_limit.c.kind == kind,
            player_limit.c.effective_at <= func.kibeezy_now(),
        )
        # What was set last counts: a raise that waited must not undo a lowering since.
        .order_by(player_limit.c.id.desc())
        .limit(1)
        .correlate_except(player_limit)
        .scalar_subquery()
    )


def tighter(one: Money | None, other: Money | None) -> Money | None:
    """Of two limits the one that counts; None is no limit."""
    return min((limit for limit in (one, other) if limit is not None), default=None)


def coming_limit(
    connection: Connection, *, player_id: int, kind: LimitKind
) -> tuple[Money, datetime] | None:
    """The raise that waits, and from when it counts; None where what was set last counts now."""
    query = (
        select(player_limit.c.cents, player_limit.c.effective_at, func.kibeezy_now().label("now"))
        .where(player_limit.c.player_id == player_id, player_limit.c.kind == kind)
        .order_by(player_limit.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.effective_at <= row.now:
        return None
    return Money(row.cents), row.effective_at


def set_limit(
    connection: Connection,
    *,
    player_id: int,
    kind: LimitKind,
    amount: Money,
    unset: Money | None = None,
) -> timedelta:
    """Set a limit; lowered it counts now, raised after 24 hours. Returns how long it waits.

    `unset` is what counts for who has set none. Where that is None the first limit of its kind
    lowers, whatever it is. Setting it again counts the same way.
    """
    own = own_limit(connection, player_id=player_id, kind=kind)
    current = unset if own is None else own
    wait = RAISE_WAITS if current is not None and amount > current else timedelta(0)
    connection.execute(
        player_limit.insert().values(
            player_id=player_id,
            kind=kind,
            cents=amount.cents,
            effective_at=func.kibeezy_now() + wait,
        )
    )
    subject = f"player:{player_id}"
    record(
        connection,
        actor=subject,
        act=f"limit.{kind}",
        subject=subject,
        before={"cents": None if current is None else current.cents},
        after={"cents": amount.cents},
        waits_hours=int(wait / timedelta(hours=1)),
    )
    return wait
