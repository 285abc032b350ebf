"""A merchant who speaks Daraja's protocol, written from the provider's page."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import requests

TIMEOUT_SECONDS = 10.0


@dataclass
class Merchant:
    """Asks for tokens, pushes and queries."""

    url: str
    callback_url: str
    token: str = ""
    ahead: timedelta = timedelta()
    patience_seconds: float = TIMEOUT_SECONDS

    def ask_token(
        self, key: str = "demo-consumer-key", secret: str = "demo-consumer-secret"
    ) -> requests.Response:
        return requests.get(
            f"{self.url}/oauth/v1/generate",
            params={"grant_type": "client_credentials"},
            auth=(key, secret),
            timeout=TIMEOUT_SECONDS,
        )

    def sign_in(self) -> None:
        self.token = self.ask_token().json()["access_token"]

    def push(self, **changes: object) -> requests.Response:
        """Push 1,000 shillings; a change of None leaves the field out."""
        order = self._signed() | {
            "TransactionType": "CustomerPayBillOnline",
            "Amount": "1000",
            "PartyA": "254700000001",
            "PartyB": "174379",
            "PhoneNumber": "254700000001",
            "CallBackURL": self.callback_url,
            "AccountReference": "KB7F2M",
            "TransactionDesc": "Deposit",
        }
        return self._call("/mpesa/stkpush/v1/processrequest", order | changes)

    def pushed(self, **changes: object) -> str:
        """Sign in, push, and return the CheckoutRequestID."""
        self.sign_in()
        answer = self.push(**changes)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["CheckoutRequestID"])

    def query(self, checkout_request_id: str) -> requests.Response:
        order = self._signed() | {"CheckoutRequestID": checkout_request_id}
        return self._call("/mpesa/stkpushquery/v1/query", order)

    def _signed(self) -> dict[str, object]:
        now = datetime.now(timezone(timedelta(hours=3))) + self.ahead
        timestamp = now.strftime("%Y%m%d%H%M%S")
        secret = f"174379demo-passkey{timestamp}".encode()
        return {
            "BusinessShortCode": "174379",
            "Password": base64.b64encode(secret).decode(),
            "Timestamp": timestamp,
        }

    def _call(self, path: str, order: dict[str, object]) -> requests.Response:
        return requests.post(
            self.url + path,
            json={name: value for name, value in order.items() if value is not None},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=self.patience_seconds,
        )
