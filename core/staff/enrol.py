"""How an admin gets a second factor: by a code that somebody handed over, once, within a day."""

from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from core.audit_trail.records import record
from core.errors import Refused
from core.keyed_hash import Pepper
from core.staff.one_time import fresh_code, plain_code
from core.staff.password import NewPassword, password_matches
from core.staff.records import Admin, admin, enrolment
from core.staff.recovery import issue_recovery_codes
from core.staff.sessions import end_sessions
from core.staff.sign_in import Candidate, WrongCredentials
from core.staff.totp import fresh_nonce, matching_step, totp_secret
from core.text import _

# Some 119 bits: nobody guesses it within its day.
_GROUPS: Final = 6
_IS_OPEN: Final = (enrolment.c.used_at.is_(None), enrolment.c.expires_at > func.kibeezy_now())


class WrongCode(Refused):
    """The app shows another code."""

    def __init__(self) -> None:
        super().__init__(
            _("That is not the code the app shows now. Check the phone's clock, and type the next.")
        )


class EnrolmentOver(Refused):
    """The code was used, replaced, or is older than a day."""

    def __init__(self) -> None:
        super().__init__(_("This enrolment is over: ask for a new code."))


@dataclass(frozen=True)
class Enrolment:
    """A second factor that is being set up."""

    id: int
    admin_id: int
    chooses_password: bool
    nonce: bytes = field(repr=False)

    def secret(self, key: Pepper) -> str:
        """What the app is to keep."""
        return totp_secret(admin_id=self.admin_id, nonce=self.nonce, key=key)


def invite(
    connection: Connection, *, invited: Admin, by: str, key: Pepper, chooses_password: bool = False
) -> str:
    """A code that lets this admin set up a second factor, in place of any before; good for a day.

    What opens now stays good until the new one is set up. Only a keyed hash of the code is kept.
    Whoever `chooses_password` needs no old one: for accounts that nobody has used yet, and, by
    whoever runs the server, for a password that was forgotten.
    """
    end_enrolments(connection, admin_id=invited.id)
    code = fresh_code(groups=_GROUPS)
    connection.execute(
        insert(enrolment).values(
            admin_id=invited.id,
            code_mac=_mac(key, code),
            nonce=fresh_nonce(),
            chooses_password=chooses_password,
        )
    )
    record(
        connection,
        actor=by,
        act="admin.invited",
        subject=f"admin:{invited.id}",
        chooses_password=str(chooses_password).lower(),
    )
    return code


def end_enrolments(connection: Connection, *, admin_id: int) -> None:
    """Let no code that was handed out before open anything."""
    connection.execute(
        update(enrolment)
        .where(enrolment.c.admin_id == admin_id, enrolment.c.used_at.is_(None))
        .values(used_at=func.kibeezy_now())
    )


def find_enrolment(
    connection: Connection, *, candidate: Candidate | None, code: str, key: Pepper
) -> Enrolment | None:
    """The open enrolment that this code is for, where it is the candidate's."""
    if candidate is None:
        return None
    return _open(connection, enrolment.c.code_mac == _mac(key, code), admin_id=candidate.admin.id)


def check_invited(
    candidate: Candidate | None, found: Enrolment | None, *, password: str
) -> Enrolment:
    """Look at the password, outside of any transaction. Raises WrongCredentials.

    Whoever will choose one needs none.
    """
    matches = password_matches(None if candidate is None else candidate.password_hash, password)
    if found is None or not (matches or found.chooses_password):
        raise WrongCredentials
    return found


def open_enrolment(connection: Connection, *, enrolment_id: int, admin_id: int) -> Enrolment:
    """The enrolment while it is open. Raises EnrolmentOver."""
    found = _open(connection, enrolment.c.id == enrolment_id, admin_id=admin_id)
    if found is None:
        raise EnrolmentOver
    return found


def enrol(
    connection: Connection,
    *,
    of: Admin,
    begun: Enrolment,
    code: str,
    key: Pepper,
    password: NewPassword | None = None,
) -> list[str]:
    """Make this the admin's second factor, once the app shows its code; returns recovery codes.

    Every session ends, and every older code. Raises WrongCode, or EnrolmentOver on a repeat; and
    WeakPassword or PasswordsDiffer where a password is to be chosen.
    """
    assert begun.chooses_password == (password is not None), "whoever chooses one brings it"
    hashed = None if password is None else password.hashed()
    moment = connection.execute(select(func.kibeezy_now())).scalar_one()
    step = matching_step(begun.secret(key), code.replace(" ", ""), at=moment)
    if step is None:
        raise WrongCode
    # The admin first, as whoever invites anew does: each waits for the other, and none for ever.
    connection.execute(select(admin.c.id).where(admin.c.id == of.id).with_for_update())
    _use_up(connection, begun)
    connection.execute(
        update(admin)
        .where(admin.c.id == of.id)
        .values(
            totp_nonce=begun.nonce,
            totp_last_step=func.greatest(admin.c.totp_last_step, step),
            wrong_tries=0,
            locked_until=None,
            password_hash=admin.c.password_hash if hashed is None else hashed,
        )
    )
    end_sessions(connection, admin_id=of.id, why="enrolled anew")
    codes = issue_recovery_codes(connection, admin_id=of.id, key=key)
    record(connection, actor=of.email, act="admin.enrolled", subject=f"admin:{of.id}")
    return codes


def _use_up(connection: Connection, begun: Enrolment) -> None:
    used = connection.execute(
        update(enrolment)
        .where(enrolment.c.id == begun.id, *_IS_OPEN)
        .values(used_at=func.kibeezy_now())
    )
    if used.rowcount == 0:
        raise EnrolmentOver


def _open(connection: Connection, *which: ColumnElement[bool], admin_id: int) -> Enrolment | None:
    row = connection.execute(
        select(enrolment).where(*which, enrolment.c.admin_id == admin_id, *_IS_OPEN)
    ).one_or_none()
    return None if row is None else _enrolment_of(row)


def _enrolment_of(row: "Row[*tuple[Any, ...]]") -> Enrolment:
    return Enrolment(row.id, row.admin_id, row.chooses_password, row.nonce)


def _mac(key: Pepper, code: str) -> bytes:
    return key.mac("enrolment", plain_code(code))
