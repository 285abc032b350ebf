"""A telephone for tests: dials through the real route and reads the screen as a caller does."""

from __future__ import annotations

import re
import secrets
from typing import Protocol

from flask.testing import FlaskClient

ROUTE = "/ussd/dev-at-secret"


class Gateway(Protocol):
    """Carries one hop to the service and brings back status and body."""

    def hop(self, form: dict[str, str]) -> tuple[int, str]: ...


class ViaTestClient:
    """Straight into the application in this process."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def hop(self, form: dict[str, str]) -> tuple[int, str]:
        response = self._client.post(ROUTE, data=form)
        return response.status_code, response.text


class Phone:
    """Keeps the text of the session as the network does: every input, joined by stars."""

    def __init__(self, gateway: Gateway, number: str = "+254700000001") -> None:
        self.number = number
        self._gateway = gateway
        self._answer = ""
        self.form: dict[str, str] = {}

    def dial(self, code: str = "*384*2030#") -> Phone:
        self.form = {
            "sessionId": f"ATUid_{secrets.token_hex(16)}",
            "serviceCode": code,
            "phoneNumber": self.number,
            "networkCode": "63902",
            "text": "",
        }
        return self._hop()

    def type(self, keys: str) -> Phone:
        assert not self.hung_up, f"the session is over:\n{self.screen}"
        text = self.form["text"]
        self.form["text"] = f"{text}*{keys}" if text else keys
        return self._hop()

    def choose(self, label: str) -> Phone:
        """Press the number printed beside an option, turning pages with 99 to find it."""
        for _page in range(10):
            option = re.search(rf"^(\d+)\. .*{re.escape(label)}", self.screen, re.MULTILINE)
            if option:
                return self.type(option[1])
            if not re.search(r"^99\. ", self.screen, re.MULTILINE):
                break
            self.type("99")
        raise AssertionError(f"No option {label!r} on this screen:\n{self.screen}")

    def repeats(self) -> Phone:
        """The network sends the last hop again."""
        return self._hop()

    @property
    def screen(self) -> str:
        return self._answer[4:]

    @property
    def hung_up(self) -> bool:
        return self._answer.startswith("END ")

    def shows(self, text: str) -> Phone:
        assert text in self.screen, f"Expected {text!r} on this screen:\n{self.screen}"
        return self

    def lacks(self, text: str) -> Phone:
        assert text not in self.screen, f"Did not expect {text!r} on this screen:\n{self.screen}"
        return self

    def has_hung_up(self) -> Phone:
        assert self.hung_up, f"The session is still open:\n{self.screen}"
        return self

    def _hop(self) -> Phone:
        status, answer = self._gateway.hop(self.form)
        assert status == 200, f"{status}: {answer}"
        assert answer[:4] in {"CON ", "END "}, answer
        self._answer = answer
        return self
