"""Routes that pay the paybill from a phone, and show the organisation's books."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, Conflict

from simulator.clock import EAT
from simulator.control.bodies import BooksChange, PaybillOrder, answering_errors, read_body
from simulator.daraja.c2b import CannotPayError
from simulator.daraja.statement import statement
from simulator.phones import canonical_phone
from simulator.world import World


@dataclass(kw_only=True, slots=True)
class MoneyRoutes:
    """The routes under /control about money, beside the pushes."""

    world: World

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("money", __name__, url_prefix="/control")
        for path, method, view in (
            ("/handsets/<phone>/pay", "POST", self.pay),
            ("/payouts", "GET", self.payouts),
            ("/journal", "GET", self.journal),
            ("/books", "GET", self.books),
            ("/books", "PUT", self.change_books),
            ("/statement.csv", "GET", self.statement),
        ):
            routes.add_url_rule(
                path, endpoint=view.__name__, view_func=answering_errors(view), methods=[method]
            )
        return routes

    def pay(self, phone: str) -> Response:
        """Pay the paybill from a phone, and answer with the receipt."""
        handset = self.world.handsets.get(canonical_phone(phone))
        body = read_body(PaybillOrder)
        try:
            payment = self.world.money.c2b.pay(
                handset,
                paybill=body.paybill or self.world.config.mpesa_shortcode,
                amount=body.amount,
                account=body.account,
            )
        except CannotPayError as error:
            raise Conflict(description=str(error)) from error
        return jsonify(payment.as_json())

    def payouts(self) -> Response:
        """Show every payment to a customer that M-Pesa accepted."""
        return jsonify([payout.as_json() for payout in self.world.money.payouts.everything()])

    def journal(self) -> Response:
        """Show every movement of money between phones and the organisation."""
        return jsonify([each.as_json() for each in self.world.money.books.everything()])

    def books(self) -> Response:
        """Show the totals and balances."""
        return jsonify(self.world.money.books.as_json())

    def change_books(self) -> Response:
        """Fill or empty the utility float."""
        self.world.money.books.set_float(read_body(BooksChange).utility_float)
        return self.books()

    def statement(self) -> Response:
        """Return the organisation's statement, between two moments where they are given."""
        text = statement(
            self.world.money.books,
            config=self.world.config,
            since=_moment("from", datetime(2000, 1, 1, tzinfo=EAT)),
            until=_moment("to", self.world.clock.now()),
        )
        return Response(text, content_type="text/csv; charset=utf-8")


def _moment(name: str, default: datetime) -> datetime:
    """Return a moment of the query; one without a zone is Nairobi's."""
    written = request.args.get(name)
    if not written:
        return default
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise BadRequest(description=f"{name} must be a moment as 2026-11-25T06:00") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=EAT)).astimezone(EAT)
