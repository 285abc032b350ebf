"""The control interface, as a script uses it."""

from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT_SECONDS = 30.0
PHONE = "+254700000001"


@dataclass(frozen=True)
class Remote:
    """Speaks JSON to /control of one simulator."""

    url: str

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        answer = requests.get(self.url + path, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        answer = self.try_post(path, **body)
        answer.raise_for_status()
        return answer.json()

    def put(self, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        answer = requests.put(self.url + path, json=body, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def try_post(self, path: str, **body: object) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=TIMEOUT_SECONDS)

    def dial(self, code: str = "*384*2030#", *, phone: str = PHONE) -> Any:  # noqa: ANN401 - JSON
        return self.post(f"/control/handsets/{phone}/dial", code=code)

    def type(self, keys: str, *, phone: str = PHONE) -> Any:  # noqa: ANN401 - JSON
        return self.post(f"/control/handsets/{phone}/type", keys=keys)

    def handset(self, phone: str = PHONE) -> Any:  # noqa: ANN401 - JSON
        return self.get(f"/control/handsets/{phone}")

    def set_handset(self, phone: str = PHONE, **change: object) -> Any:  # noqa: ANN401 - JSON
        return self.put(f"/control/handsets/{phone}", **change)

    def reply(self, **reply: object) -> Any:  # noqa: ANN401 - JSON
        return self.post(f"/control/handsets/{PHONE}/prompt", **reply)

    def settle(self) -> None:
        """Wait until nothing is due."""
        self.get("/control/idle?timeout=25")
