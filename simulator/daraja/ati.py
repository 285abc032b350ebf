"""Daraja's own SIM-swap question: POST /imsi/v2/checkATI, answered at once."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response

from simulator.daraja.access import Access
from simulator.daraja.gateway import answering_refusals
from simulator.daraja.push import payload_of_request
from simulator.daraja.refusals import json_answer
from simulator.daraja.request_rules import phone_of
from simulator.handsets import Handsets
from simulator.identifiers import Identifiers

# Official: this date means that the last swap is more than three months ago.
LONG_AGO = date(1900, 1, 1)


@dataclass(kw_only=True, slots=True)
class AtiDesk:
    """Tells when a number's SIM was last swapped."""

    identifiers: Identifiers
    access: Access
    handsets: Handsets

    def blueprint(self) -> Blueprint:
        """Return Daraja's route."""
        routes = Blueprint("ati", __name__)
        routes.add_url_rule(
            "/imsi/v2/checkATI", view_func=answering_refusals(self.check), methods=["POST"]
        )
        return routes

    def check(self) -> Response:
        """Answer one question (daraja.md §5.7). Raises Refused."""
        self.access.check(product="stk")
        phone = phone_of(payload_of_request(), "customerNumber")
        swapped_on = self.handsets.get(phone).sim_swapped_on or LONG_AGO
        body = {
            "requestRefID": self.identifiers.uuid(),
            "responseCode": "200",
            "responseDesc": "Success",
            "lastSwapDate": f"{swapped_on:%d-%m-%Y} 00:00",
        }
        return json_answer(body)
