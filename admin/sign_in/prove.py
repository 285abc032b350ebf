"""Password and code, looked at: to sign in, and again before money moves."""

from flask import abort, g, request
from sqlalchemy import Engine

from core.database import in_transaction
from core.settings import Settings
from core.staff.proofs import WrongProof, count_proof, end_after_wrong, prove_again
from core.staff.sessions import Session
from core.staff.sign_in import Proof, WrongCredentials, check_credentials, count_try


def check_proof(
    *, email: str, password: str, code: str, database: Engine, settings: Settings
) -> Proof:
    """Count the try, then look: in that order, and without a transaction around the hashing.

    Raises WrongCredentials. The proof is used up by `accept_sign_in`.
    """
    candidate = in_transaction(database, lambda c: count_try(c, email=email))
    if candidate is not None and candidate.is_demo and not settings.is_local:
        candidate = None
    return check_credentials(candidate, password=password, code=code, key=settings.staff_key)


def prove_or_refuse(session: Session, *, database: Engine, settings: Settings) -> None:
    """Go on if its admin proved who they are lately, or does so in this form.

    Raises WrongProof.
    """
    if not session.is_fresh:
        prove(session, database=database, settings=settings)


def prove(session: Session, *, database: Engine, settings: Settings) -> None:
    """Go on if its admin proves who they are in this form, also soon after they did before.

    The proof is counted, then looked at, as a try is. Raises WrongProof; the fifth wrong one ends
    the session, and whoever sent it is shown the door.
    """
    key = settings.staff_key
    candidate = in_transaction(database, lambda c: count_proof(c, of=session))
    try:
        proof = check_credentials(
            candidate,
            password=request.form.get("password", ""),
            code=request.form.get("code", ""),
            key=key,
        )
        in_transaction(database, lambda c: prove_again(c, of=session, proof=proof, key=key))
    except (WrongCredentials, WrongProof):
        if in_transaction(database, lambda c: end_after_wrong(c, of=session)):
            g.session = None
            abort(401)
        raise WrongProof from None
