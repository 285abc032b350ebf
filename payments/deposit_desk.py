"""What the worker does about deposits: push, read callbacks, ask what became of a push."""

from dataclasses import dataclass

import structlog
from sqlalchemy import Engine

from core.database import in_transaction
from core.deposits.answers import Answer, Heard, NoAnswer
from core.deposits.begin_push import Push, begin_push
from core.deposits.judge_callback import judge_callback
from core.deposits.record_answer import Outcome, begin_look, give_up, record_answer
from core.deposits.record_push import (
    push_accepted,
    push_rejected,
    push_unknown,
    tell_unknown,
)
from core.outbox.deliver import Done, Handler, Verdict
from core.outbox.records import Job
from payments.mpesa.budget import QueryBudget
from payments.mpesa.callbacks import read_callback
from payments.mpesa.client import Accepted, Mpesa
from payments.mpesa.results import instead_of
from payments.mpesa.wire import PaymentRefused, PaymentUnknown

log = structlog.get_logger()


def jobs(
    *, database: Engine, mpesa: Mpesa, budget: QueryBudget, public_url: str
) -> dict[str, Handler]:
    """The handlers of this edge, by the kind of job."""
    desk = _Desk(database, mpesa, budget, public_url)
    return {
        "stk_push": desk.push,
        "stk_callback": desk.read,
        "stk_query": desk.ask,
        "deposit_unknown": desk.tell_unknown,
    }


def ask_once(mpesa: Mpesa, *, checkout_request_id: str) -> Answer:
    """What became of a push; whatever goes wrong with the question is no answer."""
    try:
        return mpesa.query_payment(checkout_request_id=checkout_request_id)
    except (PaymentRefused, PaymentUnknown) as error:
        return NoAnswer(error.code)


@dataclass(frozen=True)
class _Desk:
    database: Engine
    mpesa: Mpesa
    budget: QueryBudget
    public_url: str

    def push(self, job: Job) -> Verdict:
        """Show the prompt, once: a second run finds the claim of the first and calls nobody."""
        deposit_id = int(job.payload["deposit_id"])
        push = in_transaction(self.database, lambda c: begin_push(c, deposit_id=deposit_id))
        if push is None:
            return Done()
        try:
            accepted = self.mpesa.request_payment(
                phone=push.phone,
                amount=push.amount,
                reference=push.reference,
                callback_url=f"{self.public_url}/payments/stk/{push.token}",
            )
        except PaymentRefused as error:
            self._rejected(push, error)
        except PaymentUnknown as error:
            self._unknown(push, error)
        else:
            self._accepted(push, accepted)
        return Done()

    def read(self, job: Job) -> Verdict:
        """Judge a stored callback; a second run finds it judged."""
        callback_id = int(job.payload["callback_id"])
        verdict = in_transaction(
            self.database, lambda c: judge_callback(c, callback_id=callback_id, read=self._read)
        )
        log.info("callback_judged", callback=callback_id, verdict=verdict)
        return Done()

    def ask(self, job: Job) -> Verdict:
        """Query one deposit, if it is still worth a place in the budget."""
        deposit_id, look = int(job.payload["deposit_id"]), job.payload.get("look")
        checkout_id = in_transaction(
            self.database, lambda c: begin_look(c, deposit_id=deposit_id, look=look)
        )
        if checkout_id is None:
            return Done()
        if later := self.budget.postponed():
            return later
        answer = ask_once(self.mpesa, checkout_request_id=checkout_id)
        outcome = in_transaction(
            self.database,
            lambda c: record_answer(
                c, deposit_id=deposit_id, asked_about=checkout_id, answer=answer
            ),
        )
        log.info("deposit_queried", deposit=deposit_id, answer=str(answer), outcome=outcome)
        if outcome in {Outcome.UNCHANGED, Outcome.REVIEW}:
            in_transaction(self.database, lambda c: give_up(c, deposit_id=deposit_id))
        return Done()

    def tell_unknown(self, job: Job) -> Verdict:
        """Have the player told that M-Pesa's answer was lost, if it still is."""
        deposit_id = int(job.payload["deposit_id"])
        in_transaction(self.database, lambda c: tell_unknown(c, deposit_id=deposit_id))
        return Done()

    def _read(self, body: str) -> Heard | None:
        return read_callback(body, paybill=self.mpesa.paybill)

    def _accepted(self, push: Push, accepted: Accepted) -> None:
        in_transaction(
            self.database,
            lambda c: push_accepted(
                c,
                deposit_id=push.deposit_id,
                merchant_request_id=accepted.merchant_request_id,
                checkout_request_id=accepted.checkout_request_id,
            ),
        )

    def _rejected(self, push: Push, error: PaymentRefused) -> None:
        log.warning("push_rejected", deposit=push.deposit_id, result_code=error.code)
        code, reason = error.code, error.reason
        paybill = instead_of(reason, paybill=self.mpesa.paybill)
        in_transaction(
            self.database,
            lambda c: push_rejected(
                c, deposit_id=push.deposit_id, code=code, reason=reason, paybill=paybill
            ),
        )

    def _unknown(self, push: Push, error: PaymentUnknown) -> None:
        log.error("push_unknown", deposit=push.deposit_id, result_code=error.code)
        code = error.code
        in_transaction(
            self.database, lambda c: push_unknown(c, deposit_id=push.deposit_id, code=code)
        )
