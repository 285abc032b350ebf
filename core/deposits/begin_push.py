"""Use case: claim a deposit for the one call that asks a phone for money."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.deposits import rules
from core.deposits.record_push import push_rejected, push_unknown
from core.deposits.records import Deposit, deposit, lock_deposit
from core.deposits.rules import DepositState
from core.money import Money
from core.players.records import get_player
from core.text import _


@dataclass(frozen=True)
class Push:
    """What the prompt needs. The token is secret: it goes into the callback's address only."""

    deposit_id: int
    phone: str
    amount: Money
    reference: str
    token: str = field(repr=False)


def begin_push(connection: Connection, *, deposit_id: int) -> Push | None:
    """Claim the deposit for one call; commit before calling. None: do not call.

    A deposit found as submitting was claimed by a worker that died around its call, so the call
    may have happened: it becomes submit_unknown and is never pushed again. One that waited longer
    than PUSH_IN_TIME is rejected, and the player told.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    match found.state:
        case DepositState.CREATED if found.now - found.requested_at > rules.PUSH_IN_TIME:
            reason = _("It took us too long. Please try again.")
            push_rejected(connection, deposit_id=deposit_id, code="too_late", reason=reason)
        case DepositState.CREATED:
            return _claim(connection, found)
        case DepositState.SUBMITTING:
            push_unknown(connection, deposit_id=deposit_id, code="worker_lost")
        case _:
            pass
    return None


def _claim(connection: Connection, found: Deposit) -> Push | None:
    change = (
        deposit.update()
        .where(deposit.c.id == found.id, deposit.c.state == DepositState.CREATED)
        .values(state=DepositState.SUBMITTING, pushed_at=func.kibeezy_now())
    )
    if connection.execute(change).rowcount == 0:
        return None
    subject = f"deposit:{found.id}"
    record(
        connection,
        actor="system",
        act="deposit.pushed",
        subject=subject,
        before={"state": found.state},
        after={"state": DepositState.SUBMITTING},
    )
    payer = get_player(connection, player_id=found.player_id)
    return Push(found.id, payer.phone, found.amount, found.reference, found.token)
