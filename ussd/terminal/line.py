"""A telephone line into this application, past the network and past the web server."""

import secrets
from dataclasses import dataclass
from typing import Final

from werkzeug.test import Client

from core.settings import Settings

SAFARICOM: Final = "63902"
PAGE_NAME: Final = "at-ussd-hop-metadata"


@dataclass(frozen=True)
class Shown:
    """A page on the phone; `screen` is its name in the code."""

    page: str
    ends: bool
    screen: str


class Line:
    """Makes the calls of one phone as the gateway would, notice of their end included."""

    def __init__(self, client: Client, settings: Settings, *, phone: str) -> None:
        first_secret, *_others = settings.at_callback_secret.get_secret_value().split(",")
        self._client = client
        self._path = f"/ussd/{first_secret.strip()}"
        self._phone = phone
        self._form: dict[str, str] = {}
        self.shown: Shown | None = None

    @property
    def is_open(self) -> bool:
        """Whether the service waits for something to be typed."""
        return self.shown is not None and not self.shown.ends

    def dial(self, code: str) -> Shown:
        """Begin a call."""
        self._form = {
            "sessionId": f"ATUid_{secrets.token_hex(16)}",
            "serviceCode": code,
            "phoneNumber": self._phone,
            "networkCode": SAFARICOM,
            "text": "",
        }
        return self._hop()

    def type(self, keys: str) -> Shown:
        """Send what was typed. The text grows by it, joined by a star, as on the network."""
        # A terminal can hold bytes that are no text; a phone cannot.
        sent = keys.encode(errors="replace").decode()
        text = self._form["text"]
        self._form["text"] = f"{text}*{sent}" if text else sent
        return self._hop()

    def hang_up(self) -> None:
        """Leave the call; the service is told whether it had come to its end."""
        status = "Incomplete" if self.is_open else "Success"
        # A real notice repeats what was typed. This one has no need to.
        notice = {name: value for name, value in self._form.items() if name != "text"}
        self._client.post(f"{self._path}/events", data=notice | {"status": status})
        self.shown = None

    def _hop(self) -> Shown:
        response = self._client.post(self._path, data=self._form)
        kind, page = response.text[:4], response.text[4:]
        self.shown = Shown(page, kind == "END ", response.headers.get(PAGE_NAME, ""))
        return self.shown
