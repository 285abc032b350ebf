"""The players' tables, and finding a player."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Row,
    SmallInteger,
    Table,
    Text,
    func,
    select,
)

from core.database import metadata
from core.errors import NoSuchThing
from core.text import Language

# Stands for a PIN that was thrown away: nothing that can be typed has this hash.
NO_PIN: Final = ""

player = Table(
    "player",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("phone", Text, nullable=False, unique=True),
    Column("full_name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column(
        "adult_confirmed_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.kibeezy_now(),
    ),
    Column(
        "registered_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("kyc_verified_at", DateTime(timezone=True)),
    Column("locked_at", DateTime(timezone=True)),
    # An admin's e-mail, and the reason for whoever is asked later.
    Column("locked_by", Text),
    Column("locked_why", Text),
    Column("closed_at", DateTime(timezone=True)),
    Column("break_until", DateTime(timezone=True)),
    Column("withdrawals_paused_until", DateTime(timezone=True)),
    Column("news_stopped_at", DateTime(timezone=True)),
)

# By bytes, so that they serve what a text begins with.
_BY_BYTES: Final = {"begins": "text_pattern_ops"}
Index("player_phone_end", func.reverse(player.c.phone).label("begins"), postgresql_ops=_BY_BYTES)
Index(
    "player_name",
    func.lower(player.c.full_name).label("begins"),
    player.c.id,
    postgresql_ops=_BY_BYTES,
)

player_pin = Table(
    "player_pin",
    metadata,
    Column("player_id", BigInteger, ForeignKey("player.id"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("wrong_tries", SmallInteger, nullable=False, server_default="0"),
    Column("locked_until", DateTime(timezone=True)),
    Column(
        "changed_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)

phone_code = Table(
    "phone_code",
    metadata,
    Column("player_id", BigInteger, ForeignKey("player.id"), primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("code_mac", LargeBinary),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("wrong_tries", SmallInteger, nullable=False, server_default="0"),
    Column("locked_until", DateTime(timezone=True)),
    Column("day", Date, nullable=False),
    Column("asked_that_day", SmallInteger, nullable=False, server_default="1"),
)

player_limit = Table(
    "player_limit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("effective_at", DateTime(timezone=True), nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
)
Index(
    "player_limit_of_player",
    player_limit.c.player_id,
    player_limit.c.kind,
    player_limit.c.effective_at,
)


class Status(StrEnum):
    """What a player may do now."""

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    LOCKED = "locked"
    ON_BREAK = "on_break"
    CLOSED = "closed"


@dataclass(frozen=True)
class Player:
    """A registered person, as of the moment of reading."""

    id: int
    phone: str
    full_name: str
    language: Language
    status: Status
    kyc_verified_at: datetime | None
    break_until: datetime | None
    withdrawals_paused_until: datetime | None
    news_stopped_at: datetime | None


def find_player(connection: Connection, *, phone: str) -> Player | None:
    """The player with this number, as +254…, or None."""
    row = connection.execute(_PLAYER.where(player.c.phone == phone)).one_or_none()
    return None if row is None else player_from(row)


def get_player(connection: Connection, *, player_id: int) -> Player:
    """The player with this id. Raises NoSuchThing."""
    row = connection.execute(_PLAYER.where(player.c.id == player_id)).one_or_none()
    if row is None:
        raise NoSuchThing(f"player {player_id}")
    return player_from(row)


def lock_player(connection: Connection, *, player_id: int) -> Player:
    """The same, held until the transaction ends: what must not race for a player waits in line."""
    # A statement of its own, so that the next one sees what was committed during the wait.
    row = select(player.c.id).where(player.c.id == player_id).with_for_update(key_share=True)
    connection.execute(row)
    return get_player(connection, player_id=player_id)


def player_from(row: Row[*tuple[object, ...]]) -> Player:
    """The player in a row that has the columns of the table that concern playing, and `now`."""
    return Player(
        id=row.id,
        phone=row.phone,
        full_name=row.full_name,
        language=Language(row.language),
        status=_status(row),
        kyc_verified_at=row.kyc_verified_at,
        break_until=row.break_until,
        withdrawals_paused_until=_unless_over(row.withdrawals_paused_until, row.now),
        news_stopped_at=row.news_stopped_at,
    )


_PLAYER = select(player, func.kibeezy_now().label("now"))


def _unless_over(until: datetime | None, now: datetime) -> datetime | None:
    return until if until is not None and until > now else None


def _status(row: Row[*tuple[object, ...]]) -> Status:
    if row.closed_at is not None:
        return Status.CLOSED
    if row.locked_at is not None:
        return Status.LOCKED
    if row.break_until is not None and row.break_until > row.now:
        return Status.ON_BREAK
    return Status.ACTIVE if row.kyc_verified_at is not None else Status.UNVERIFIED
