"""The questions that a member of staff asks M-Pesa from a page, and waits for."""

from dataclasses import dataclass
from typing import Final

from redis import Redis
from sqlalchemy import Engine

from core.database import in_transaction, time_limit
from core.deposits.answers import NoAnswer
from core.deposits.record_answer import Outcome, begin_look, record_answer
from core.inquiries.ask_provider import Asked, ask_later
from core.provider.subjects import Subject, SubjectKind
from core.settings import Settings
from payments.deposit_desk import ask_once
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa, open_mpesa
from payments.status_desk import StatusDesk

# Somebody looks at a page that does not come, with a caller on the phone: the worker is patient.
PATIENCE_SECONDS: Final = (2, 4)
# M-Pesa may have used up the request's own time, and its answer must be kept all the same.
_KEEP_SECONDS: Final = 4
# With a token to renew on the way.
_WHOLE_CALL_SECONDS: Final = 30
_ASKED: Final = {
    Outcome.CREDITED: Asked.CREDITED,
    Outcome.CONFIRMED: Asked.CONFIRMED,
    Outcome.FAILED: Asked.FAILED,
    Outcome.REVIEW: Asked.REVIEW,
    Outcome.UNCHANGED: Asked.UNCHANGED,
}


@dataclass(frozen=True)
class AskNow:
    """Asks once, within the budget of all processes. What it cannot ask now the worker asks."""

    database: Engine
    mpesa: Mpesa
    budget: QueryBudget
    public_url: str

    def __call__(self, subject: Subject) -> Asked:
        """Ask what became of a payment, outside of any transaction, and keep what is answered."""
        asked = self._ask(subject)
        if asked is Asked.LATER:
            with time_limit(_KEEP_SECONDS):
                in_transaction(self.database, lambda c: ask_later(c, subject=subject))
        return asked

    def _ask(self, subject: Subject) -> Asked:
        if subject.kind is SubjectKind.DEPOSIT:
            return self._ask_about_push(subject.id)
        with time_limit(_WHOLE_CALL_SECONDS):
            desk = StatusDesk(self.database, self.mpesa, self.budget, self.public_url)
            return desk.ask_at_once(subject)

    def _ask_about_push(self, deposit_id: int) -> Asked:
        checkout_id = in_transaction(
            self.database, lambda c: begin_look(c, deposit_id=deposit_id, look=None)
        )
        if checkout_id is None:
            return Asked.NOTHING_TO_ASK
        if self.budget.take():
            return Asked.LATER
        answer = ask_once(self.mpesa, checkout_request_id=checkout_id)
        if isinstance(answer, NoAnswer):
            return Asked.LATER
        with time_limit(_KEEP_SECONDS):
            outcome = in_transaction(
                self.database,
                lambda c: record_answer(
                    c, deposit_id=deposit_id, asked_about=checkout_id, answer=answer
                ),
            )
        return _ASKED[outcome]


def open_ask_now(database: Engine, settings: Settings, redis_client: Redis) -> AskNow:
    """The questions of this process; connects on first use."""
    return AskNow(
        database,
        open_mpesa(settings=settings, redis_client=redis_client, timeout_seconds=PATIENCE_SECONDS),
        QueryBudget(settings=settings, redis_client=redis_client),
        settings.public_url,
    )
