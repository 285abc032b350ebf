"""Use cases: ask Transaction Status about the receipt of a deposit that something contradicts."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from core.deposits.call_person import call_person
from core.deposits.records import get_deposit
from core.deposits.rules import DepositState
from core.outbox.records import URGENT, ask

# An answer may be lost or come while the provider is still at it. The last of these waits is for
# the last answer; then a person is called.
ASK_AGAIN_AFTER: Final = (
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(hours=1),
)


def ask_for_proof(connection: Connection, *, deposit_id: int, because: str) -> None:
    """Have the provider asked about the deposit's receipt; the same cause asks once."""
    ask(
        connection,
        kind="deposit_status",
        payload={"deposit_id": deposit_id, "because": because, "look": 0},
        key=f"deposit_status:{deposit_id}:{because}:0",
        priority=URGENT,
    )


def begin_proof_look(
    connection: Connection, *, deposit_id: int, because: str, look: int
) -> str | None:
    """The receipt to ask about; None where the credit is proven or taken back, or has no receipt.

    Asks for the next look before this one is taken, so that a lost worker never ends the chain.
    After the last it calls a person, since the player can never withdraw such a credit.
    """
    found = get_deposit(connection, deposit_id=deposit_id)
    if found.state is not DepositState.SUCCEEDED or found.confirmed_at is not None:
        return None
    if look >= len(ASK_AGAIN_AFTER):
        why = f"{found.amount} credited, and M-Pesa never confirmed it"
        call_person(connection, kind="deposit_never_confirmed", deposit_id=deposit_id, why=why)
        return None
    ask(
        connection,
        kind="deposit_status",
        payload={"deposit_id": deposit_id, "because": because, "look": look + 1},
        key=f"deposit_status:{deposit_id}:{because}:{look + 1}",
        delay=ASK_AGAIN_AFTER[look],
    )
    return found.receipt
