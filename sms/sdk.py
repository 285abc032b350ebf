"""The official SDK, but for its last step, which forgets the HTTP status of a refusal."""

from typing import Any, Final

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
)

# Connect, then read: the SDK's own. A wait for a thread and two calls end within a lease.
TIMEOUT_SECONDS: Final = (3.05, 9.05)
_NEVER_CONNECTED: Final = (ConnectTimeoutError, NameResolutionError, NewConnectionError)


class Unread:
    """Makes a service of the SDK return the answer itself, with its status and its type.

    The SDK reads JSON only under a bare `application/json` (SDK 2.0.3, Service.py).
    """

    def _make_request(
        self,
        url: str,
        method: str,
        headers: dict[str, str],
        data: dict[str, Any] | str,
        params: None,
        callback: None = None,  # noqa: ARG002 - the SDK names it
        timeout: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> requests.Response:
        # No redirects: a POST that is redirected arrives as a GET, or twice.
        return requests.request(
            method,
            url,
            headers=headers,
            data=data,
            params=params,
            timeout=timeout,
            allow_redirects=False,
        )


def never_connected(error: requests.RequestException) -> bool:
    """Whether the provider surely heard nothing."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, _NEVER_CONNECTED)
