"""Use case: a deposit failed, as far as anybody knows today."""

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.deposits.answers import Failed
from core.deposits.records import Deposit, deposit
from core.deposits.rules import FAILABLE, DepositState
from core.notices import texts
from core.notices.notify import notify
from core.players.records import Player, get_player
from core.text import Text


def fail_deposit(connection: Connection, found: Deposit, *, answer: Failed) -> bool:
    """Mark the deposit failed and tell the player; False where it is past failing.

    A success is never overwritten, what a day could not tell stays with a person, and a repeat
    changes nothing. The state is soft: a later success is still credited.
    """
    change = (
        deposit.update()
        .where(deposit.c.id == found.id, deposit.c.state.in_(FAILABLE))
        .values(state=DepositState.FAILED, result_code=answer.code)
    )
    if connection.execute(change).rowcount == 0:
        return False
    record(
        connection,
        actor="system",
        act="deposit.failed",
        subject=f"deposit:{found.id}",
        before={"state": found.state},
        after={"state": DepositState.FAILED},
        code=answer.code,
    )
    payer = get_player(connection, player_id=found.player_id)
    tell(connection, payer, text=_words(found, payer, answer))
    return True


def tell(connection: Connection, payer: Player, *, text: Text) -> None:
    """Queue an SMS that says why a deposit has not been added."""
    notify(
        connection,
        player_id=payer.id,
        phone=payer.phone,
        language=payer.language,
        kind="deposit_failed",
        text=text,
    )


def _words(found: Deposit, payer: Player, answer: Failed) -> Text:
    if answer.paybill is None:
        return texts.deposit_failed(amount=found.amount, reason=answer.reason)
    return texts.deposit_failed_pay_bill(
        amount=found.amount,
        short_reason=answer.reason,
        paybill=answer.paybill,
        phone=payer.phone,
    )
