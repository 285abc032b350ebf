"""Transaction Status: POST /mpesa/transactionstatus/v1/query, answered later."""

from dataclasses import dataclass

from flask import Blueprint, Response

from simulator.clock import Clock, daraja_timestamp
from simulator.config import Config
from simulator.daraja.archive import Archive, Record
from simulator.daraja.b2c_rules import INITIATOR_INVALID, Failure
from simulator.daraja.conversations import (
    SUCCESS_WORDS,
    Outcome,
    open_conversation,
)
from simulator.daraja.gateway import Gateway, answering_refusals
from simulator.daraja.push import payload_of_request
from simulator.daraja.push_rules import Payload
from simulator.daraja.refusals import invalid
from simulator.daraja.request_rules import (
    LONGEST_REMARKS,
    check_addresses,
    check_equals,
    check_length,
    check_present,
    knows_initiator,
    text_of,
)
from simulator.daraja.results import Letter
from simulator.faults import Fault, Faults
from simulator.identifiers import Identifiers
from simulator.known_faults import FAULTS
from simulator.settings import Settings

QUEUE = "transactionstatusresults"
IDENTIFIERS = ("1", "2", "4")

# The first was captured from the sandbox twice (2026-09-28 and 2026-10-06), without parameters.
UNKNOWN: dict[str, Failure] = {
    "2032": Failure(2032, "The transaction receipt number does not exist."),
    "1": Failure(1, "The transaction does not exist"),
}

_LIVE = {"live": "Initiated", "pending": "Pending Authorized"}
WHEN_UNKNOWN = FAULTS["status_result"].keys() - {*_LIVE, "wrong_amount", "single_object"}


@dataclass(kw_only=True, slots=True)
class StatusDesk:
    """Lets a caller hear later what became of a payment of any kind."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    settings: Settings
    faults: Faults
    gateway: Gateway
    archive: Archive

    def blueprint(self) -> Blueprint:
        """Return Daraja's route."""
        routes = Blueprint("status", __name__)
        path = "/mpesa/transactionstatus/v1/query"
        routes.add_url_rule(path, view_func=answering_refusals(self.ask), methods=["POST"])
        return routes

    def ask(self) -> Response:
        """Acknowledge one question. Raises Refused."""
        self.gateway.check(product="status")
        payload = payload_of_request()
        reference = _read(payload, config=self.config)
        fault = self.gateway.let_in("status", field="TransactionID")
        conversation = open_conversation(
            payload, moment=self.clock.now(), identifiers=self.identifiers
        )
        known = self._known(payload, reference)
        among = WHEN_UNKNOWN if isinstance(known, Failure) else None
        result_fault = self.faults.take("status_result", among=among)
        letter = Letter(
            conversation=conversation,
            outcome=self._outcome(known, result_fault),
            queue=QUEUE,
            request=payload,
        )
        return self.gateway.acknowledge(letter, fault=fault, result_fault=result_fault)

    def _known(self, payload: Payload, reference: str) -> Record | Failure:
        if not knows_initiator(payload, name="Initiator", config=self.config):
            return INITIATOR_INVALID
        return self.archive.find(reference) or UNKNOWN[self.settings.unknown_transaction_code]

    def _outcome(self, known: Record | Failure, fault: Fault | None) -> Outcome:
        # A question moves nothing: its own TransactionID ends in seven noughts (official sample).
        receipt = self.identifiers.receipt(moment=self.clock.now())[:3] + "0000000"
        match known:
            case Failure(code=code, words=words):
                return Outcome(code=code, words=words, receipt=receipt)
            case Record():
                live = _LIVE.get(fault.name) if fault else None
                parameters = _parameters(known, live=live)
                return Outcome(code=0, words=SUCCESS_WORDS, receipt=receipt, parameters=parameters)


def _read(payload: Payload, *, config: Config) -> str:
    check_present(payload, "Initiator", "SecurityCredential")
    check_equals(payload, "CommandID", "TransactionStatusQuery")
    check_equals(payload, "PartyA", config.mpesa_shortcode, config.mpesa_b2c_shortcode)
    check_equals(payload, "IdentifierType", *IDENTIFIERS)
    check_addresses(payload, "ResultURL", "QueueTimeOutURL")
    check_length(payload, "Remarks", shortest=1, longest=LONGEST_REMARKS)
    check_length(payload, "Occasion", shortest=0, longest=LONGEST_REMARKS)
    for field in ("TransactionID", "OriginalConversationID", "OriginatorConversationID"):
        if text_of(payload, field):
            return text_of(payload, field)
    raise invalid("TransactionID")


def _parameters(record: Record, *, live: str | None) -> tuple[tuple[str, object], ...]:
    """Return the pairs of daraja.md §5.3: one key comes twice, and one has no value."""
    finalised = record.finalised_at if live is None else None
    charges = f"Fee For B2C Payment|KES|{record.charge}.00" if record.charge else None
    return (
        ("DebitPartyName", record.debit_party),
        ("CreditPartyName", record.credit_party),
        ("OriginatorConversationID", record.originator_conversation_id),
        ("InitiatedTime", int(daraja_timestamp(record.initiated_at))),
        ("DebitAccountType", "Utility Account"),
        ("DebitPartyCharges", charges),
        ("TransactionReason", None),
        ("ReasonType", record.reason),
        ("TransactionStatus", live or record.status),
        ("FinalisedTime", int(daraja_timestamp(finalised)) if finalised else None),
        ("Amount", record.amount),
        ("ConversationID", record.conversation_id),
        ("ReceiptNo", record.receipt),
        ("DebitPartyName", record.debit_party),
    )
