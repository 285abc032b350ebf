"""Password and code, looked at: to sign in, and again before money moves."""

from flask import request
from sqlalchemy import Connection, Engine

from core.database import in_transaction
from core.settings import Settings
from core.staff.sessions import Session, prove_again
from core.staff.sign_in import (
    Proof,
    WrongCredentials,
    accept_proof,
    check_credentials,
    count_try,
)


def check_proof(
    *, email: str, password: str, code: str, database: Engine, settings: Settings
) -> Proof:
    """Count the try, then look: in that order, and without a transaction around the hashing.

    Raises WrongCredentials. The proof is used up by `accept_proof`.
    """
    candidate = in_transaction(database, lambda c: count_try(c, email=email))
    if candidate is not None and candidate.is_demo and not settings.is_local:
        candidate = None
    return check_credentials(candidate, password=password, code=code, key=settings.staff_key)


def prove_or_refuse(session: Session, *, database: Engine, settings: Settings) -> None:
    """Go on if its admin proved who they are lately, or does so in this form.

    Raises WrongCredentials.
    """
    if not session.is_fresh:
        prove(session, database=database, settings=settings)


def prove(session: Session, *, database: Engine, settings: Settings) -> None:
    """Go on if its admin proves who they are in this form, also soon after they did before.

    Raises WrongCredentials.
    """
    proof = check_proof(
        email=session.admin.email,
        password=request.form.get("password", ""),
        code=request.form.get("code", ""),
        database=database,
        settings=settings,
    )
    if proof.admin.id != session.admin.id:
        raise WrongCredentials

    def accept(connection: Connection) -> None:
        accept_proof(connection, proof=proof, key=settings.staff_key)
        prove_again(connection, of=session)

    in_transaction(database, accept)
