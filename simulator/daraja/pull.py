"""Pull Transactions: what customers paid within 48 hours, for those who missed hearing of it."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response

from simulator.clock import EAT, Clock
from simulator.config import Config
from simulator.daraja.books import OWNER, Books, Movement
from simulator.daraja.gateway import Gateway, answering_refusals
from simulator.daraja.push import payload_of_request
from simulator.daraja.push_rules import Payload
from simulator.daraja.refusals import invalid, json_answer
from simulator.daraja.request_rules import check_addresses, check_equals, check_present, text_of
from simulator.identifiers import Identifiers
from simulator.known_faults import FAULTS

# Both official: "within 48 hours", and the page's example shows rows 101-200 at offset 100.
WINDOW = timedelta(hours=48)
PAGE_ROWS = 100

REGISTERED, KNOWN_ALREADY = "1000", "1001"
FOUND, NOTHING = "1000", "1001"

_WHEN_NOTHING = FAULTS["pull"].keys() - {"empty"}


class PullRegister:
    """Remembers whether the short code is registered."""

    def __init__(self) -> None:
        self._registered = threading.Event()

    def register(self) -> bool:
        """Register the short code; False where it is registered already."""
        fresh = not self._registered.is_set()
        self._registered.set()
        return fresh

    def clear(self) -> None:
        """Forget the registration."""
        self._registered.clear()


@dataclass(kw_only=True, slots=True)
class PullDesk:
    """Registers a short code once, and lists what was paid to it."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    gateway: Gateway
    books: Books
    pull_register: PullRegister

    def blueprint(self) -> Blueprint:
        """Return Daraja's routes; a query may be a GET with a body, as the page has it."""
        routes = Blueprint("pull", __name__, url_prefix="/pulltransactions/v1")
        for path, view, methods in (
            ("/register", self.register, ["POST"]),
            ("/query", self.query, ["GET", "POST"]),
        ):
            routes.add_url_rule(
                path,
                endpoint=view.__name__,
                view_func=answering_refusals(view),
                methods=methods,
            )
        return routes

    def register(self) -> Response:
        """Register the short code; repeated, say so. Raises Refused."""
        self.gateway.check(product="pull")
        payload = payload_of_request()
        check_equals(payload, "ShortCode", self.config.mpesa_shortcode)
        check_equals(payload, "RequestType", "Pull")
        check_present(payload, "NominatedNumber")
        check_addresses(payload, "CallBackURL")
        self.gateway.let_in("pull", field="ShortCode", among=_WHEN_NOTHING)
        fresh = self.pull_register.register()
        words = "Shortcode Registered Successfully" if fresh else "ShortCode already Registered"
        body = {
            "ResponseRefID": self.identifiers.request_id(),
            "ResponseStatus": REGISTERED if fresh else KNOWN_ALREADY,
            "ShortCode": self.config.mpesa_shortcode,
            "ResponseDescription": words,
        }
        return json_answer(body)

    def query(self) -> Response:
        """List what was paid between two moments, a page from a row on. Raises Refused."""
        self.gateway.check(product="pull")
        payload = payload_of_request()
        check_equals(payload, "ShortCode", self.config.mpesa_shortcode)
        since, until = _moment(payload, "StartDate"), _moment(payload, "EndDate")
        offset = text_of(payload, "OffSetValue")
        if not offset.isdecimal():
            raise invalid("OffSetValue")
        rows = self._paid_between(max(since, self.clock.now() - WINDOW), until)
        page = rows[int(offset) : int(offset) + PAGE_ROWS]
        among = None if page else _WHEN_NOTHING
        if self.gateway.let_in("pull", field="ShortCode", among=among) is not None:
            page = []
        # The list lies in a list (official sample).
        body = {
            "ResponseRefID": self.identifiers.request_id(),
            "ResponseCode": FOUND if page else NOTHING,
            "ResponseMessage": "Success" if page else "No transactions available",
            "Response": [[self._row(paid) for paid in page]],
        }
        return json_answer(body)

    def _paid_between(self, since: datetime, until: datetime) -> list[Movement]:
        return [
            movement
            for movement in self.books.everything()
            if movement.kind in {"stk", "c2b"} and since <= movement.at <= until
        ]

    def _row(self, paid: Movement) -> dict[str, object]:
        return {
            "transactionId": paid.receipt,
            "trxDate": f"{paid.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "msisdn": int(paid.phone[-9:]),
            "sender": OWNER,
            "transactiontype": "c2b-pay-bill-debit",
            "billreference": paid.account_reference or "",
            "amount": f"{paid.amount}.00",
            "organizationname": self.config.at_sender_id,
        }


def _moment(payload: Payload, field_name: str) -> datetime:
    """Return a moment that is written in Nairobi's time, with or without seconds."""
    for spelling in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            written = datetime.strptime(text_of(payload, field_name), spelling).replace(tzinfo=EAT)
        except ValueError:
            continue
        return written
    raise invalid(field_name)
