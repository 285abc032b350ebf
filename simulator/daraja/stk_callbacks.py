"""The callback of a push: its body, and what may go wrong on its way."""

import json
from functools import partial

from simulator.clock import daraja_timestamp
from simulator.daraja.callbacks import Callbacks, Way
from simulator.daraja.transactions import Result, Transaction
from simulator.deliveries import Deliveries
from simulator.faults import Faults
from simulator.settings import Settings


class StkCallbacks:
    """Lets the merchant hear what became of a push, as the fault in force has it."""

    def __init__(
        self, *, settings: Settings, faults: Faults, deliveries: Deliveries, callbacks: Callbacks
    ) -> None:
        self._settings = settings
        self._faults = faults
        self._deliveries = deliveries
        self._callbacks = callbacks

    def schedule(self, transaction: Transaction, result: Result) -> None:
        """Let the merchant hear of a result after the usual delay, or as the fault has it."""
        fault = self._faults.take("callback")
        delay = self._settings.callback_delay_seconds
        way: Way = "once"
        match fault.name if fault else None:
            case "delay":
                delay = fault.seconds if fault else delay
            case "drop":
                way = "drop"
            case "duplicate":
                way = "duplicate"
            case _:
                pass
        body = json.dumps(_body(transaction, result))
        url = transaction.order.callback_url
        self._deliveries.deliver(
            partial(self._callbacks.post, url, body, way=way), after_seconds=delay
        )


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
