"""What the worker does about withdrawals: pay them out, read results, mind the waiting."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Done, Handler, Later, Verdict
from core.outbox.records import Job
from core.players.rules import AccountLocked
from core.switches.rules import Stopped
from core.withdrawals.judge_result import judge_result
from core.withdrawals.judge_status import tell_if_waiting
from core.withdrawals.rules import WithdrawalsPaused
from core.withdrawals.send_payout import (
    Payout,
    begin_payout,
    payout_accepted,
    payout_postponed,
    payout_refused,
    payout_unknown,
)
from payments.mpesa.client import Mpesa
from payments.mpesa.payout_results import is_our_fault, read_result
from payments.mpesa.wire import PaymentRefused, PaymentUnknown

log = structlog.get_logger()

# While withdrawals are stopped, or M-Pesa has no time, the order keeps its place in the queue.
STOPPED_PAUSE: Final = timedelta(minutes=1)
RETRY_SECONDS: Final = (5, 15, 30, 60, 120, 300)


def jobs(*, database: Engine, mpesa: Mpesa, public_url: str) -> dict[str, Handler]:
    """The handlers of this desk, by the kind of job."""
    desk = _Desk(database, mpesa, public_url)
    return {
        "b2c_send": desk.send,
        "b2c_callback": desk.read,
        "withdrawal_waits": desk.tell_waiting,
    }


@dataclass(frozen=True)
class _Desk:
    database: Engine
    mpesa: Mpesa
    public_url: str

    def send(self, job: Job) -> Verdict:
        """Order the payment, once: a second run finds the claim of the first and calls nobody."""
        withdrawal_id = int(job.payload["withdrawal_id"])
        try:
            payout = in_transaction(
                self.database, lambda c: begin_payout(c, withdrawal_id=withdrawal_id)
            )
        except (Stopped, AccountLocked, WithdrawalsPaused) as reason:
            return Later(STOPPED_PAUSE, type(reason).__name__)
        if payout is None:
            return Done()
        try:
            conversation_id = self.mpesa.pay_out(
                phone=payout.phone,
                amount=payout.amount,
                originator_id=payout.originator_id,
                reference=payout.reference,
                callback_url=f"{self.public_url}/payments/b2c/{payout.token}",
            )
        except PaymentRefused as error:
            return self._refused(job, payout, error)
        except PaymentUnknown as error:
            self._unknown(payout, error)
        else:
            self._accepted(payout, conversation_id)
        return Done()

    def read(self, job: Job) -> Verdict:
        """Judge a stored result or time-out; a second run finds it judged."""
        callback_id = int(job.payload["callback_id"])
        verdict = in_transaction(
            self.database, lambda c: judge_result(c, callback_id=callback_id, read=read_result)
        )
        log.info("payout_result_judged", callback=callback_id, verdict=verdict)
        return Done()

    def tell_waiting(self, job: Job) -> Verdict:
        """Have the player told that we wait for M-Pesa, if we still do."""
        withdrawal_id = int(job.payload["withdrawal_id"])
        in_transaction(self.database, lambda c: tell_if_waiting(c, withdrawal_id=withdrawal_id))
        return Done()

    def _accepted(self, payout: Payout, conversation_id: str | None) -> None:
        in_transaction(
            self.database,
            lambda c: payout_accepted(
                c, withdrawal_id=payout.withdrawal_id, conversation_id=conversation_id
            ),
        )

    def _unknown(self, payout: Payout, error: PaymentUnknown) -> None:
        log.error("payout_unknown", withdrawal=payout.withdrawal_id, result_code=error.code)
        code = error.code
        in_transaction(
            self.database,
            lambda c: payout_unknown(c, withdrawal_id=payout.withdrawal_id, code=code),
        )

    def _refused(self, job: Job, payout: Payout, error: PaymentRefused) -> Verdict:
        log.warning("payout_refused", withdrawal=payout.withdrawal_id, result_code=error.code)
        code, reason, ours = error.code, error.reason, is_our_fault(error.message)
        if error.later:
            in_transaction(
                self.database,
                lambda c: payout_postponed(c, withdrawal_id=payout.withdrawal_id, code=code),
            )
            seconds = RETRY_SECONDS[min(job.attempts, len(RETRY_SECONDS)) - 1]
            # Jitter, so that those who wait do not all come back at once.
            return Later(timedelta(seconds=seconds * random.uniform(0.8, 1.2)), code)  # noqa: S311
        in_transaction(
            self.database,
            lambda c: payout_refused(
                c, withdrawal_id=payout.withdrawal_id, code=code, reason=reason, ours=ours
            ),
        )
        return Done()
