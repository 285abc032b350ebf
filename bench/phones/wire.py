"""HTTP as the providers speak it to the service, and as scripts speak it to the simulator."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

# The provider waits this long for a page; what comes later, no phone ever shows.
HOP_SECONDS = 10.0
_CONTROL_SECONDS = 30.0
_HOP_PATH = "/ussd/dev-at-secret"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` is None where nothing did, and `body` then says why."""

    status: int | None
    body: str
    milliseconds: float


class Wire:
    """Connections that stay open, as many as there are phones."""

    def __init__(self, *, service: str, simulator: str, phones: int) -> None:
        # A phone may have two hops on their way, and the postman and the end have one each.
        self._service = _pool(service, connections=2 * phones + 2)
        self._simulator = _pool(simulator, connections=phones + 2)

    def hop(self, form: Mapping[str, str]) -> Answer:
        """Bring one hop to the service, once."""
        return _timed(self._service, "POST", _HOP_PATH, form=form)

    def tell_end(self, form: Mapping[str, str]) -> Answer:
        """Send the provider's notice that a session is over."""
        return _timed(self._service, "POST", f"{_HOP_PATH}/events", form=form)

    def health(self) -> Answer:
        """Ask whether the process is up: the cheapest answer there is, to compare others with."""
        return _timed(self._service, "GET", "/healthz")

    def metrics(self) -> str:
        """Read what the service counts."""
        answer = self._service.request("GET", "/metrics", timeout=_CONTROL_SECONDS, retries=False)
        return answer.data.decode()

    def ask(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read JSON under the simulator's /control."""
        answer = self._simulator.request(
            "GET", f"/control{path}", timeout=_CONTROL_SECONDS, retries=False
        )
        return answer.json()

    def order(self, method: str, path: str, **body: object) -> Any:  # noqa: ANN401 - JSON
        """Change something under the simulator's /control."""
        answer = self._simulator.request(
            method, f"/control{path}", json=body, timeout=_CONTROL_SECONDS, retries=False
        )
        return json.loads(answer.data)


def _pool(url: str, *, connections: int) -> urllib3.HTTPConnectionPool:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return urllib3.HTTPConnectionPool(parts.hostname, parts.port, maxsize=connections)


def _timed(
    pool: urllib3.HTTPConnectionPool,
    method: str,
    path: str,
    *,
    form: Mapping[str, str] | None = None,
) -> Answer:
    began = time.perf_counter()
    status: int | None = None
    try:
        answer = pool.request(
            method,
            path,
            body=None if form is None else urlencode(form),
            headers=None if form is None else _FORM,
            timeout=HOP_SECONDS,
            retries=False,
        )
        status, body = answer.status, answer.data.decode(errors="replace")
    except urllib3.exceptions.HTTPError as error:
        body = type(error).__name__
    return Answer(status, body, (time.perf_counter() - began) * 1000)
