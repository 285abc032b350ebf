"""How a player stands, for whoever helps: the lock, the PIN, limits, what waits and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from core.audit_trail.records import audit_event
from core.money import Money
from core.players.limits import LimitKind, coming_limit, own_limit
from core.players.records import NO_PIN, Player, get_player, player, player_pin
from core.players.rules import PIN_TRIES_BEFORE_RESET
from core.staff.records import Role, admin


@dataclass(frozen=True)
class Lock:
    """Since when nobody gets in; by whom and why, where that was written down."""

    since: datetime
    by: str | None
    why: str | None


@dataclass(frozen=True)
class PinState:
    """How the PIN stands; never the PIN.

    `lost`: only a code by SMS and a new PIN help. `locked_until`: no try counts before.
    """

    thrown_away: bool
    lost: bool
    wrong_tries: int
    locked_until: datetime | None
    changed_at: datetime


@dataclass(frozen=True)
class OwnLimit:
    """What the player has set; `coming` counts from a moment on."""

    kind: LimitKind
    now: Money | None
    coming: tuple[Money, datetime] | None


@dataclass(frozen=True)
class Standing:
    """All of it, as of one moment."""

    player: Player
    registered_at: datetime
    closed_at: datetime | None
    lock: Lock | None
    pin: PinState
    paused_because: str | None
    limits: Sequence[OwnLimit]
    works_here_as: Role | None


def read_standing(connection: Connection, *, player_id: int) -> Standing:
    """How the player stands. Raises NoSuchThing."""
    found = get_player(connection, player_id=player_id)
    query = select(player, player_pin.c.hash, player_pin.c.wrong_tries, player_pin.c.locked_until)
    query = query.add_columns(player_pin.c.changed_at)
    joined = query.join(player_pin, player_pin.c.player_id == player.c.id)
    row = connection.execute(joined.where(player.c.id == player_id)).one()
    locked = row.locked_at is not None
    return Standing(
        player=found,
        registered_at=row.registered_at,
        closed_at=row.closed_at,
        lock=Lock(row.locked_at, row.locked_by, row.locked_why) if locked else None,
        pin=PinState(
            thrown_away=row.hash == NO_PIN,
            lost=row.wrong_tries >= PIN_TRIES_BEFORE_RESET,
            wrong_tries=row.wrong_tries,
            locked_until=row.locked_until,
            changed_at=row.changed_at,
        ),
        paused_because=_paused_because(connection, found),
        limits=[_limit(connection, player_id, kind) for kind in LimitKind],
        works_here_as=_works_here_as(connection, found.phone),
    )


def _paused_because(connection: Connection, found: Player) -> str | None:
    if found.withdrawals_paused_until is None:
        return None
    query = (
        select(audit_event.c.details["because"].astext)
        .where(
            audit_event.c.subject == f"player:{found.id}",
            audit_event.c.act == "player.withdrawals_paused",
        )
        .order_by(audit_event.c.id.desc())
        .limit(1)
    )
    because: str | None = connection.execute(query).scalar_one_or_none()
    return because


def _limit(connection: Connection, player_id: int, kind: LimitKind) -> OwnLimit:
    return OwnLimit(
        kind,
        own_limit(connection, player_id=player_id, kind=kind),
        coming_limit(connection, player_id=player_id, kind=kind),
    )


def _works_here_as(connection: Connection, phone: str) -> Role | None:
    role = connection.execute(select(admin.c.role).where(admin.c.phone == phone)).scalar()
    return None if role is None else Role(role)
