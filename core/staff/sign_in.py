"""Who signs in: password and second factor, tries counted first."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case, func, update

from core.audit_trail.records import record
from core.errors import Refused
from core.keyed_hash import Pepper
from core.staff.password import password_matches
from core.staff.records import Admin, admin, admin_of
from core.staff.recovery import is_recovery_code, use_recovery_code
from core.staff.totp import matching_step, totp_secret
from core.text import _

TRIES: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
_CODE: Final = re.compile(r"\d{6}", re.ASCII)


class WrongCredentials(Refused):
    """One of the three did not match, or the account waits; which, nobody is told."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "That did not match, or the code was used already: wait for the next one."
                " After {tries} wrong tries an account waits {minutes} minutes.",
                tries=TRIES,
                minutes=LOCKED_FOR // timedelta(minutes=1),
            )
        )


@dataclass(frozen=True)
class Candidate:
    """Whoever says to be this admin, with what can confirm it; a try is counted already."""

    admin: Admin
    is_demo: bool
    at: datetime
    password_hash: str = field(repr=False)
    nonce: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Proof:
    """A password that matched, and the code that will be used up."""

    admin: Admin
    step: int | None
    recovery_code: str | None = field(repr=False)


def count_try(connection: Connection, *, email: str) -> Candidate | None:
    """Count a try before it is looked at, so that a hundred at once are a hundred.

    To be committed before the password is looked at. None where nobody may try: no such admin,
    disabled, or locked after 5 wrong tries, for 15 minutes.
    """
    # After a lock the count begins anew.
    tries = case((admin.c.locked_until.is_(None), admin.c.wrong_tries), else_=0) + 1
    lock = case((tries >= TRIES, func.kibeezy_now() + LOCKED_FOR), else_=None)
    row = connection.execute(
        update(admin)
        .where(
            admin.c.email == email.strip().lower(),
            admin.c.disabled_at.is_(None),
            admin.c.locked_until.is_(None) | (admin.c.locked_until <= func.kibeezy_now()),
        )
        .values(wrong_tries=tries, locked_until=lock)
        .returning(admin, func.kibeezy_now().label("at"))
    ).one_or_none()
    if row is None:
        return None
    if row.locked_until is not None:
        record(connection, actor=row.email, act="admin.locked", subject=f"admin:{row.id}")
    return Candidate(admin_of(row), row.is_demo, row.at, row.password_hash, row.totp_nonce)


def check_credentials(
    candidate: Candidate | None, *, password: str, code: str, key: Pepper
) -> Proof:
    """Look at both, outside of any transaction; some 25 ms. Raises WrongCredentials."""
    matches = password_matches(None if candidate is None else candidate.password_hash, password)
    if candidate is None or candidate.nonce is None or not matches:
        raise WrongCredentials
    typed = code.replace(" ", "")
    if _CODE.fullmatch(typed):
        secret = totp_secret(admin_id=candidate.admin.id, nonce=candidate.nonce, key=key)
        step = matching_step(secret, typed, at=candidate.at)
        if step is not None:
            return Proof(candidate.admin, step, None)
    elif is_recovery_code(typed):
        return Proof(candidate.admin, None, typed)
    raise WrongCredentials


def accept_sign_in(connection: Connection, *, proof: Proof, key: Pepper) -> None:
    """Use the code up and forget the wrong tries. Raises WrongCredentials where it was used."""
    accept_proof(connection, proof=proof, key=key)
    connection.execute(
        update(admin).where(admin.c.id == proof.admin.id).values(wrong_tries=0, locked_until=None)
    )


def accept_proof(connection: Connection, *, proof: Proof, key: Pepper) -> None:
    """Use the code up. Raises WrongCredentials where it was used.

    Two that type one code at the same moment: one of them is let in.
    """
    accepted = update(admin).where(admin.c.id == proof.admin.id, admin.c.disabled_at.is_(None))
    if proof.step is None:
        accepted = accepted.values(totp_last_step=admin.c.totp_last_step)
    else:
        accepted = accepted.where(admin.c.totp_last_step < proof.step).values(
            totp_last_step=proof.step
        )
    if connection.execute(accepted).rowcount == 0:
        raise WrongCredentials
    if proof.recovery_code is not None:
        if not use_recovery_code(
            connection, admin_id=proof.admin.id, code=proof.recovery_code, key=key
        ):
            raise WrongCredentials
        record(
            connection,
            actor=proof.admin.email,
            act="admin.recovery_code_used",
            subject=f"admin:{proof.admin.id}",
        )
