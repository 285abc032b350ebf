"""Daraja's access tokens: one lives at a time, and a new one kills it."""

import hmac
import threading
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from flask import Blueprint, Response, request

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.refusals import (
    INTERNAL_ERROR,
    INVALID_ACCESS_TOKEN,
    INVALID_ACCESS_TOKEN_400,
    INVALID_ACCESS_TOKEN_401,
    INVALID_AUTHENTICATION_HEADER,
    INVALID_AUTHENTICATION_TYPE,
    INVALID_GRANT_TYPE,
    Refusal,
    Refused,
    json_answer,
)
from simulator.faults import Faults
from simulator.identifiers import Identifiers

TOKEN_LIFE_SECONDS = 3599

Product: TypeAlias = Literal["stk", "status", "c2b", "reversal", "pull", "b2c", "balance"]

# Daraja words a dead token differently for each product (daraja.md §1; of reversal and pull
# nobody tells, so they follow their family).
_DEAD_TOKEN: dict[Product, Refusal] = {
    "stk": INVALID_ACCESS_TOKEN,
    "status": INVALID_ACCESS_TOKEN_400,
    "c2b": INVALID_ACCESS_TOKEN_400,
    "reversal": INVALID_ACCESS_TOKEN_400,
    "pull": INVALID_ACCESS_TOKEN_400,
    "b2c": INVALID_ACCESS_TOKEN_401,
    "balance": INVALID_ACCESS_TOKEN_401,
}
_WHEN_MINTING = frozenset({"string_expires_in", "refuse", "error_500"})
_WHEN_CHECKING = frozenset({"kill_token"})


class Access:
    """Mints the token and checks it on every other call."""

    def __init__(
        self, *, config: Config, clock: Clock, identifiers: Identifiers, faults: Faults
    ) -> None:
        self._config = config
        self._clock = clock
        self._identifiers = identifiers
        self._faults = faults
        self._lock = threading.Lock()
        self._token: str | None = None
        self._minted_at: datetime | None = None

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
        fault = self._faults.take("oauth", among=_WHEN_MINTING)
        match fault.name if fault else None:
            case "refuse":
                return Response("", 400)
            case "error_500":
                return INTERNAL_ERROR.answer()
            case "string_expires_in":
                return self._mint(str(TOKEN_LIFE_SECONDS))
            case _:
                return self._mint(TOKEN_LIFE_SECONDS)

    def check(self, *, product: Product) -> None:
        """Check the token of the present request, in the product's words. Raises Refused."""
        fault = self._faults.take("oauth", among=_WHEN_CHECKING)
        with self._lock:
            if fault is not None:
                self._token = None
            kind, _, presented = request.headers.get("Authorization", "").partition(" ")
            if kind != "Bearer" or not presented:
                raise Refused(INVALID_AUTHENTICATION_HEADER)
            if not self._is_alive(presented):
                raise Refused(_DEAD_TOKEN[product])

    def _mint(self, expires_in: int | str) -> Response:
        with self._lock:
            self._token = self._identifiers.access_token()
            self._minted_at = self._clock.now()
            return json_answer({"access_token": self._token, "expires_in": expires_in})

    def _is_alive(self, presented: str) -> bool:
        if self._token is None or self._minted_at is None:
            return False
        age = self._clock.now() - self._minted_at
        return age <= timedelta(seconds=TOKEN_LIFE_SECONDS) and _same(presented, self._token)

    def _knows(self, key: str | None, secret: str | None) -> bool:
        key_fits = _same(key or "", self._config.mpesa_consumer_key)
        return key_fits and _same(secret or "", self._config.mpesa_consumer_secret)


def _same(presented: str, expected: str) -> bool:
    return hmac.compare_digest(presented.encode(), expected.encode())
