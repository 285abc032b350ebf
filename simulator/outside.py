"""HTTP from the simulator to the service."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import requests

SERVICE_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What the service answered; `status` is None where no answer came."""

    status: int | None
    text: str
    headers: Mapping[str, str]


def post_form(
    url: str,
    form: Mapping[str, str],
    *,
    timeout_seconds: float,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Post a form once. Never raises for what the network or the service does."""
    return _post(url, data=dict(form), headers=headers, timeout_seconds=timeout_seconds)


def post_body(
    url: str, body: str, *, timeout_seconds: float, headers: Mapping[str, str] | None = None
) -> Reply:
    """Post a body once. Never raises for what the network or the service does."""
    return _post(url, data=body.encode(), headers=headers, timeout_seconds=timeout_seconds)


Answer = TypeVar("Answer")


def all_at_once(post: Callable[[], Answer], *, times: int) -> list[Answer]:
    """Do the same thing on so many threads, which begin at the same moment."""
    together = threading.Barrier(times)

    def start(_: int) -> Answer:
        together.wait()
        return post()

    with ThreadPoolExecutor(max_workers=times) as pool:
        return list(pool.map(start, range(times)))


def copies(post: Callable[[], Answer], *, times: int, in_turn: bool) -> list[Answer]:
    """Do the same thing so many times: at once, or in turn where a run is to be repeatable."""
    return [post() for _ in range(times)] if in_turn else all_at_once(post, times=times)


def _post(
    url: str,
    *,
    data: dict[str, str] | bytes,
    headers: Mapping[str, str] | None,
    timeout_seconds: float,
) -> Reply:
    try:
        answer = requests.post(
            url, data=data, headers=headers, timeout=timeout_seconds, allow_redirects=False
        )
    except requests.RequestException as error:
        # The exception's text would show the URL, which holds a secret.
        return Reply(status=None, text=type(error).__name__, headers={})
    return Reply(status=answer.status_code, text=answer.text, headers=answer.headers)
