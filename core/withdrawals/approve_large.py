"""Use cases: a large withdrawal is paid once two people have released it, or given back by one."""

from datetime import datetime

from sqlalchemy import Connection, select

from core.clock import short_time
from core.config.in_force import read_value
from core.config.rules import Dated
from core.errors import Refused
from core.ledger.records import transfer
from core.money import kes
from core.outbox.records import ask
from core.players.records import Player, Status, get_player
from core.provider.decide import (
    Decision,
    DecisionOutcome,
    NotOpen,
    OwnMoney,
    agree,
    find_open,
    open_decision,
    propose_decision,
)
from core.provider.subjects import Subject, SubjectKind
from core.provider.withdraw_decision import withdraw_decision
from core.staff.records import MONEY_ROLES, Admin
from core.staff_input import parse_free_text
from core.text import _
from core.withdrawals.check_sim import check_sim
from core.withdrawals.end_withdrawal import REFUSED, refuse_withdrawal
from core.withdrawals.large_waiting import released
from core.withdrawals.queue_withdrawal import queue_withdrawal
from core.withdrawals.records import Withdrawal, get_withdrawal, lock_withdrawal, withdrawal
from core.withdrawals.rules import PATIENCE, WithdrawalState


class NotWaitingForPeople(Refused):
    """Only what was held as large, and is not decided yet, is released or refused."""

    def __init__(self, withdrawal_id: int, state: WithdrawalState) -> None:
        super().__init__(
            _(
                "Withdrawal {withdrawal_id} does not wait for two people. It is {state}.",
                withdrawal_id=withdrawal_id,
                state=state,
            )
        )


class AlreadyReleased(Refused):
    """Two people have said that it shall be paid."""

    def __init__(self, withdrawal_id: int, proposer: str, agreer: str) -> None:
        super().__init__(
            _(
                "{proposer} and {agreer} have released withdrawal {withdrawal_id}.",
                proposer=proposer,
                agreer=agreer,
                withdrawal_id=withdrawal_id,
            )
        )


class PlayerPaused(Refused):
    """A new PIN or a new SIM: whoever holds the phone may not be the player."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            _(
                "Withdrawals of this player wait until {time}. Release it then, or refuse it.",
                time=short_time(until),
            )
        )


class PlayerLocked(Refused):
    """Staff locked the account, so nothing leaves it."""

    def __init__(self) -> None:
        super().__init__(_("The account of this player is locked. Unlock it, or refuse this."))


def propose_release(connection: Connection, *, withdrawal_id: int, why: str, by: Admin) -> int:
    """Propose that a large withdrawal is paid; nothing moves. Returns the proposal's number.

    The same person's repeat returns the first. Raises NoSuchThing, NotWaitingForPeople,
    AlreadyReleased, PlayerPaused, PlayerLocked, and what `propose_decision` raises.
    """
    by.ensure_role(MONEY_ROLES)
    found = _waiting_one(connection, withdrawal_id)
    proposed = find_open(connection, subject=_subject(found))
    if (
        proposed is not None
        and proposed.outcome is DecisionOutcome.RELEASED
        and proposed.proposed_by == by.email
    ):
        return proposed.id
    _ensure_may_be_paid(get_player(connection, player_id=found.player_id))
    return propose_decision(
        connection,
        subject=_subject(found),
        outcome=DecisionOutcome.RELEASED,
        player_id=found.player_id,
        evidence=why,
        by=by,
    )


def approve_release(
    connection: Connection, *, withdrawal_id: int, by: Admin, decision_id: int | None = None
) -> Decision:
    """Agree to another admin's proposal: the question about the SIM is asked, and then it is paid.

    `decision_id` is the proposal that was read; None means whichever is open. The same person's
    repeat returns the first result. Raises NoSuchThing, NotWaitingForPeople, AlreadyReleased,
    NotOpen where no release is proposed, ProposalChanged, PlayerPaused, PlayerLocked, and what
    `agree` raises.
    """
    by.ensure_role(MONEY_ROLES)
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    made = released(connection, found)
    if made is not None and made.agreed_by == by.email:
        return made
    _ensure_waiting(found, made)
    proposed = open_decision(connection, subject=_subject(found), decision_id=decision_id)
    if proposed.outcome is not DecisionOutcome.RELEASED:
        raise NotOpen(f"the release of withdrawal {found.id}")
    _ensure_may_be_paid(get_player(connection, player_id=found.player_id))
    agreed = agree(connection, decision_id=proposed.id, by=by)
    _go_on(connection, found)
    return agreed


def refuse_release(
    connection: Connection, *, withdrawal_id: int, why: str, by: Admin
) -> Withdrawal:
    """Give the money back to the wallet at once, and tell the player; what was proposed ends.

    One person is enough: nothing leaves. `why` is for staff, and stands on the transfer. The same
    person's repeat returns the withdrawal as it is. Raises NotAllowed, InvalidFreeText,
    NoSuchThing, NotWaitingForPeople, AlreadyReleased, or OwnMoney.
    """
    by.ensure_role(MONEY_ROLES)
    reason = parse_free_text(why, what=_("The reason"))
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    if found.result_code == REFUSED and _refuser(connection, found) == by.email:
        return found
    _ensure_waiting(found, released(connection, found))
    if by.phone == get_player(connection, player_id=found.player_id).phone:
        raise OwnMoney
    if find_open(connection, subject=_subject(found)) is not None:
        withdraw_decision(connection, subject=_subject(found), by=by)
    refuse_withdrawal(connection, found, why=reason, by=by.email)
    return get_withdrawal(connection, withdrawal_id=found.id)


def _waiting_one(connection: Connection, withdrawal_id: int) -> Withdrawal:
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    _ensure_waiting(found, released(connection, found))
    return found


def _ensure_waiting(found: Withdrawal, made: Decision | None) -> None:
    if made is not None:
        raise AlreadyReleased(found.id, made.proposed_by, made.agreed_by or "")
    if not found.needs_release or found.state is not WithdrawalState.REQUESTED:
        raise NotWaitingForPeople(found.id, found.state)


def _ensure_may_be_paid(payee: Player) -> None:
    """Before M-Pesa is asked the worker looks again; here people hear of it while they decide."""
    if payee.status is Status.LOCKED:
        raise PlayerLocked
    if payee.withdrawals_paused_until is not None:
        raise PlayerPaused(payee.withdrawals_paused_until)


def _go_on(connection: Connection, found: Withdrawal) -> None:
    """As any withdrawal does when it is asked for: only now is the SIM's age worth knowing."""
    ask(
        connection,
        kind="withdrawal_waits",
        payload={"withdrawal_id": found.id},
        key=f"withdrawal_waits:{found.id}:released",
        delay=PATIENCE,
    )
    ask_from = kes(read_value(connection, name=Dated.SIM_SWAP_CHECK_FROM_KES))
    if found.amount < ask_from or not check_sim(connection, withdrawal_id=found.id):
        queue_withdrawal(connection, withdrawal_id=found.id, because="released")


def _refuser(connection: Connection, found: Withdrawal) -> str:
    query = (
        select(transfer.c.actor)
        .join(withdrawal, withdrawal.c.end_transfer_id == transfer.c.id)
        .where(withdrawal.c.id == found.id)
    )
    return str(connection.execute(query).scalar_one())


def _subject(found: Withdrawal) -> Subject:
    return Subject(SubjectKind.WITHDRAWAL, found.id)
