"""Daraja at the wire: what it was sent, and the answers a test lays out."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
import responses

from tests.payments.till import CHECKOUT, MERCHANT
from tests.settings import NOWHERE

PUSH = f"{NOWHERE}/mpesa/stkpush/v1/processrequest"
QUERY = f"{NOWHERE}/mpesa/stkpushquery/v1/query"
PAY_OUT = f"{NOWHERE}/mpesa/b2c/v3/paymentrequest"
STATUS = f"{NOWHERE}/mpesa/transactionstatus/v1/query"
OAUTH = f"{NOWHERE}/oauth/v1/generate"

Answer = tuple[int, object] | Exception


def accepted(checkout: str = CHECKOUT, merchant: str = MERCHANT) -> Answer:
    return 200, {
        "MerchantRequestID": merchant,
        "CheckoutRequestID": checkout,
        "ResponseCode": "0",
        "ResponseDescription": "Success. Request accepted for processing",
    }


def result(code: object, checkout: str = CHECKOUT) -> Answer:
    return 200, {
        "ResponseCode": "0",
        "ResponseDescription": "The service request has been accepted successsfully",
        "MerchantRequestID": MERCHANT,
        "CheckoutRequestID": checkout,
        "ResultCode": code,
        "ResultDesc": "What Daraja says",
    }


def taken(conversation: str | None, *, originator: str | None = None) -> Answer:
    """An order or a question was taken; what is None is left out."""
    ids = {"ConversationID": conversation, "OriginatorConversationID": originator}
    return 200, {
        **{name: value for name, value in ids.items() if value is not None},
        "ResponseCode": "0",
        "ResponseDescription": "Accept the service request successfully.",
    }


def error(code: str, message: str = "", status: int = 500) -> Answer:
    return status, {"requestId": "1c5b-4ba8", "errorCode": code, "errorMessage": message}


@dataclass
class Daraja:
    """Answers in the order laid out; when only one is left, with that one for good."""

    wire: responses.RequestsMock
    pushed: list[dict[str, Any]] = field(default_factory=list)
    queried: list[dict[str, Any]] = field(default_factory=list)
    paid_out: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0
    before_answer: Callable[[], None] = lambda: None
    push_answers: deque[Answer] = field(default_factory=lambda: deque([accepted()]))
    query_answers: deque[Answer] = field(default_factory=lambda: deque([result("4999")]))
    # Empty: each is taken, under an id of its own.
    pay_out_answers: deque[Answer] = field(default_factory=deque)
    status_answers: deque[Answer] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.wire.add_callback(responses.GET, OAUTH, self._mint)
        self.wire.add_callback(responses.POST, PUSH, self._push)
        self.wire.add_callback(responses.POST, QUERY, self._query)
        self.wire.add_callback(responses.POST, PAY_OUT, self._pay_out)
        self.wire.add_callback(responses.POST, STATUS, self._status)

    def answers_push(self, *answers: Answer) -> None:
        self.push_answers = deque(answers)

    def answers_query(self, *answers: Answer) -> None:
        self.query_answers = deque(answers)

    def answers_pay_out(self, *answers: Answer) -> None:
        self.pay_out_answers = deque(answers)

    def answers_status(self, *answers: Answer) -> None:
        self.status_answers = deque(answers)

    def _mint(self, _request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.tokens += 1
        return 200, {}, json.dumps({"access_token": f"token-{self.tokens}", "expires_in": "3599"})

    def _push(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.pushed.append(_body(request))
        self.before_answer()
        return _next(self.push_answers)

    def _query(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.queried.append(_body(request))
        return _next(self.query_answers)

    def _pay_out(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        order = _body(request)
        self.paid_out.append(order)
        self.before_answer()
        originator = order["OriginatorConversationID"]
        usual = taken(f"AG_{originator}", originator=originator)
        return _next(self.pay_out_answers or deque([usual]))

    def _status(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.asked.append(_body(request))
        self.before_answer()
        return _next(self.status_answers or deque([taken(f"AG_Q{len(self.asked)}")]))


def _body(request: requests.PreparedRequest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(request.body or "null")
    return content


def _next(answers: deque[Answer]) -> tuple[int, dict[str, str], str]:
    answer = answers.popleft() if len(answers) > 1 else answers[0]
    if isinstance(answer, Exception):
        raise answer
    status, body = answer
    return status, {}, body if isinstance(body, str) else json.dumps(body)
