"""The providers' desks, answering what a test tells them to."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import responses
from requests import PreparedRequest

URL = "https://at.test/version1/messaging"
INFOBIP_URL = "https://infobip.test/sms/3/messages"
Said = tuple[int, dict[str, str], str]


class Provider:
    """Remembers the orders, and answers each from a list; after that it accepts."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.orders: list[dict[str, str]] = []
        self.answers: list[Said | Exception] = []
        self.before_answer: Callable[[], object] = lambda: None
        self._ids = count(1)
        wire.add_callback("POST", URL, callback=self._answer)

    def refuses(self, code: int, word: str, *, times: int = 1) -> None:
        line = {"statusCode": code, "status": word, "messageId": "None", "cost": "0"}
        self.answers += [_said(line)] * times

    def says(self, status: int, body: str, *, times: int = 1) -> None:
        self.answers += [(status, {"Content-Type": "text/plain"}, body)] * times

    def breaks(self, failure: Exception, *, times: int = 1) -> None:
        self.answers += [failure] * times

    def texts(self) -> list[str]:
        return [order["message"] for order in self.orders]

    def _answer(self, request: PreparedRequest) -> Said:
        form = parse_qs(str(request.body))
        self.orders.append({name: values[0] for name, values in form.items()})
        self.before_answer()
        if not self.answers:
            return _said(
                {
                    "statusCode": 101,
                    "status": "Success",
                    "messageId": f"ATXid_{next(self._ids)}",
                    "cost": "KES 0.8000",
                }
            )
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _said(line: dict[str, object]) -> Said:
    told = {"Message": "Sent to 1/1 Message parts: 1", "Recipients": [line]}
    return 201, {"Content-Type": "application/json"}, json.dumps({"SMSMessageData": told})


class Infobip:
    """The second provider's desk: the same, in its own words."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.orders: list[dict[str, Any]] = []
        self.answers: list[Said | Exception] = []
        self.before_answer: Callable[[str], object] = lambda _message_id: None
        wire.add_callback("POST", INFOBIP_URL, callback=self._answer)

    def says(self, status: int, body: str = "{}", *, times: int = 1) -> None:
        self.answers += [(status, {"Content-Type": "application/json"}, body)] * times

    def rejects(self, status_id: int, name: str, *, times: int = 1) -> None:
        status = {"groupId": 5, "groupName": "REJECTED", "id": status_id, "name": name}
        self.says(200, json.dumps({"messages": [{"status": status}]}), times=times)

    def breaks(self, failure: Exception, *, times: int = 1) -> None:
        self.answers += [failure] * times

    def texts(self) -> list[str]:
        return [order["content"]["text"] for order in self.orders]

    def _answer(self, request: PreparedRequest) -> Said:
        [order] = json.loads(request.body or "")["messages"]
        self.orders.append(order)
        message_id = order["destinations"][0]["messageId"]
        self.before_answer(message_id)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        status = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}
        line = {"messageId": message_id, "status": status, "details": {"messageCount": 1}}
        body = json.dumps({"bulkId": "b", "messages": [line]})
        return 200, {"Content-Type": "application/json;charset=UTF-8"}, body
