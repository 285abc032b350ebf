"""Daraja's callbacks: each is posted once, recorded, and can be posted again by a script."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from simulator.clock import daraja_timestamp, now_in_nairobi
from simulator.config import Config
from simulator.daraja.transactions import Result, Transaction
from simulator.deliveries import Deliveries
from simulator.faults import Fault, Faults
from simulator.outside import post_body
from simulator.settings import Settings

RECEIVER_TIMEOUT_SECONDS = 30.0
MOST_REPEATS = 100
DUPLICATES = 3


@dataclass(eq=False, kw_only=True, slots=True)
class Callback:
    """One callback; `status` stays None while it is under way, or lost."""

    number: int
    url: str
    body: str
    at: datetime
    status: int | None = None
    dropped: bool = False
    repeats: list[int | None] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the callback as scripts read it."""
        return {
            "n": self.number,
            "url": self.url,
            "body": json.loads(self.body),
            "at": self.at.isoformat(timespec="milliseconds"),
            "status": self.status,
            "dropped": self.dropped,
            "repeats": self.repeats,
        }


class Callbacks:
    """Posts results to the merchant and remembers what it posted."""

    def __init__(
        self, *, config: Config, settings: Settings, faults: Faults, deliveries: Deliveries
    ) -> None:
        self._config = config
        self._settings = settings
        self._faults = faults
        self._deliveries = deliveries
        self._lock = threading.Lock()
        self._sent: list[Callback] = []

    def schedule(self, transaction: Transaction, result: Result) -> None:
        """Let the merchant hear of a result after the usual delay, or as the fault has it."""
        fault = self._faults.take("callback")
        delay = self._settings.callback_delay_seconds
        if fault is not None and fault.name == "delay":
            delay = fault.seconds
        body = json.dumps(_body(transaction, result))
        url = transaction.order.callback_url
        self._deliveries.deliver(lambda: self._send(url, body, fault), after_seconds=delay)

    def repeat(self, number: int, *, times: int) -> list[int | None] | None:
        """Post a recorded callback again, one after the other; None where there is no such."""
        callback = self._find(number)
        if callback is None:
            return None
        return self._note(callback, [self._post(callback) for _ in range(times)])

    def repeat_at_once(self, number: int, *, times: int) -> list[int | None] | None:
        """Post a recorded callback again, all copies at the same moment."""
        callback = self._find(number)
        if callback is None:
            return None
        return self._note(callback, self._post_at_once(callback, times=times))

    def everything(self) -> list[Callback]:
        """Return all callbacks, oldest first."""
        with self._lock:
            return list(self._sent)

    def clear(self) -> None:
        """Forget all callbacks."""
        with self._lock:
            self._sent.clear()

    def _send(self, url: str, body: str, fault: Fault | None) -> None:
        with self._lock:
            callback = Callback(number=len(self._sent) + 1, url=url, body=body, at=now_in_nairobi())
            self._sent.append(callback)
        match fault.name if fault else None:
            case "drop":
                callback.dropped = True
            case "duplicate":
                callback.status, *copies = self._post_at_once(callback, times=DUPLICATES)
                self._note(callback, copies)
            case _:
                callback.status = self._post(callback)

    def _post(self, callback: Callback) -> int | None:
        headers = {
            "Content-Type": "application/json;charset=UTF-8",
            "Businessshortcode": self._config.mpesa_shortcode,
        }
        reply = post_body(
            callback.url, callback.body, timeout_seconds=RECEIVER_TIMEOUT_SECONDS, headers=headers
        )
        return reply.status

    def _post_at_once(self, callback: Callback, *, times: int) -> list[int | None]:
        start_together = threading.Barrier(times)

        def post(_: int) -> int | None:
            start_together.wait()
            return self._post(callback)

        with ThreadPoolExecutor(max_workers=times) as pool:
            return list(pool.map(post, range(times)))

    def _note(self, callback: Callback, statuses: list[int | None]) -> list[int | None]:
        with self._lock:
            callback.repeats += statuses
        return statuses

    def _find(self, number: int) -> Callback | None:
        with self._lock:
            return self._sent[number - 1] if 1 <= number <= len(self._sent) else None


def _body(transaction: Transaction, result: Result) -> dict[str, object]:
    inner: dict[str, object] = {
        "MerchantRequestID": transaction.merchant_request_id,
        "CheckoutRequestID": transaction.checkout_request_id,
        "ResultCode": result.code,
        "ResultDesc": result.callback_words,
    }
    if transaction.receipt is not None and transaction.paid_at is not None:
        items = {
            "Amount": float(transaction.order.amount),
            "MpesaReceiptNumber": transaction.receipt,
            "TransactionDate": int(daraja_timestamp(transaction.paid_at)),
            "PhoneNumber": int(transaction.order.phone.removeprefix("+")),
        }
        pairs = [{"Name": name, "Value": value} for name, value in items.items()]
        inner["CallbackMetadata"] = {"Item": pairs}
    return {"Body": {"stkCallback": inner}}
