"""A merchant who also pays out, gives back and asks, written from the provider's pages."""

import json
from dataclasses import dataclass
from typing import Any

import requests

from tests.simulator.merchant import Merchant
from tests.simulator.service import FakeService

OPERATOR = {"Initiator": "testapi", "SecurityCredential": "demo-credential"}

ORDER: dict[str, object] = {
    "OriginatorConversationID": "KB-0001",
    "InitiatorName": "testapi",
    "SecurityCredential": "demo-credential",
    "CommandID": "BusinessPayment",
    "Amount": "500",
    "PartyA": "600992",
    "PartyB": "254700000001",
    "Remarks": "Withdrawal",
    "Occassion": "KB7F2M",
    "ResultURL": "http://127.0.0.1:9/result",
    "QueueTimeOutURL": "http://127.0.0.1:9/timeout",
}


@dataclass
class Treasurer(Merchant):
    """Speaks the half of Daraja that answers later."""

    result_url: str = ""
    timeout_url: str = ""

    def pay_within(self, *, seconds: float) -> requests.Response:
        """Pay 500 shillings, and give up waiting for the answer."""
        self.patience_seconds = seconds
        return self.pay()

    def pay(self, **changes: object) -> requests.Response:
        """Pay 500 shillings to a phone; a change of None leaves the field out."""
        return self._pay("v3", changes)

    def pay_the_old_way(self) -> requests.Response:
        """Pay 500 shillings by version 1, which has no id of the caller's."""
        return self._pay("v1", {"OriginatorConversationID": None})

    def ask_status(self, **changes: object) -> requests.Response:
        order = {
            **OPERATOR,
            "CommandID": "TransactionStatusQuery",
            "PartyA": "600992",
            "IdentifierType": "4",
            "Remarks": "OK",
            "Occasion": "OK",
            **self._addresses(),
        }
        return self._call("/mpesa/transactionstatus/v1/query", order | changes)

    def give_back(self, receipt: str, **changes: object) -> requests.Response:
        order = {
            **OPERATOR,
            "CommandID": "TransactionReversal",
            "TransactionID": receipt,
            "Amount": "500",
            "ReceiverParty": "174379",
            "RecieverIdentifierType": "11",
            "Remarks": "Paid twice",
            **self._addresses(),
        }
        return self._call("/mpesa/reversal/v1/request", order | changes)

    def ask_balance(self, **changes: object) -> requests.Response:
        order = {
            **OPERATOR,
            "CommandID": "AccountBalance",
            "PartyA": "600992",
            "IdentifierType": "4",
            "Remarks": "OK",
            **self._addresses(),
        }
        return self._call("/mpesa/accountbalance/v1/query", order | changes)

    def register_urls(self, **changes: object) -> requests.Response:
        return self._call("/mpesa/c2b/v2/registerurl", self._urls() | changes)

    def register_the_old_way(self) -> requests.Response:
        return self._call("/mpesa/c2b/v1/registerurl", self._urls())

    def pull(self, since: str, until: str, *, offset: int = 0) -> requests.Response:
        order: dict[str, object] = {
            "ShortCode": "174379",
            "StartDate": since,
            "EndDate": until,
            "OffSetValue": str(offset),
        }
        return self._call("/pulltransactions/v1/query", order)

    def call(self, path: str, **order: object) -> requests.Response:
        return self._call(path, order)

    def _pay(self, version: str, changes: dict[str, object]) -> requests.Response:
        order = ORDER | self._addresses()
        return self._call(f"/mpesa/b2c/{version}/paymentrequest", order | changes)

    def _urls(self) -> dict[str, object]:
        return {
            "ShortCode": "174379",
            "ResponseType": "Completed",
            "ConfirmationURL": f"{self.callback_url}/registered/confirmation",
            "ValidationURL": f"{self.callback_url}/registered/validation",
        }

    def _addresses(self) -> dict[str, object]:
        return {"ResultURL": self.result_url, "QueueTimeOutURL": self.timeout_url}


def all_heard(service: FakeService) -> list[tuple[str, Any]]:
    """Return what came since the last look, in order: the path's last word, and the JSON."""
    came = []
    while not service.callbacks.empty():
        heard = service.callbacks.get_nowait()
        came.append((heard.path.rsplit("/", 1)[1], json.loads(heard.body)))
    return came


def one_result(service: FakeService) -> Any:  # noqa: ANN401 - JSON
    """Return the one result that comes."""
    heard = service.callbacks.get(timeout=20)
    assert heard.path.endswith("/result")
    assert service.callbacks.empty()
    return json.loads(heard.body)["Result"]


def parameters(result: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a result's parameters by key; a key without a value is None."""
    return {
        pair["Key"]: pair.get("Value") for pair in result["ResultParameters"]["ResultParameter"]
    }
