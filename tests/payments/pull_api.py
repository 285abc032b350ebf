"""Pull Transactions at the wire: what it keeps, and the faults that a test lays out."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
import responses

from core.money import Money
from tests.payments.daraja import Answer, Daraja
from tests.settings import NOWHERE

REGISTER = f"{NOWHERE}/pulltransactions/v1/register"
QUERY = f"{NOWHERE}/pulltransactions/v1/query"
NONE = {"ResponseRefID": "1", "ResponseCode": "1001", "Response": [[]]}


def kept(receipt: str, amount: Money, at: datetime, **also: object) -> dict[str, object]:
    """One payment, as the official sample has it."""
    return {
        "transactionId": receipt,
        "trxDate": at.isoformat(timespec="seconds"),
        "msisdn": 712345678,
        "sender": "JOHN DOE",
        "transactiontype": "c2b-pay-bill-debit",
        "billreference": "0712345678",
        "amount": f"{amount.shillings}.00",
        "organizationname": "KIBEEZY",
        **also,
    }


@dataclass
class PullApi:
    """Answers with what is laid out first, then with pages of what it keeps."""

    daraja: Daraja
    rows: list[dict[str, object]] = field(default_factory=list)
    page_rows: int = 100
    first: deque[Answer] = field(default_factory=deque)
    registered: list[dict[str, Any]] = field(default_factory=list)
    queried: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.daraja.wire.add_callback(responses.POST, REGISTER, self._register)
        self.daraja.wire.add_callback(responses.POST, QUERY, self._query)

    def _register(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.registered.append(json.loads(request.body or "null"))
        if self.first:
            return self._laid_out()
        status = "1000" if len(self.registered) == 1 else "1001"
        return 200, {}, json.dumps({"ResponseRefID": "1", "ResponseStatus": status})

    def _query(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.queried.append(json.loads(request.body or "null"))
        if self.first:
            return self._laid_out()
        offset = int(self.queried[-1]["OffSetValue"])
        page = self.rows[offset : offset + self.page_rows]
        found = {"ResponseRefID": "1", "ResponseCode": "1000", "Response": [page]}
        return 200, {}, json.dumps(found if page else NONE)

    def _laid_out(self) -> tuple[int, dict[str, str], str]:
        answer = self.first.popleft()
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        return status, {}, body if isinstance(body, str) else json.dumps(body)
