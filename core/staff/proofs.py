"""Who is signed in proves who they are again; wrong proofs count against the session.

Not against the account: its tries are anybody's who knows the address, and five of a stranger's
would keep an admin from stopping what the stranger does.
"""

from typing import Final

from sqlalchemy import Connection, func, select, update

from core.audit_trail.records import record
from core.errors import Refused
from core.keyed_hash import Pepper
from core.staff.records import admin, admin_of, session
from core.staff.sessions import Session
from core.staff.sign_in import Candidate, Proof, accept_proof
from core.text import _

WRONG_PROOFS: Final = 5


class WrongProof(Refused):
    """One of the two did not match; which, nobody is told."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "That did not match, or the code was used already: wait for the next one."
                " After {tries} wrong ones this session ends.",
                tries=WRONG_PROOFS,
            )
        )


def count_proof(connection: Connection, *, of: Session) -> Candidate | None:
    """Count a proof before it is looked at, so that a hundred at once are a hundred.

    To be committed before the password is looked at. None where the session is over, or was wrong
    5 times.
    """
    counted = connection.execute(
        update(session)
        .where(
            session.c.id == of.id,
            session.c.ended_at.is_(None),
            session.c.wrong_proofs < WRONG_PROOFS,
        )
        .values(wrong_proofs=session.c.wrong_proofs + 1)
    )
    if counted.rowcount == 0:
        return None
    row = connection.execute(
        select(admin, func.kibeezy_now().label("at")).where(
            admin.c.id == of.admin.id, admin.c.disabled_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        return None
    return Candidate(admin_of(row), row.is_demo, row.at, row.password_hash, row.totp_nonce)


def prove_again(connection: Connection, *, of: Session, proof: Proof, key: Pepper) -> None:
    """Use the code up: the proof is good for what moves money, for 10 minutes.

    Forgets the wrong ones. Raises WrongCredentials where the code was used, and WrongProof where
    the session is over.
    """
    accept_proof(connection, proof=proof, key=key)
    proved = connection.execute(
        update(session)
        .where(session.c.id == of.id, session.c.ended_at.is_(None))
        .values(proved_at=func.kibeezy_now(), wrong_proofs=0)
    )
    if proved.rowcount == 0:
        raise WrongProof
    record(
        connection,
        actor=of.admin.email,
        act="admin.proved",
        subject=f"admin:{of.admin.id}",
        session=of.id,
    )


def end_after_wrong(connection: Connection, *, of: Session) -> bool:
    """End the session if it was wrong 5 times; returns whether it is over. A repeat does no more.

    Whoever took a session from a browser that was left open guesses no further with it.
    """
    ended = connection.execute(
        update(session)
        .where(
            session.c.id == of.id,
            session.c.ended_at.is_(None),
            session.c.wrong_proofs >= WRONG_PROOFS,
        )
        .values(ended_at=func.kibeezy_now(), ended_why="too many wrong proofs")
    )
    if ended.rowcount == 1:
        record(
            connection,
            actor=of.admin.email,
            act="admin.signed_out",
            subject=f"admin:{of.admin.id}",
            session=of.id,
            why="too many wrong proofs",
        )
    is_over = select(session.c.ended_at.is_not(None)).where(session.c.id == of.id)
    return bool(connection.execute(is_over).scalar_one())
