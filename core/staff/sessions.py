"""Sessions of staff: kept here, so that each can be ended; the browser holds only a token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, insert, select, text, update

from core.audit_trail.records import record
from core.errors import NoSuchThing
from core.keyed_hash import Pepper
from core.staff.records import Admin, admin_of, session

IDLE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=8)
# How long a proof of who one is counts for what moves money.
PROOF: Final = timedelta(minutes=10)
_TOKEN_BYTES: Final = 32
_ADDRESS_CHARACTERS: Final = 64
_DEVICE_CHARACTERS: Final = 200
# A session that is used is written at most once a minute.
_FIND: Final = text("""
    WITH found AS (
        SELECT s.id AS session_id, s.enrolment_id, s.began_at, s.proved_at, s.seen_at,
               a.id, a.email, a.phone, a.role, a.is_demo, kibeezy_now() AS at
        FROM admin_session s JOIN admin a ON a.id = s.admin_id
        WHERE s.token_mac = :mac AND s.ended_at IS NULL AND a.disabled_at IS NULL
          AND s.seen_at > kibeezy_now() - cast(:idle AS interval)
          AND s.began_at > kibeezy_now() - cast(:longest AS interval)
    ), touched AS (
        UPDATE admin_session s SET seen_at = found.at FROM found
        WHERE s.id = found.session_id AND :touch AND s.ended_at IS NULL
          AND s.seen_at < found.at - interval '1 minute'
    )
    SELECT * FROM found
""")


@dataclass(frozen=True)
class Session:
    """A session that is good now, and whose it is."""

    id: int
    admin: Admin
    enrolment_id: int | None
    began_at: datetime
    proved_at: datetime
    at: datetime
    is_demo: bool

    @property
    def is_fresh(self) -> bool:
        """Whether its admin proved who they are within 10 minutes."""
        return self.at - self.proved_at < PROOF


@dataclass(frozen=True)
class Whence:
    """The address and the browser that somebody signs in with, as far as they say."""

    address: str
    device: str


@dataclass(frozen=True)
class Listed:
    """One of an admin's sessions, good or over."""

    id: int
    began_at: datetime
    seen_at: datetime
    address: str
    device: str
    ended_at: datetime | None
    ended_why: str | None


def open_session(
    connection: Connection,
    *,
    of: Admin,
    whence: Whence,
    key: Pepper,
    enrolment_id: int | None = None,
) -> str:
    """Begin a session and return its token, of which only a keyed hash is kept."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    opened = connection.execute(
        insert(session)
        .values(
            admin_id=of.id,
            enrolment_id=enrolment_id,
            token_mac=_mac(key, token),
            address=whence.address[:_ADDRESS_CHARACTERS],
            device=whence.device[:_DEVICE_CHARACTERS],
        )
        .returning(session.c.id)
    ).scalar_one()
    if enrolment_id is None:
        record(
            connection,
            actor=of.email,
            act="admin.signed_in",
            subject=f"admin:{of.id}",
            session=opened,
            address=whence.address[:_ADDRESS_CHARACTERS],
        )
    return token


def find_session(
    connection: Connection, *, token: str, key: Pepper, is_used: bool
) -> Session | None:
    """The session behind a token, while it is good: used within 15 minutes, at most 8 hours old.

    `is_used` keeps it from falling idle; a page that refreshes itself does not.
    """
    row = connection.execute(
        _FIND, {"mac": _mac(key, token), "idle": IDLE, "longest": LONGEST, "touch": is_used}
    ).one_or_none()
    if row is None:
        return None
    return Session(
        row.session_id,
        admin_of(row),
        row.enrolment_id,
        row.began_at,
        row.proved_at,
        row.at,
        row.is_demo,
    )


def list_sessions(connection: Connection, *, admin_id: int, limit: int = 20) -> list[Listed]:
    """An admin's sessions, the newest first; those that fell idle say so."""
    idle = session.c.seen_at <= func.kibeezy_now() - IDLE
    old = session.c.began_at <= func.kibeezy_now() - LONGEST
    query = (
        select(session, idle.label("idle"), old.label("old"))
        .where(session.c.admin_id == admin_id, session.c.enrolment_id.is_(None))
        .order_by(session.c.id.desc())
        .limit(limit)
    )
    return [
        Listed(
            row.id,
            row.began_at,
            row.seen_at,
            row.address,
            row.device,
            row.ended_at or (row.seen_at + IDLE if row.idle or row.old else None),
            row.ended_why or ("idle" if row.idle else "8 hours old" if row.old else None),
        )
        for row in connection.execute(query)
    ]


def end_session(connection: Connection, *, session_id: int, by: Admin, why: str) -> None:
    """End one of one's own sessions. Raises NoSuchThing for another's, and where it is over."""
    if _end(connection, why, session.c.id == session_id, session.c.admin_id == by.id) == 0:
        raise NoSuchThing(f"open session {session_id} of yours")
    record(
        connection,
        actor=by.email,
        act="admin.signed_out",
        subject=f"admin:{by.id}",
        session=session_id,
        why=why,
    )


def end_other_sessions(connection: Connection, *, of: Session) -> int:
    """End all of one's own sessions but this; returns how many were open. A repeat finds none."""
    ended = end_sessions(connection, admin_id=of.admin.id, why="ended from another", but=of.id)
    record(
        connection,
        actor=of.admin.email,
        act="admin.signed_out_elsewhere",
        subject=f"admin:{of.admin.id}",
        sessions=ended,
    )
    return ended


def end_sessions(connection: Connection, *, admin_id: int, why: str, but: int | None = None) -> int:
    """End an admin's sessions, but perhaps the one in use; returns how many were open."""
    others = () if but is None else (session.c.id != but,)
    return _end(connection, why, session.c.admin_id == admin_id, *others)


def _end(connection: Connection, why: str, *which: ColumnElement[bool]) -> int:
    ended = connection.execute(
        update(session)
        .where(*which, session.c.ended_at.is_(None))
        .values(ended_at=func.kibeezy_now(), ended_why=why)
    )
    return ended.rowcount


def _mac(key: Pepper, token: str) -> bytes:
    return key.mac("session", token)
