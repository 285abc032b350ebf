"""Use cases: ask whether the player's SIM was swapped, and heed the answer before paying."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.alarms.raise_alarm import raise_alarm
from core.outbox.records import URGENT, ask
from core.players.records import get_player, player
from core.withdrawals.end_withdrawal import cancel_withdrawal
from core.withdrawals.queue_withdrawal import queue_withdrawal
from core.withdrawals.records import lock_withdrawal, sim_question
from core.withdrawals.rules import SIM_ANSWER_IN_TIME, WithdrawalState, pause_after_swap


class SimAnswer(StrEnum):
    """What the network says of a number."""

    SWAPPED = "swapped"
    NOT_SWAPPED = "not_swapped"
    UNCLEAR = "unclear"


def check_sim(connection: Connection, *, withdrawal_id: int) -> None:
    """Have the worker ask, and go on without an answer after SIM_ANSWER_IN_TIME."""
    connection.execute(
        insert(sim_question)
        .values(withdrawal_id=withdrawal_id)
        .on_conflict_do_nothing(index_elements=["withdrawal_id"])
    )
    payload = {"withdrawal_id": withdrawal_id}
    ask(
        connection,
        kind="sim_swap_ask",
        payload=payload,
        key=f"sim_swap_ask:{withdrawal_id}",
        priority=URGENT,
    )
    ask(
        connection,
        kind="sim_swap_over",
        payload=payload,
        key=f"sim_swap_over:{withdrawal_id}",
        delay=SIM_ANSWER_IN_TIME,
        priority=URGENT,
    )


def begin_sim_question(connection: Connection, *, withdrawal_id: int) -> str | None:
    """The number to ask about; None where nobody waits for the answer any more."""
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    if found.state is not WithdrawalState.REQUESTED:
        return None
    return get_player(connection, player_id=found.player_id).phone


def sim_question_taken(connection: Connection, *, withdrawal_id: int, request_id: str) -> None:
    """Note the id that the answer will carry instead of the number."""
    connection.execute(
        sim_question.update()
        .where(sim_question.c.withdrawal_id == withdrawal_id, sim_question.c.request_id.is_(None))
        .values(request_id=request_id)
    )


def sim_not_asked(connection: Connection, *, withdrawal_id: int, because: str) -> None:
    """Go on without asking: nobody can be asked about this number, or nobody answers."""
    queue_withdrawal(connection, withdrawal_id=withdrawal_id, because=because)


def sim_answered(
    connection: Connection, *, request_id: str, answer: SimAnswer, swapped_on: date | None
) -> bool:
    """Pay, or cancel and pause withdrawals where the SIM is new. False for an unknown question.

    The first answer counts; a late one, after the payment was let go, only pauses what comes next.
    """
    row = connection.execute(
        select(sim_question)
        .where(sim_question.c.request_id == request_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        return False
    if row.answered_at is not None:
        return True
    connection.execute(
        sim_question.update()
        .where(sim_question.c.id == row.id)
        .values(answer=answer, swapped_on=swapped_on, answered_at=func.kibeezy_now())
    )
    found = lock_withdrawal(connection, withdrawal_id=row.withdrawal_id)
    until = None
    if answer is SimAnswer.SWAPPED:
        until = pause_after_swap(swapped_on, now=found.now)
    if until is None:
        queue_withdrawal(connection, withdrawal_id=found.id, because=f"sim_{answer}")
        return True
    _pause(connection, found.player_id, until)
    cancel_withdrawal(connection, found, until=until)
    raise_alarm(
        connection,
        kind="sim_swapped",
        subject=f"withdrawal:{found.id}",
        why=f"The SIM of the player was swapped on {swapped_on or 'an unknown day'}.",
    )
    return True


def _pause(connection: Connection, player_id: int, until: datetime) -> None:
    longer = func.greatest(func.coalesce(player.c.withdrawals_paused_until, until), until)
    change = player.update().where(player.c.id == player_id)
    connection.execute(change.values(withdrawals_paused_until=longer))
