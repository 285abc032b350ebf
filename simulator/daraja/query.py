"""The STK query: POST /mpesa/stkpushquery/v1/query."""

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Response

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.access import Access
from simulator.daraja.push import payload_of_request
from simulator.daraja.push_rules import check_business
from simulator.daraja.refusals import (
    BEING_PROCESSED,
    TRANSACTION_DOES_NOT_EXIST,
    Refused,
    envelope,
    gateway_page,
    invalid,
    json_answer,
    throttled,
)
from simulator.daraja.stk_results import CANCELLED, Result
from simulator.daraja.transactions import Transaction, Transactions
from simulator.faults import Faults
from simulator.settings import Settings

# The sandbox's limit (observed); that of production is unpublished.
QUERIES_IN_A_PERIOD = 5
PERIOD = timedelta(seconds=60)

# Observed in at least six places and documented nowhere: neither paid nor failed yet.
IN_FLIGHT = Result("4999", "", "The transaction is still under processing")


@dataclass(kw_only=True, slots=True)
class QueryDesk:
    """Tells a merchant what became of a push: no receipt, no amount, no phone."""

    config: Config
    settings: Settings
    clock: Clock
    faults: Faults
    access: Access
    transactions: Transactions
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _let_through: deque[datetime] = field(default_factory=deque)

    def blueprint(self) -> Blueprint:
        """Return Daraja's route."""
        routes = Blueprint("query", __name__)
        path = "/mpesa/stkpushquery/v1/query"
        routes.add_url_rule(path, view_func=self.ask, methods=["POST"])
        return routes

    def ask(self) -> Response:
        """Answer one query, after the fault in force, if any."""
        if self.settings.enforce_query_rate and not self._lets_through():
            return throttled()
        try:
            self.access.check(product="stk")
            return self._answer(self._asked_for())
        except Refused as refused:
            return refused.refusal.answer()

    def _asked_for(self) -> Transaction:
        payload = payload_of_request()
        moment = self.clock.now()
        check_business(payload, config=self.config, settings=self.settings, moment=moment)
        checkout_id = payload.get("CheckoutRequestID")
        if not isinstance(checkout_id, str) or not checkout_id:
            raise invalid("CheckoutRequestID")
        transaction = self.transactions.find(checkout_id)
        if transaction is None:
            raise Refused(TRANSACTION_DOES_NOT_EXIST)
        return transaction

    def _answer(self, transaction: Transaction) -> Response:
        fault = self.faults.take("query")
        match fault.name if fault else None:
            case "no_answer":
                # Observed for 4 of 19 known, final transactions: it means no answer.
                raise Refused(TRANSACTION_DOES_NOT_EXIST)
            case "processing":
                raise Refused(BEING_PROCESSED)
            case "too_early":
                raise invalid("CheckoutRequestID")
            case "in_flight":
                return _state(transaction, IN_FLIGHT)
            case "empty_error":
                return json_answer(envelope(code="500.001.1001", message=""))
            case "throttle":
                return throttled()
            case "html":
                return gateway_page()
            case "lie":
                return _state(transaction, CANCELLED)
            case _:
                return _state(transaction, self._true_result(transaction))

    def _true_result(self, transaction: Transaction) -> Result:
        result, concluded_at = transaction.result, transaction.concluded_at
        window = timedelta(seconds=self.settings.query_window_seconds)
        if result is None or concluded_at is None or self.clock.now() < concluded_at + window:
            return IN_FLIGHT
        return result

    def _lets_through(self) -> bool:
        now = self.clock.now()
        with self._lock:
            while self._let_through and not now - PERIOD < self._let_through[0] <= now:
                self._let_through.popleft()
            if len(self._let_through) >= QUERIES_IN_A_PERIOD:
                return False
            self._let_through.append(now)
            return True


def _state(transaction: Transaction, result: Result) -> Response:
    body = {
        "ResponseCode": "0",
        "ResponseDescription": "The service request has been accepted successfully",
        "MerchantRequestID": transaction.merchant_request_id,
        "CheckoutRequestID": transaction.checkout_request_id,
        "ResultCode": str(result.code),
        "ResultDesc": result.query_words,
    }
    return json_answer(body)
