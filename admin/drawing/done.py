"""Where an act leads when it was done."""

from typing import Any

from flask import Response, make_response, redirect, request, url_for


def done(page: str, **path: Any) -> Response:  # noqa: ANN401 - what the rule holds
    """Go to this page, which says at its top what the act registered as its `done`.

    The address names the act and cannot bring a sentence of its own.
    """
    act = (request.endpoint or "").removeprefix("admin.")
    return make_response(redirect(url_for(f"admin.{page}", done=act, **path), 303))
