"""What the worker does about Transaction Status: ask, within the budget, and read the answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias

import structlog
from sqlalchemy import Connection, Engine

from core.database import in_transaction
from core.deposits.ask_for_proof import begin_proof_look
from core.deposits.judge_status import judge_deposit_status
from core.inquiries.ask_provider import Asked
from core.outbox.deliver import Done, Handler, Verdict
from core.outbox.records import Job
from core.paybill.ask_for_proof import begin_look
from core.paybill.judge_status import judge_payment_status
from core.provider.questions import begin_question, close_answer, question_taken, take_answer
from core.provider.status_answers import StatusAnswer
from core.provider.subjects import Subject, SubjectKind
from core.withdrawals.judge_status import (
    begin_status_look,
    judge_withdrawal_status,
    leave_to_a_person,
)
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa, Order, Receipt
from payments.mpesa.payout_results import read_status
from payments.mpesa.wire import PaymentRefused, PaymentUnknown

log = structlog.get_logger()

IGNORED: Final = "ignored"
Lister: TypeAlias = Callable[[Connection, timedelta], list[Subject]]


@dataclass(frozen=True)
class StatusDesk:
    """Asks about payments of every kind; its answers come to the callbacks' routes."""

    database: Engine
    mpesa: Mpesa
    budget: QueryBudget
    public_url: str

    def ask(self, job: Job, kind: SubjectKind) -> Verdict:
        """Ask about one payment, if it is still worth a place in the budget."""
        about = in_transaction(self.database, lambda c: _MATTERS[kind].begin(c, job.payload))
        if about is None:
            return Done()
        if later := self.budget.postponed():
            return later
        self._ask(Subject(kind, int(job.payload[f"{kind}_id"])), about)
        return Done()

    def ask_about_all(self, listed: Lister, since: timedelta) -> int:
        """Ask once about each payment that is listed, waiting for places; how many were asked."""
        found = in_transaction(self.database, lambda c: listed(c, since))
        return sum(self._ask_patiently(subject) for subject in found)

    def ask_at_once(self, subject: Subject) -> Asked:
        """Ask about one payment for a person who waits for the page, if there is a place now."""
        payload, begin = {subject.column: subject.id}, _MATTERS[subject.kind].begin
        about = in_transaction(self.database, lambda c: begin(c, payload))
        if about is None:
            return Asked.NOTHING_TO_ASK
        if self.budget.take() or not self._ask(subject, about):
            return Asked.LATER
        return Asked.TAKEN

    def _ask_patiently(self, subject: Subject) -> bool:
        payload, begin = {subject.column: subject.id}, _MATTERS[subject.kind].begin
        about = in_transaction(self.database, lambda c: begin(c, payload))
        if about is None:
            return False
        self.budget.wait()
        self._ask(subject, about)
        return True

    def _ask(self, subject: Subject, about: Receipt | Order) -> bool:
        """Whether the question was taken."""
        question = in_transaction(self.database, lambda c: begin_question(c, subject=subject))
        try:
            conversation_id = self.mpesa.ask_status(
                about=about,
                callback_url=f"{self.public_url}/payments/status/{question.token}",
            )
        except (PaymentRefused, PaymentUnknown) as error:
            # The schedule asks again; a lost acknowledgement may still be answered.
            log.warning("status_not_asked", subject=str(subject), result_code=error.code)
            return False
        in_transaction(
            self.database,
            lambda c: question_taken(c, question_id=question.id, conversation_id=conversation_id),
        )
        return True

    def read(self, job: Job) -> Verdict:
        """Act on a stored answer; a second run finds it read."""
        callback_id = int(job.payload["callback_id"])
        verdict = in_transaction(self.database, lambda c: _judge(c, callback_id))
        log.info("status_judged", callback=callback_id, verdict=verdict)
        return Done()

    def leave(self, job: Job) -> Verdict:
        """After the last answer had its time: what is still in doubt is a person's."""
        withdrawal_id = int(job.payload["withdrawal_id"])
        in_transaction(self.database, lambda c: leave_to_a_person(c, withdrawal_id=withdrawal_id))
        return Done()


def jobs(desk: StatusDesk) -> dict[str, Handler]:
    """The handlers of this desk, by the kind of job."""
    return {
        "withdrawal_status": lambda job: desk.ask(job, SubjectKind.WITHDRAWAL),
        "deposit_status": lambda job: desk.ask(job, SubjectKind.DEPOSIT),
        "paybill_status": lambda job: desk.ask(job, SubjectKind.PAYBILL),
        "withdrawal_leave": desk.leave,
        "status_callback": desk.read,
    }


def _judge(connection: Connection, callback_id: int) -> str | None:
    answered = take_answer(connection, callback_id=callback_id)
    if answered is None:
        return None
    answer = read_status(answered.body)
    verdict = IGNORED
    # A stranger's word is nothing to act on, and a question that has an id is answered under it.
    if answer is not None and answered.trusted and answered.knows(answer.conversation_id):
        judge = _MATTERS[answered.subject.kind].judge
        verdict = judge(connection, answered.subject.id, answer)
    close_answer(connection, callback_id=callback_id, verdict=verdict)
    return verdict


@dataclass(frozen=True)
class _Matter:
    """How one kind of payment is asked about, and what its answer does."""

    begin: Callable[[Connection, Mapping[str, Any]], Receipt | Order | None]
    judge: Callable[[Connection, int, StatusAnswer], str]


def _begin_deposit(connection: Connection, payload: Mapping[str, Any]) -> Receipt | None:
    receipt = begin_proof_look(
        connection,
        deposit_id=int(payload["deposit_id"]),
        because=str(payload["because"]),
        look=int(payload["look"]),
    )
    return None if receipt is None else Receipt(receipt)


def _begin_withdrawal(connection: Connection, payload: Mapping[str, Any]) -> Order | None:
    originator_id = begin_status_look(
        connection,
        withdrawal_id=int(payload["withdrawal_id"]),
        look=payload.get("look"),
        sent=payload.get("sent"),
    )
    return None if originator_id is None else Order(originator_id)


def _begin_paybill(connection: Connection, payload: Mapping[str, Any]) -> Receipt | None:
    receipt = begin_look(
        connection, paybill_id=int(payload["paybill_id"]), look=payload.get("look")
    )
    return None if receipt is None else Receipt(receipt)


_MATTERS: Final[Mapping[SubjectKind, _Matter]] = {
    SubjectKind.WITHDRAWAL: _Matter(
        _begin_withdrawal,
        lambda c, withdrawal_id, answer: judge_withdrawal_status(
            c, withdrawal_id=withdrawal_id, answer=answer
        ),
    ),
    SubjectKind.DEPOSIT: _Matter(
        _begin_deposit,
        lambda c, deposit_id, answer: judge_deposit_status(c, deposit_id=deposit_id, answer=answer),
    ),
    SubjectKind.PAYBILL: _Matter(
        _begin_paybill,
        lambda c, paybill_id, answer: judge_payment_status(c, paybill_id=paybill_id, answer=answer),
    ),
}
