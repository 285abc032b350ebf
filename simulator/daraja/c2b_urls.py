"""Where confirmations of paybill payments go: POST /mpesa/c2b/v1/registerurl and v2."""

import threading
from dataclasses import dataclass

from flask import Blueprint, Response

from simulator.config import Config
from simulator.daraja.gateway import Gateway, answering_refusals
from simulator.daraja.push import payload_of_request
from simulator.daraja.refusals import Refusal, Refused, json_answer
from simulator.daraja.request_rules import check_addresses, check_equals, text_of
from simulator.identifiers import Identifiers
from simulator.settings import Settings

COMPLETED = "Completed"
RESPONSE_TYPES = (COMPLETED, "Cancelled")
ALREADY_REGISTERED = Refusal(500, "500.003.1001", "Urls are already registered")


@dataclass(frozen=True, kw_only=True, slots=True)
class C2bUrls:
    """The addresses of one short code; version 1 hashes the payer's number, 2 masks it."""

    confirmation: str
    validation: str
    response_type: str
    version: int


class C2bRegister:
    """Keeps the addresses; without a registration, those of the service on this machine."""

    def __init__(self, *, config: Config, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._registered: C2bUrls | None = None
        base = f"{config.public_url}/payments/c2b/{config.mpesa_callback_secret}"
        self._default = C2bUrls(
            confirmation=f"{base}/confirmation",
            validation=f"{base}/validation",
            response_type=COMPLETED,
            version=2,
        )

    def register(self, urls: C2bUrls) -> bool:
        """Keep the addresses; False where others are registered already."""
        with self._lock:
            if self._registered is not None:
                return False
            self._registered = urls
            return True

    def current(self) -> C2bUrls | None:
        """Return where payments are told; None where nobody is to hear of them."""
        with self._lock:
            fallback = self._default if self._settings.c2b_urls else None
            return self._registered or fallback

    def clear(self) -> None:
        """Forget the registration."""
        with self._lock:
            self._registered = None


@dataclass(kw_only=True, slots=True)
class RegisterDesk:
    """Takes registrations, one for ever (daraja.md §5.1)."""

    config: Config
    identifiers: Identifiers
    gateway: Gateway
    register: C2bRegister

    def blueprint(self) -> Blueprint:
        """Return Daraja's routes."""
        routes = Blueprint("c2b", __name__)
        for path, view in (
            ("/mpesa/c2b/v1/registerurl", self.register_hashed),
            ("/mpesa/c2b/v2/registerurl", self.register_masked),
        ):
            routes.add_url_rule(
                path,
                endpoint=view.__name__,
                view_func=answering_refusals(view),
                methods=["POST"],
            )
        return routes

    def register_hashed(self) -> Response:
        """Register addresses that hear the payer's number hashed. Raises Refused."""
        return self._register(version=1)

    def register_masked(self) -> Response:
        """Register addresses that hear the payer's number masked. Raises Refused."""
        return self._register(version=2)

    def _register(self, *, version: int) -> Response:
        self.gateway.check(product="c2b")
        payload = payload_of_request()
        check_equals(payload, "ShortCode", self.config.mpesa_shortcode)
        check_equals(payload, "ResponseType", *RESPONSE_TYPES)
        check_addresses(payload, "ConfirmationURL", "ValidationURL")
        urls = C2bUrls(
            confirmation=text_of(payload, "ConfirmationURL"),
            validation=text_of(payload, "ValidationURL"),
            response_type=text_of(payload, "ResponseType"),
            version=version,
        )
        fault = self.gateway.let_in("register", field="ShortCode")
        refused = fault is not None and fault.name == "already_registered"
        if refused or not self.register.register(urls):
            raise Refused(ALREADY_REGISTERED)
        # "Coversation" is the provider's own spelling.
        body = {
            "OriginatorCoversationID": self.identifiers.request_id(),
            "ResponseCode": "0",
            "ResponseDescription": "Success",
        }
        return json_answer(body)
