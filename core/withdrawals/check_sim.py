"""Use cases: ask whether the player's SIM was swapped, and heed the answer before paying."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.alarms.raise_alarm import raise_alarm
from core.notices.reports import lock_provider_id
from core.outbox.records import URGENT, ask
from core.players.pause_withdrawals import pause_withdrawals
from core.players.records import get_player
from core.withdrawals.end_withdrawal import cancel_withdrawal
from core.withdrawals.queue_withdrawal import queue_withdrawal
from core.withdrawals.records import lock_withdrawal, sim_answer, sim_question
from core.withdrawals.rules import SIM_ANSWER_IN_TIME, WithdrawalState, pause_after_swap


class SimAnswer(StrEnum):
    """What the network says of a number."""

    SWAPPED = "swapped"
    NOT_SWAPPED = "not_swapped"
    UNCLEAR = "unclear"


def check_sim(connection: Connection, *, withdrawal_id: int) -> bool:
    """Have the worker ask, and go on without an answer after SIM_ANSWER_IN_TIME.

    False where it was asked before: that answer counts, and nobody waits for another.
    """
    question = (
        insert(sim_question)
        .values(withdrawal_id=withdrawal_id)
        .on_conflict_do_nothing(index_elements=["withdrawal_id"])
        .returning(sim_question.c.id)
    )
    is_new = connection.execute(question).first() is not None
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
    return is_new


def begin_sim_question(connection: Connection, *, withdrawal_id: int) -> str | None:
    """The number to ask about; None where nobody waits for the answer any more."""
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    if found.state is not WithdrawalState.REQUESTED:
        return None
    return get_player(connection, player_id=found.player_id).phone


def sim_question_taken(connection: Connection, *, withdrawal_id: int, request_id: str) -> None:
    """Note the id that the answer carries instead of the number; it may have been faster."""
    lock_provider_id(connection, provider_id=request_id)
    connection.execute(
        sim_question.update()
        .where(sim_question.c.withdrawal_id == withdrawal_id, sim_question.c.request_id.is_(None))
        .values(request_id=request_id)
    )
    _heed(connection, request_id)


def sim_not_asked(connection: Connection, *, withdrawal_id: int, because: str) -> None:
    """Go on without asking: nobody can be asked about this number, or nobody answers."""
    queue_withdrawal(connection, withdrawal_id=withdrawal_id, because=because)


def sim_answered(
    connection: Connection, *, request_id: str, answer: SimAnswer, swapped_on: date | None
) -> None:
    """Keep the answer, and heed it once its question is known. The first answer counts."""
    lock_provider_id(connection, provider_id=request_id)
    connection.execute(
        insert(sim_answer)
        .values(request_id=request_id, answer=answer, swapped_on=swapped_on)
        .on_conflict_do_nothing(index_elements=["request_id"])
    )
    _heed(connection, request_id)


def _heed(connection: Connection, request_id: str) -> None:
    """Pay, or cancel and pause withdrawals where the SIM is new; once.

    After M-Pesa was asked for want of an answer, it only pauses what comes next.
    """
    told = connection.execute(_TOLD.where(sim_question.c.request_id == request_id)).one_or_none()
    if told is None:
        return
    change = sim_question.update().where(sim_question.c.withdrawal_id == told.withdrawal_id)
    connection.execute(change.values(heeded_at=func.kibeezy_now()))
    found = lock_withdrawal(connection, withdrawal_id=told.withdrawal_id)
    until = None
    if told.answer == SimAnswer.SWAPPED:
        until = pause_after_swap(told.swapped_on, now=found.now)
    if until is None:
        queue_withdrawal(connection, withdrawal_id=found.id, because=f"sim_{told.answer}")
        return
    pause_withdrawals(connection, player_id=found.player_id, until=until, because="new SIM")
    cancel_withdrawal(connection, found, until=until)
    why = f"The SIM was swapped on {told.swapped_on or 'an unknown day'}."
    raise_alarm(connection, kind="sim_swapped", subject=f"withdrawal:{found.id}", why=why)


_TOLD = (
    select(sim_question.c.withdrawal_id, sim_answer.c.answer, sim_answer.c.swapped_on)
    .join(sim_answer, sim_answer.c.request_id == sim_question.c.request_id)
    .where(sim_question.c.heeded_at.is_(None))
)
