"""Routes that stop and move the clock, seed chance, and tell how often what went wrong."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import BadRequest

from simulator.control.bodies import (
    Advance,
    ChanceChange,
    ClockChange,
    RateOrder,
    answering_errors,
    read_body,
)
from simulator.faults import Rate
from simulator.world import World


@dataclass(kw_only=True, slots=True)
class TimeAndChanceRoutes:
    """The routes /control/clock, /control/chance and /control/counts."""

    world: World

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("time_and_chance", __name__, url_prefix="/control")
        for path, method, view in (
            ("/clock", "GET", self.clock),
            ("/clock", "PUT", self.change_clock),
            ("/clock/advance", "POST", self.advance),
            ("/chance", "GET", self.chance),
            ("/chance", "PUT", self.change_chance),
            ("/counts", "GET", self.counts),
        ):
            routes.add_url_rule(
                path, endpoint=view.__name__, view_func=answering_errors(view), methods=[method]
            )
        return routes

    def clock(self) -> Response:
        """Show the moment, whether the clock stands, and when something falls due."""
        return jsonify(**self._moment(), stands=self.world.clock.stands)

    def change_clock(self) -> Response:
        """Let the clock stand at a moment, or with null follow the machine again."""
        moment = read_body(ClockChange).stands_at
        if moment is None:
            self.world.deliveries.run()
        else:
            self.world.deliveries.stand(moment)
        return self.clock()

    def advance(self) -> Response:
        """Move a standing clock and run what falls due on the way; 409 where it runs."""
        body, clock = read_body(Advance), self.world.clock
        if not clock.stands:
            return _conflict("the clock runs; let it stand first")
        match body.seconds, body.to:
            case float() as seconds, None:
                moment = clock.now() + timedelta(seconds=seconds)
            case None, to if to is not None:
                moment = to
            case _:
                raise BadRequest(description="give either seconds or to")
        ran = self.world.deliveries.advance_to(moment)
        return jsonify(**self._moment(), ran=ran)

    def chance(self) -> Response:
        """Show the seed and the rates in force."""
        return jsonify(seed=self.world.seed, rates=self.world.faults.rates_as_json())

    def change_chance(self) -> Response:
        """Seed chance anew, replace all rates, or both."""
        change = read_body(ChanceChange)
        if change.rates is not None:
            self.world.faults.set_rates({spot: _rate(one) for spot, one in change.rates.items()})
        if change.seed is not None:
            self.world.reseed(change.seed)
        return self.chance()

    def counts(self) -> Response:
        """Show how often each fault was injected, ordered or by chance."""
        return jsonify(self.world.faults.counts())

    def _moment(self) -> dict[str, object]:
        next_due = self.world.deliveries.next_due()
        return {
            "now": self.world.clock.now().isoformat(),
            "next_due": next_due.isoformat() if next_due else None,
        }


def _rate(order: float | RateOrder) -> Rate:
    if not isinstance(order, RateOrder):
        return Rate(probability=order)
    least, most = order.seconds
    return Rate(probability=order.rate, least_seconds=least, most_seconds=most)


def _conflict(message: str) -> Response:
    answer = jsonify(error=message)
    answer.status_code = 409
    return answer
