"""The simulator as the rehearsal drives it: its control over HTTP, its clock at first hand."""

from datetime import datetime
from typing import Any

import requests

from simulator.server import RunningSimulator
from simulator.world import World

_PATIENCE_SECONDS = 30.0


class Network:
    """Phones, M-Pesa and the gateways between them and the service."""

    def __init__(self, running: RunningSimulator) -> None:
        self._url = f"{running.url}/control"
        # A day asks for the time some ten thousand times.
        world = running.server.app.extensions["simulator"]  # type: ignore[attr-defined]
        assert isinstance(world, World)
        self._world = world

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read something."""
        answer = requests.get(self._url + path, timeout=_PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def put(self, path: str, **body: object) -> None:
        """Set something."""
        requests.put(self._url + path, json=body, timeout=_PATIENCE_SECONDS).raise_for_status()

    def post(self, path: str, **body: object) -> requests.Response:
        """Do something; what the phone cannot do now is answered 409."""
        return requests.post(self._url + path, json=body, timeout=_PATIENCE_SECONDS)

    def statement(self) -> bytes:
        """The organisation's statement of all time, as the portal exports it."""
        answer = requests.get(f"{self._url}/statement.csv", timeout=_PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer.content

    def advance(self, moment: datetime) -> int:
        """Move the clock, and let happen what falls due on the way; how much did."""
        return self._world.deliveries.advance_to(moment)

    def next_due(self) -> datetime | None:
        """When something happens next."""
        return self._world.deliveries.next_due()

    def callbacks(self) -> int:
        """How many callbacks there were."""
        return len(self._world.callbacks.everything())

    def latest_code(self, phone: str) -> str | None:
        """The last SMS to this phone, where it holds a code."""
        sent = self._world.sms.sent_to(phone)
        return (
            next(
                (word for word in sent[-1].text.split() if word.isdecimal() and len(word) == _CODE),
                None,
            )
            if sent
            else None
        )


_CODE = 6
