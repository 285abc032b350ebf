"""Reversals: POST /mpesa/reversal/v1/request."""

from dataclasses import dataclass

from flask import Blueprint, Response

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.b2c_rules import FAILURES, LARGEST_AMOUNT_KES, Failure
from simulator.daraja.conversations import open_conversation
from simulator.daraja.gateway import Gateway, answering_refusals
from simulator.daraja.push import payload_of_request
from simulator.daraja.push_rules import Payload
from simulator.daraja.request_rules import (
    LONGEST_REMARKS,
    SHORTEST_REMARKS,
    amount_of,
    check_addresses,
    check_equals,
    check_length,
    check_present,
    knows_initiator,
    text_of,
)
from simulator.daraja.results import Letter
from simulator.daraja.reversals import (
    ALREADY_REVERSED,
    UNKNOWN_ORIGINAL,
    ReversalOrder,
    Reversals,
)
from simulator.faults import Fault
from simulator.identifiers import Identifiers

QUEUE = "reversalresults"
ORGANISATION_IDENTIFIERS = ("4", "11")

_FAILURES = FAILURES | {str(each.code): each for each in (ALREADY_REVERSED, UNKNOWN_ORIGINAL)}


@dataclass(kw_only=True, slots=True)
class ReversalDesk:
    """Checks a reversal, carries it out, and lets the caller hear of it later."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    gateway: Gateway
    reversals: Reversals

    def blueprint(self) -> Blueprint:
        """Return Daraja's route."""
        routes = Blueprint("reversal", __name__)
        path = "/mpesa/reversal/v1/request"
        routes.add_url_rule(path, view_func=answering_refusals(self.give_back), methods=["POST"])
        return routes

    def give_back(self) -> Response:
        """Answer one reversal. Raises Refused."""
        self.gateway.check(product="reversal")
        payload = payload_of_request()
        order = _read(payload, config=self.config)
        fault = self.gateway.let_in("reversal", field="TransactionID")
        now = self.clock.now()
        conversation = open_conversation(payload, moment=now, identifiers=self.identifiers)
        outcome = self.reversals.settle(order, conversation, moment=now, ordered=_ordered(fault))
        letter = Letter(conversation=conversation, outcome=outcome, queue=QUEUE, request=payload)
        return self.gateway.acknowledge(letter, fault=fault, result_fault=fault)


def _read(payload: Payload, *, config: Config) -> ReversalOrder:
    check_present(payload, "Initiator", "SecurityCredential", "TransactionID")
    check_equals(payload, "CommandID", "TransactionReversal")
    check_equals(payload, "ReceiverParty", config.mpesa_shortcode)
    # Misspelt by the provider, who refuses the right spelling.
    check_equals(payload, "RecieverIdentifierType", *ORGANISATION_IDENTIFIERS)
    amount = amount_of(payload, lowest=1, highest=LARGEST_AMOUNT_KES)
    check_addresses(payload, "ResultURL", "QueueTimeOutURL")
    check_length(payload, "Remarks", shortest=SHORTEST_REMARKS, longest=LONGEST_REMARKS)
    return ReversalOrder(
        original_receipt=text_of(payload, "TransactionID"),
        amount=amount,
        trusted=knows_initiator(payload, name="Initiator", config=config),
    )


def _ordered(fault: Fault | None) -> Failure | None:
    if fault is not None and fault.name.startswith("code_"):
        return _FAILURES[fault.name.removeprefix("code_")]
    return None
