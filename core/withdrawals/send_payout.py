"""Use cases around the one call that asks M-Pesa to pay: claim it, and note how it ended."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.money import Money
from core.outbox.records import ask
from core.players.records import Status, get_player
from core.players.rules import AccountLocked
from core.switches.records import ensure_running
from core.switches.rules import Switch
from core.switches.stop import stop
from core.text import Text
from core.withdrawals import rules
from core.withdrawals.end_withdrawal import (
    cancel_withdrawal,
    fail_withdrawal,
    review_withdrawal,
)
from core.withdrawals.records import Withdrawal, lock_withdrawal, withdrawal
from core.withdrawals.rules import WithdrawalsPaused, WithdrawalState


@dataclass(frozen=True)
class Payout:
    """What the call needs. The token is secret: it goes into the answers' addresses only."""

    withdrawal_id: int
    phone: str
    amount: Money
    reference: str
    originator_id: str
    token: str = field(repr=False)


def begin_payout(connection: Connection, *, withdrawal_id: int) -> Payout | None:
    """Claim the withdrawal for one call; commit before calling. None: do not call.

    One that is found as sending was claimed by a worker that died around its call, so M-Pesa may
    have been asked: it becomes unknown, and only the provider's own word ends it. What
    was never sent is cancelled where the player's withdrawals were paused since. Raises Stopped
    while withdrawals are stopped, AccountLocked while the player is, and WithdrawalsPaused for what
    is to be sent again: then it keeps its place, and its money is held.
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    match found.state:
        case WithdrawalState.QUEUED:
            ensure_running(connection, kind=Switch.WITHDRAWALS)
            payee = get_player(connection, player_id=found.player_id)
            if payee.status is Status.LOCKED:
                raise AccountLocked
            paused_until = payee.withdrawals_paused_until
            if paused_until is not None:
                if not cancel_withdrawal(connection, found, until=paused_until):
                    raise WithdrawalsPaused(paused_until)
                return None
            return _claim(connection, found, phone=payee.phone)
        case WithdrawalState.SENDING:
            payout_unknown(connection, withdrawal_id=withdrawal_id, code="worker_lost")
        case _:
            pass
    return None


def payout_accepted(
    connection: Connection, *, withdrawal_id: int, conversation_id: str | None
) -> None:
    """M-Pesa took the order: accepted, not paid. A result may have been faster.

    This answer is authenticated and results are not, so another id in a result is a contradiction.
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    if None not in {found.conversation_id, conversation_id} and (
        found.conversation_id != conversation_id
    ):
        review_withdrawal(connection, found, why="the order was taken under another id")
        return
    if conversation_id is not None:
        change = withdrawal.update().where(withdrawal.c.id == found.id)
        connection.execute(change.values(conversation_id=conversation_id))
    # A worker whose lease had run out may bring the answer after another has called it unknown.
    for state in (WithdrawalState.SENDING, WithdrawalState.UNKNOWN):
        _move(connection, found, state, to=WithdrawalState.ACCEPTED, code=None)


def payout_postponed(connection: Connection, *, withdrawal_id: int, code: str) -> None:
    """M-Pesa had no time and surely did nothing: queued again, to be sent under the same id."""
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    _move(connection, found, WithdrawalState.SENDING, to=WithdrawalState.QUEUED, code=code)


def payout_refused(
    connection: Connection, *, withdrawal_id: int, code: str, reason: Text, ours: bool
) -> None:
    """M-Pesa surely did nothing and never will: the money goes back.

    What its words contradict stays held until a person decides. Where the fault is `ours` the next
    one would fail as well, so withdrawals are stopped.
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    sending = found.state is WithdrawalState.SENDING
    if sending and found.review is None:
        fail_withdrawal(connection, found, code=code, reason=reason)
    elif found.state is not WithdrawalState.FAILED:
        review_withdrawal(connection, found, why=f"refused ({code}) while {found.state}")
        _move(connection, found, WithdrawalState.SENDING, to=WithdrawalState.UNKNOWN, code=code)
    if sending and ours:
        stop_payouts(connection, found, code=code)


def payout_unknown(connection: Connection, *, withdrawal_id: int, code: str) -> None:
    """The call may have happened. Never sent again: the provider's own answer decides."""
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    for state in (WithdrawalState.SENDING, WithdrawalState.ACCEPTED):
        if _move(connection, found, state, to=WithdrawalState.UNKNOWN, code=code):
            return


def stop_payouts(connection: Connection, found: Withdrawal, *, code: str) -> None:
    """Stop all withdrawals over a fault of ours, such as an empty float or a locked credential."""
    why = f"M-Pesa refused withdrawal {found.id} with code {code}."
    stop(connection, kind=Switch.WITHDRAWALS, why=why, by="payouts")


def look_later(connection: Connection, found: Withdrawal, *, look: int) -> None:
    """Have the provider asked about it at its next place in the schedule; once per place."""
    assert found.sent_at is not None, "only what was sent is asked about"
    # What M-Pesa had no time for is sent anew, and its schedule begins anew.
    sent = int(found.sent_at.timestamp())
    ask(
        connection,
        kind="withdrawal_status",
        payload={"withdrawal_id": found.id, "look": look, "sent": sent},
        key=f"withdrawal_status:{found.id}:{sent}:{look}",
        at=found.sent_at + rules.STATUS_AFTER[look],
    )


def _claim(connection: Connection, found: Withdrawal, *, phone: str) -> Payout | None:
    change = (
        withdrawal.update()
        .where(withdrawal.c.id == found.id, withdrawal.c.state == WithdrawalState.QUEUED)
        .values(state=WithdrawalState.SENDING, sent_at=func.kibeezy_now())
    )
    if connection.execute(change).rowcount == 0:
        return None
    _audit(connection, found, WithdrawalState.QUEUED, to=WithdrawalState.SENDING, code=None)
    # Before the call, so that a worker that dies around it leaves somebody to ask.
    look_later(connection, lock_withdrawal(connection, withdrawal_id=found.id), look=0)
    return Payout(found.id, phone, found.net, found.reference, found.originator_id, found.token)


def _move(
    connection: Connection,
    found: Withdrawal,
    state: WithdrawalState,
    *,
    to: WithdrawalState,
    code: str | None,
) -> bool:
    change = (
        withdrawal.update()
        .where(withdrawal.c.id == found.id, withdrawal.c.state == state)
        .values(state=to, result_code=code)
    )
    if connection.execute(change).rowcount == 0:
        return False
    _audit(connection, found, state, to=to, code=code)
    return True


_ACTS = {WithdrawalState.SENDING: "sent", WithdrawalState.QUEUED: "postponed"}


def _audit(
    connection: Connection,
    found: Withdrawal,
    state: WithdrawalState,
    *,
    to: WithdrawalState,
    code: str | None,
) -> None:
    record(
        connection,
        actor="system",
        act=f"withdrawal.{_ACTS.get(to, to)}",
        subject=f"withdrawal:{found.id}",
        before={"state": state},
        after={"state": to},
        code=code,
    )
