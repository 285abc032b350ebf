"""Account Balance: POST /mpesa/accountbalance/v1/query, answered later."""

from dataclasses import dataclass

from flask import Blueprint, Response

from simulator.clock import Clock, daraja_timestamp
from simulator.config import Config
from simulator.daraja.b2c_rules import INITIATOR_INVALID
from simulator.daraja.books import Books
from simulator.daraja.conversations import SUCCESS_WORDS, Outcome, open_conversation
from simulator.daraja.gateway import Gateway, answering_refusals
from simulator.daraja.push import payload_of_request
from simulator.daraja.push_rules import Payload
from simulator.daraja.request_rules import (
    LONGEST_REMARKS,
    PAYBILL_IDENTIFIER,
    check_addresses,
    check_equals,
    check_length,
    check_present,
    knows_initiator,
    text_of,
)
from simulator.daraja.results import Letter
from simulator.faults import Fault
from simulator.identifiers import Identifiers

QUEUE = "abresults"

# The codes of this result come as texts (daraja.md §5.5).
_AS_TEXTS = Fault(name="string_codes")


@dataclass(kw_only=True, slots=True)
class BalanceDesk:
    """Lets a caller hear later what is on the accounts of a short code."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    gateway: Gateway
    books: Books

    def blueprint(self) -> Blueprint:
        """Return Daraja's route."""
        routes = Blueprint("balance", __name__)
        path = "/mpesa/accountbalance/v1/query"
        routes.add_url_rule(path, view_func=answering_refusals(self.ask), methods=["POST"])
        return routes

    def ask(self) -> Response:
        """Acknowledge one question. Raises Refused."""
        self.gateway.check(product="balance")
        payload = payload_of_request()
        self._check(payload)
        fault = self.gateway.let_in("balance", field="PartyA")
        now = self.clock.now()
        conversation = open_conversation(payload, moment=now, identifiers=self.identifiers)
        receipt = self.identifiers.receipt(moment=now)[:3] + "0000000"
        if not knows_initiator(payload, name="Initiator", config=self.config):
            wrong = INITIATOR_INVALID
            outcome = Outcome(code=wrong.code, words=wrong.words, receipt=receipt)
        else:
            outcome = Outcome(
                code=0,
                words=SUCCESS_WORDS,
                receipt=receipt,
                parameters=(
                    ("AccountBalance", self._accounts(text_of(payload, "PartyA"))),
                    ("BOCompletedTime", int(daraja_timestamp(now))),
                ),
            )
        letter = Letter(conversation=conversation, outcome=outcome, queue=QUEUE, request=payload)
        return self.gateway.acknowledge(letter, fault=fault, result_fault=_AS_TEXTS)

    def _check(self, payload: Payload) -> None:
        check_present(payload, "Initiator", "SecurityCredential")
        check_equals(payload, "CommandID", "AccountBalance")
        check_equals(
            payload, "PartyA", self.config.mpesa_shortcode, self.config.mpesa_b2c_shortcode
        )
        check_equals(payload, "IdentifierType", PAYBILL_IDENTIFIER)
        check_addresses(payload, "ResultURL", "QueueTimeOutURL")
        check_length(payload, "Remarks", shortest=1, longest=LONGEST_REMARKS)

    def _accounts(self, short_code: str) -> str:
        pays_out = short_code == self.config.mpesa_b2c_shortcode
        utility = self.books.utility_float() if pays_out else 0
        if short_code == self.config.mpesa_shortcode:
            utility += self.books.paybill_balance()
        charges = self.books.charges_account() if pays_out else 0
        accounts = {
            "Working Account": 0,
            "Utility Account": utility,
            "Charges Paid Account": charges,
        }
        return "&".join(
            f"{name}|KES|{sum_}.00|{sum_}.00|0.00|0.00" for name, sum_ in accounts.items()
        )
