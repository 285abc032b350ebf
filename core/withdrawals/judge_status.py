"""Use cases around a question to Transaction Status about a withdrawal."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.outbox.records import ask
from core.provider.status_answers import Fate, StatusAnswer
from core.text import _
from core.withdrawals import rules
from core.withdrawals.answers import NotPaid
from core.withdrawals.judge_result import Verdict, hear_failed, prove_paid
from core.withdrawals.large_waiting import is_waiting
from core.withdrawals.records import Withdrawal, get_withdrawal, lock_withdrawal, withdrawal
from core.withdrawals.rules import IN_DOUBT, WithdrawalState
from core.withdrawals.send_payout import look_later, payout_unknown
from core.withdrawals.tell_payee import tell_waiting

_MINUTE: Final = timedelta(minutes=1)
_NOT_PAID = _("M-Pesa did not pay it out.")


def begin_status_look(
    connection: Connection, *, withdrawal_id: int, look: int | None, sent: int | None
) -> str | None:
    """The OriginatorConversationID to ask about, or None where this look is not needed.

    Asks for the next look before this one is taken, so that a lost worker never ends the chain.
    A look of None is an extra one; `sent` names the schedule, which begins anew with each sending.
    """
    found = get_withdrawal(connection, withdrawal_id=withdrawal_id)
    if found.sent_at is None or not _is_worth_asking(found):
        return None
    if look is None:
        return found.originator_id
    if sent != int(found.sent_at.timestamp()):
        return None
    if look < rules.LAST_LOOK:
        look_later(connection, found, look=look + 1)
    else:
        ask(
            connection,
            kind="withdrawal_leave",
            payload={"withdrawal_id": found.id},
            key=f"withdrawal_leave:{found.id}:{sent}",
            delay=rules.LAST_ANSWER_IN_TIME,
        )
    failed = found.state is WithdrawalState.FAILED
    return None if failed and look not in rules.LOOKS_AFTER_FAILURE else found.originator_id


def judge_withdrawal_status(
    connection: Connection, *, withdrawal_id: int, answer: StatusAnswer
) -> Verdict:
    """Pay, give back or wait, as the provider's own answer says; a repeat is harmless.

    Nothing is paid on an answer without an amount, nor given back on one that does not name this
    payout.
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    if answer.originator_id not in {None, found.originator_id}:
        return Verdict.NOTHING
    match answer.fate:
        case Fate.COMPLETED if answer.amount is not None:
            return prove_paid(
                connection,
                found,
                receipt=answer.receipt,
                amount=answer.amount,
                proven_by="status",
            )
        case Fate.FAILED if answer.originator_id is not None:
            failed = NotPaid(answer.code, _NOT_PAID, ours=False)
            return hear_failed(connection, found, answer=failed, proven_by="status")
        case _:
            return Verdict.NOTHING


def leave_to_a_person(connection: Connection, *, withdrawal_id: int) -> bool:
    """After the last look: whatever is still in doubt is a person's, and its money stays held."""
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    if found.sent_at is None or found.now - found.sent_at < rules.STATUS_AFTER[-1]:
        return False
    payout_unknown(connection, withdrawal_id=found.id, code="unanswered")
    change = withdrawal.update().where(
        withdrawal.c.id == found.id, withdrawal.c.state == WithdrawalState.UNKNOWN
    )
    if connection.execute(change.values(state=WithdrawalState.MANUAL)).rowcount == 0:
        return False
    subject = f"withdrawal:{withdrawal_id}"
    record(
        connection,
        actor="system",
        act="withdrawal.manual",
        subject=subject,
        before={"state": WithdrawalState.UNKNOWN},
        after={"state": WithdrawalState.MANUAL},
    )
    why = f"M-Pesa never said what became of {found.net}. The money is held."
    raise_alarm(connection, kind="withdrawal_manual", subject=subject, why=why)
    return True


def tell_if_waiting(connection: Connection, *, withdrawal_id: int) -> None:
    """Tell a player who has waited that we wait for M-Pesa, too, and that nothing is lost.

    Of a large one the player knows that people look at it first; a person is called to it.
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    if found.state in rules.ENDED:
        return
    if is_waiting(connection, found):
        subject = f"withdrawal:{withdrawal_id}"
        waited = found.now - found.requested_at
        why = f"{found.amount} has waited {waited // _MINUTE} minutes for two people to release it."
        raise_alarm(connection, kind="withdrawal_release", subject=subject, why=why)
        return
    tell_waiting(connection, found)
    if found.state in rules.UNSENT:
        # Stopped on purpose or not, somebody should know that people wait for their money.
        why = f"{found.net} has waited for {rules.PATIENCE} to be sent."
        subject = f"withdrawal:{withdrawal_id}"
        raise_alarm(connection, kind="withdrawal_queued", subject=subject, why=why)


def _is_worth_asking(found: Withdrawal) -> bool:
    return found.state in IN_DOUBT or found.state is WithdrawalState.FAILED
