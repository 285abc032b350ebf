"""Daraja's access tokens: one lives at a time, and a new one kills it."""

import hmac
import threading
import time

from flask import Blueprint, Response, request

from simulator.config import Config
from simulator.daraja.refusals import (
    INVALID_ACCESS_TOKEN,
    INVALID_AUTHENTICATION_HEADER,
    INVALID_AUTHENTICATION_TYPE,
    INVALID_GRANT_TYPE,
    Refused,
    json_answer,
)
from simulator.faults import Faults
from simulator.identifiers import access_token

TOKEN_LIFE_SECONDS = 3599


class Access:
    """Mints the token and checks it on every other call."""

    def __init__(self, *, config: Config, faults: Faults) -> None:
        self._config = config
        self._faults = faults
        self._lock = threading.Lock()
        self._token: str | None = None
        self._minted_at = 0.0

    def blueprint(self) -> Blueprint:
        """Return the route that mints tokens."""
        routes = Blueprint("access", __name__)
        routes.add_url_rule("/oauth/v1/generate", view_func=self.generate, methods=["GET"])
        return routes

    def generate(self) -> Response:
        """Mint a token; the one before it is dead from now on."""
        if request.authorization is None or request.authorization.type != "basic":
            return INVALID_AUTHENTICATION_TYPE.answer()
        if not self._knows(request.authorization.username, request.authorization.password):
            # Observed: a wrong key or secret is answered with 400 and no body at all.
            return Response("", 400)
        if request.args.get("grant_type") != "client_credentials":
            return INVALID_GRANT_TYPE.answer()
        with self._lock:
            self._token, self._minted_at = access_token(), time.monotonic()
            return json_answer({"access_token": self._token, "expires_in": TOKEN_LIFE_SECONDS})

    def check(self) -> None:
        """Check the token of the present request. Raises Refused."""
        fault = self._faults.take("oauth")
        with self._lock:
            if fault is not None:
                self._token = None
            kind, _, presented = request.headers.get("Authorization", "").partition(" ")
            if kind != "Bearer" or not presented:
                raise Refused(INVALID_AUTHENTICATION_HEADER)
            expired = time.monotonic() - self._minted_at > TOKEN_LIFE_SECONDS
            if self._token is None or expired or not _same(presented, self._token):
                raise Refused(INVALID_ACCESS_TOKEN)

    def _knows(self, key: str | None, secret: str | None) -> bool:
        key_fits = _same(key or "", self._config.mpesa_consumer_key)
        return key_fits and _same(secret or "", self._config.mpesa_consumer_secret)


def _same(presented: str, expected: str) -> bool:
    return hmac.compare_digest(presented.encode(), expected.encode())
