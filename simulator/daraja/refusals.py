"""Daraja's error envelope and the refusals that use it."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, current_app


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: the HTTP status, Daraja's code and Daraja's words."""

    status: int
    code: str
    message: str

    def answer(self) -> Response:
        """Return the refusal as Daraja words it."""
        return json_answer(envelope(code=self.code, message=self.message), status=self.status)


class Refused(Exception):
    """Daraja refuses the present request."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def invalid(field: str) -> Refused:
    """Return the refusal of one field, to be raised."""
    return Refused(Refusal(400, "400.002.02", f"Bad Request - Invalid {field}"))


def envelope(*, code: str, message: str) -> dict[str, str]:
    """Return Daraja's error envelope with a requestId of its own."""
    request_id = current_app.extensions["simulator"].identifiers.request_id()
    return {"requestId": request_id, "errorCode": code, "errorMessage": message}


def throttled() -> Response:
    """Return what the throttle in front of Daraja answers."""
    return json_answer(SPIKE_ARREST, status=HTTPStatus.TOO_MANY_REQUESTS)


def gateway_page() -> Response:
    """Return a gateway's page with status 200, as it comes in place of JSON."""
    return Response(GATEWAY_PAGE, HTTPStatus.OK, content_type="text/html")


def json_answer(body: object, *, status: int = HTTPStatus.OK) -> Response:
    """Return a JSON answer with Daraja's content type."""
    return Response(json.dumps(body), status, content_type="application/json;charset=UTF-8")


# Observed: the throttle in front of Daraja has an envelope of its own.
SPIKE_ARREST = {
    "fault": {
        "faultstring": (
            "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5,"
            " periodInMicroseconds=60000000, maxBurstMessageCount=1.0}"
        ),
        "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"},
    }
}
GATEWAY_PAGE = "<html><head><title>Gateway</title></head><body>Please try again</body></html>"

INVALID_AUTHENTICATION_TYPE = Refusal(400, "400.008.01", "Invalid Authentication passed")
INVALID_GRANT_TYPE = Refusal(400, "400.008.02", "Invalid grant type passed")
INVALID_PAYLOAD = Refusal(400, "400.002.05", "Invalid Request Payload")
RESOURCE_NOT_FOUND = Refusal(404, "404.001.01", "Resource not found")
INVALID_ACCESS_TOKEN = Refusal(404, "404.001.03", "Invalid Access Token")
INVALID_ACCESS_TOKEN_400 = Refusal(400, "400.003.01", "Invalid Access Token")
INVALID_ACCESS_TOKEN_401 = Refusal(401, "401.002.01", "Error Occurred - Invalid Access Token")
INVALID_AUTHENTICATION_HEADER = Refusal(404, "404.001.04", "Invalid Authentication Header")
METHOD_NOT_ALLOWED = Refusal(405, "405.001", "Method Not Allowed")
WRONG_CREDENTIALS = Refusal(500, "500.001.1001", "[MerchantValidate] - Wrong credentials")
SUBSCRIBER_LOCKED = Refusal(
    500,
    "500.001.1001",
    "Unable to lock subscriber, a transaction is already in process for the current subscriber",
)
BEING_PROCESSED = Refusal(500, "500.001.1001", "The transaction is being processed")
TRANSACTION_DOES_NOT_EXIST = Refusal(500, "500.001.1001", "The transaction does not Exist")
SYSTEM_BUSY = Refusal(500, "500.003.02", "System is busy. Please try again in few minutes.")
QUOTA_VIOLATION = Refusal(500, "500.003.03", "Quota Violation")
INTERNAL_ERROR = Refusal(500, "500.003.1001", "Internal Server Error")
