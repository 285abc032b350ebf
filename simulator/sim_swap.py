"""Africa's Talking Insights, SIM swap: POST /v1/sim-swap, whose answer comes as a callback.

Replies as recorded from the provider (africas-talking.md A3).
"""

import hmac
import json
from dataclasses import dataclass
from datetime import date
from functools import partial

from flask import Blueprint, Response, request

from simulator.config import Config
from simulator.daraja.callbacks import Callbacks
from simulator.deliveries import Deliveries
from simulator.faults import Fault, Faults
from simulator.handsets import Handset, Handsets
from simulator.identifiers import Identifiers
from simulator.phones import BadPhoneError, canonical_phone
from simulator.settings import Settings

COST_KES, COST_USD = 5, 0.05
NEVER = date(1900, 1, 1)


@dataclass(kw_only=True, slots=True)
class SimSwapDesk:
    """Takes questions about numbers, and answers each of them later."""

    config: Config
    identifiers: Identifiers
    settings: Settings
    faults: Faults
    handsets: Handsets
    callbacks: Callbacks
    deliveries: Deliveries

    def blueprint(self) -> Blueprint:
        """Return the provider's route."""
        routes = Blueprint("sim_swap", __name__)
        routes.add_url_rule("/v1/sim-swap", view_func=self.ask, methods=["POST"])
        return routes

    def ask(self) -> Response:
        """Queue a question about each number; one that is no Kenyan mobile is not supported."""
        order = request.get_json(silent=True)
        if not isinstance(order, dict) or not self._authentic(order):
            return Response("The supplied authentication is invalid", 401, mimetype="text/plain")
        numbers = order.get("phoneNumbers")
        if not isinstance(numbers, list) or not all(isinstance(each, str) for each in numbers):
            return Response("phoneNumbers is required", 400, mimetype="text/plain")
        fault = self.faults.take("sim_swap")
        if fault is not None and fault.name == "error_500":
            return Response("Internal Server Error", 500, mimetype="text/plain")
        transaction_id = self.identifiers.uuid()
        entries = [
            self._question(number, transaction_id=transaction_id, fault=fault) for number in numbers
        ]
        queued = sum(entry["status"] == "Queued" for entry in entries)
        body = {
            "responses": entries,
            "status": "Processed",
            "totalCost": {"amount": COST_USD * queued, "currencyCode": "USD"},
            "transactionId": transaction_id,
        }
        return Response(json.dumps(body), 200, content_type="application/json")

    def _authentic(self, order: dict[str, object]) -> bool:
        key_fits = hmac.compare_digest(
            request.headers.get("apiKey", "").encode(), self.config.at_api_key.encode()
        )
        return key_fits and order.get("username") == self.config.at_username

    def _question(
        self, number: str, *, transaction_id: str, fault: Fault | None
    ) -> dict[str, object]:
        try:
            handset = self.handsets.get(canonical_phone(number))
        except BadPhoneError:
            return {"phoneNumber": {"number": number}, "status": "UnsupportedPhoneNumber"}
        request_id = self.identifiers.sim_swap_id()
        answer = self._answer(handset, fault)
        answer |= {"requestId": request_id, "transactionId": transaction_id}
        if fault is None or fault.name != "no_answer":
            self._call_back(answer, fault)
        return {
            "cost": {"amount": COST_KES, "currencyCode": "KES"},
            "phoneNumber": {
                "carrierName": "Safaricom",
                "countryCode": 254,
                # A name here, not the number that a session carries.
                "networkCode": "Safaricom",
                "number": handset.phone,
                "numberType": "Mobile",
            },
            "requestId": request_id,
            "status": "Queued",
        }

    def _answer(self, handset: Handset, fault: Fault | None) -> dict[str, str]:
        swapped_on = handset.sim_swapped_on
        status = "Swapped" if swapped_on else "NotSwapped"
        if fault is not None and fault.name == "unknown_status":
            status = "Undetermined"
        return {
            "status": status,
            "lastSimSwapDate": f"{swapped_on or NEVER:%d-%m-%Y}",
            "providerRefId": self.identifiers.uuid(),
        }

    def _call_back(self, answer: dict[str, str], fault: Fault | None) -> None:
        delay = self.settings.callback_delay_seconds
        if fault is not None and fault.name == "delay":
            delay = fault.seconds
        url = f"{self.config.public_url}/sms/{self.config.at_callback_secret}/sim-swap"
        self.deliveries.deliver(
            partial(self.callbacks.post, url, json.dumps(answer), content_type="application/json"),
            after_seconds=delay,
        )
