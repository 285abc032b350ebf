"""A telephone for tests: dials through the real route and reads the screen as a caller does."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from flask.testing import FlaskClient

ROUTE = "/ussd/dev-at-secret"
HUBTEL_ROUTE = f"{ROUTE}/hubtel"

# One hop as its provider tells it, field by field.
Form = dict[str, str]


class Gateway(Protocol):
    """Carries one hop to the service and brings back status and body."""

    def hop(self, form: Form) -> tuple[int, str]: ...


class Dialect(Protocol):
    """How a provider tells hops and reads answers."""

    def dials(self, code: str, number: str) -> Form: ...

    def types(self, keys: str, after: Form) -> Form: ...

    def reads(self, answer: str) -> Shown: ...


@dataclass(frozen=True)
class Shown:
    """What the caller sees of an answer."""

    page: str
    hung_up: bool


class AfricasTalking:
    """Keeps the text of the session: every input, joined by stars."""

    def dials(self, code: str, number: str) -> Form:
        return {
            "sessionId": f"ATUid_{secrets.token_hex(16)}",
            "serviceCode": code,
            "phoneNumber": number,
            "networkCode": "63902",
            "text": "",
        }

    def types(self, keys: str, after: Form) -> Form:
        text = after["text"]
        return {**after, "text": f"{text}*{keys}" if text else keys}

    def reads(self, answer: str) -> Shown:
        assert answer[:4] in {"CON ", "END "}, answer
        return Shown(answer[4:], answer.startswith("END "))


class Hubtel:
    """Numbers its hops and sends what was typed last."""

    def dials(self, code: str, number: str) -> Form:
        return {
            "Type": "Initiation",
            "Mobile": number.removeprefix("+"),
            "SessionId": secrets.token_hex(16),
            "ServiceCode": code.strip("*#"),
            "Message": code,
            "Operator": "safaricom",
            "Sequence": "1",
            "ClientState": "",
            "Platform": "USSD",
        }

    def types(self, keys: str, after: Form) -> Form:
        number = str(int(after["Sequence"]) + 1)
        return {**after, "Type": "Response", "Message": keys, "Sequence": number}

    def reads(self, answer: str) -> Shown:
        told = json.loads(answer)
        assert told["Type"] in {"response", "release"}, answer
        assert told["ClientState"] == "", answer
        return Shown(told["Message"], told["Type"] == "release")


class ViaTestClient:
    """Straight into the application in this process, as Africa's Talking."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def hop(self, form: Form) -> tuple[int, str]:
        response = self._client.post(ROUTE, data=form)
        return response.status_code, response.text


class ViaHubtel:
    """The same, as Hubtel."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def hop(self, form: Form) -> tuple[int, str]:
        sent = {**form, "Sequence": int(form["Sequence"])}
        response = self._client.post(HUBTEL_ROUTE, json=sent)
        return response.status_code, response.text


class Phone:
    """Dials, types and reads; knows no provider but the one it is given."""

    def __init__(
        self,
        gateway: Gateway,
        number: str = "+254700000001",
        dialect: Dialect | None = None,
    ) -> None:
        self.number = number
        self.form: Form = {}
        self._gateway = gateway
        self._dialect = dialect or AfricasTalking()
        self._shown = Shown("", hung_up=True)

    def dial(self, code: str = "*384*2030#") -> Phone:
        self.form = self._dialect.dials(code, self.number)
        return self._hop()

    def type(self, keys: str) -> Phone:
        assert not self.hung_up, f"the session is over:\n{self.screen}"
        self.form = self._dialect.types(keys, after=self.form)
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
        return self._shown.page

    @property
    def hung_up(self) -> bool:
        return self._shown.hung_up

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
        self._shown = self._dialect.reads(answer)
        return self


@dataclass(frozen=True)
class Provider:
    """A gateway that every conversation can be held over."""

    carrier: Callable[[FlaskClient], Gateway]
    dialect: Dialect

    def phone(self, client: FlaskClient, number: str) -> Phone:
        return Phone(self.carrier(client), number, self.dialect)


AFRICAS_TALKING = Provider(ViaTestClient, AfricasTalking())
HUBTEL = Provider(ViaHubtel, Hubtel())
PROVIDERS = {"africas-talking": AFRICAS_TALKING, "hubtel": HUBTEL}
