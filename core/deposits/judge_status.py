"""Use case: what Transaction Status says of a deposit's receipt."""

from sqlalchemy import Connection

from core.deposits.contradict_deposit import contradict_deposit
from core.deposits.record_answer import Outcome, outcome_of
from core.deposits.records import lock_deposit
from core.deposits.rules import DepositState
from core.deposits.settle_deposit import settle_by_proof
from core.provider.status_answers import Fate, StatusAnswer


def judge_deposit_status(
    connection: Connection, *, deposit_id: int, answer: StatusAnswer
) -> Outcome:
    """Confirm what is completed; what is not contradicts a credit. A repeat is harmless.

    An answer without an amount, or about another receipt, proves nothing, and denies nothing.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    if found.receipt is None or answer.receipt not in {None, found.receipt}:
        return Outcome.UNCHANGED
    match answer.fate:
        case Fate.COMPLETED if answer.amount:
            settled = settle_by_proof(
                connection,
                found,
                receipt=found.receipt,
                amount=answer.amount,
                proven_by="status",
            )
            return outcome_of(settled)
        # An uncredited deposit is none the worse for it.
        case Fate.FAILED if found.state is DepositState.SUCCEEDED:
            contradict_deposit(connection, found, why=f"Transaction Status says {answer.code}")
            return Outcome.REVIEW
        case _:
            return Outcome.UNCHANGED
