"""A telephone: dials, types, and reads what comes."""

import re
from random import Random

from flask.testing import FlaskClient

CODE = "*384*2030#"
_ROUTE = "/ussd/dev-at-secret"
_PAGES = 5
_MISSED = re.compile(r"^SMS of \d", re.MULTILINE)


class Broken(Exception):
    """The service answered a hop with something that is no page."""


class Telephone:
    """One phone, which knows the gateway's words only."""

    def __init__(self, client: FlaskClient, number: str, rng: Random) -> None:
        self.number = number
        self.screen = ""
        self.open = False
        self.client = client
        self._rng = rng
        self._form: dict[str, str] = {}

    def dial(self, digits: str = "") -> "Telephone":
        """Dial the service, with digits behind its code, and read what did not come by SMS."""
        code = CODE.removesuffix("#") + (f"*{digits}#" if digits else "#")
        self._form = {
            "sessionId": f"ATUid_{self._rng.getrandbits(128):032x}",
            "serviceCode": code,
            "phoneNumber": self.number,
            "networkCode": "63902",
            "text": "",
        }
        self._hop()
        for _ in range(_PAGES):
            if not _MISSED.search(self.screen):
                break
            while self.open and "\n99. " in self.screen:
                self.type("99")
            self.type("1")
        return self

    def type(self, *keys: str) -> "Telephone":
        """Type one after the other, as long as the session lasts."""
        for each in keys:
            if not self.open:
                break
            text = self._form["text"]
            self._form["text"] = f"{text}*{each}" if text else each
            self._hop()
        return self

    def choose(self, label: str) -> "Telephone":
        """Press the number beside a label, turning pages; nothing where it is not offered."""
        for _ in range(_PAGES):
            option = re.search(rf"^(\d+)\. .*{re.escape(label)}", self.screen, re.MULTILINE)
            if option is not None:
                return self.type(option[1])
            if not re.search(r"^99\. ", self.screen, re.MULTILINE):
                break
            self.type("99")
        return self

    def again(self) -> "Telephone":
        """The network brings the last hop twice; the answer must be the same."""
        before = self.screen
        self._hop()
        if self.screen != before:
            raise Broken(f"a repeated hop was answered otherwise: {before!r}, {self.screen!r}")
        return self

    def _hop(self) -> "Telephone":
        answer = self.client.post(_ROUTE, data=self._form)
        kind, self.screen = answer.text[:4], answer.text[4:]
        if answer.status_code != 200 or kind not in {"CON ", "END "}:  # noqa: PLR2004 - HTTP's own
            raise Broken(f"a hop was answered {answer.status_code}: {answer.text[:80]!r}")
        self.open = kind == "CON "
        return self
