"""Routes that steer the networks and show what went over them."""

from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound, ServiceUnavailable

from simulator.control.bodies import (
    AttackOrder,
    FaultChange,
    FaultOrder,
    Repeat,
    SettingsChange,
    answering_errors,
    read_body,
)
from simulator.faults import Fault
from simulator.known_faults import FAULTS
from simulator.phones import canonical_phone
from simulator.world import World

LONGEST_WAIT_SECONDS = 120.0


@dataclass(kw_only=True, slots=True)
class NetworkRoutes:
    """The routes under /control that concern no single phone."""

    world: World

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("networks", __name__, url_prefix="/control")
        for path, method, view in (
            ("/reset", "POST", self.reset),
            ("/state", "GET", self.state),
            ("/idle", "GET", self.idle),
            ("/messages", "GET", self.messages),
            ("/hops", "GET", self.hops),
            ("/pushes", "GET", self.pushes),
            ("/callbacks", "GET", self.callbacks),
            ("/callbacks/<int:number>/repeat", "POST", self.repeat),
            ("/attack", "POST", self.attack),
            ("/faults", "GET", self.faults),
            ("/faults/known", "GET", self.known_faults),
            ("/faults", "PUT", self.change_faults),
            ("/settings", "GET", self.settings),
            ("/settings", "PUT", self.change_settings),
        ):
            routes.add_url_rule(
                path, endpoint=view.__name__, view_func=answering_errors(view), methods=[method]
            )
        return routes

    def reset(self) -> Response:
        """Return to the state of the start."""
        self.world.reset()
        return jsonify(reset=True)

    def state(self) -> Response:
        """Show the phones, the faults, the settings and what the service is dialled under."""
        with self.world.handsets.lock:
            phones = [handset.as_json() for handset in self.world.handsets.everyone()]
        return jsonify(
            service_code=self.world.config.service_code,
            short_code=self.world.config.at_shortcode,
            business=self.world.config.at_sender_id,
            handsets=phones,
            faults=self.world.faults.as_json(),
            settings=self.world.settings.as_json(),
        )

    def idle(self) -> Response:
        """Wait until no callback, report or notification is due; 503 when time is over."""
        try:
            timeout = float(request.args.get("timeout", "5"))
        except ValueError as error:
            raise BadRequest(description="timeout must be a number of seconds") from error
        timeout = min(max(timeout, 0.0), LONGEST_WAIT_SECONDS)
        if not self.world.deliveries.wait_until_idle(timeout_seconds=timeout):
            raise ServiceUnavailable(description="something is still due")
        return jsonify(idle=True)

    def messages(self) -> Response:
        """Show every SMS of the service, or those to one phone; `after` leaves out the first."""
        to = request.args.get("to")
        phone = canonical_phone(to) if to else None
        after = request.args.get("after", "0")
        if not after.isdecimal():
            raise BadRequest(description="after must be a number of messages")
        return jsonify([sms.as_json() for sms in self.world.sms.sent_to(phone)[int(after) :]])

    def hops(self) -> Response:
        """Show what became of the last hops, never what was typed."""
        return jsonify([hop.as_json() for hop in self.world.hops.everything()])

    def pushes(self) -> Response:
        """Show every push that Daraja accepted."""
        return jsonify([push.as_json() for push in self.world.transactions.everything()])

    def callbacks(self) -> Response:
        """Show every callback with what the service answered."""
        return jsonify([callback.as_json() for callback in self.world.callbacks.everything()])

    def repeat(self, number: int) -> Response:
        """Post a callback again and answer with the statuses."""
        body = read_body(Repeat)
        callbacks = self.world.callbacks
        again = callbacks.repeat_at_once if body.at_once else callbacks.repeat
        statuses = again(number, times=body.times)
        if statuses is None:
            raise NotFound(description=f"there is no callback {number}")
        return jsonify(statuses=statuses)

    def attack(self) -> Response:
        """Post, as somebody who is not Daraja, and answer with the statuses."""
        kind = read_body(AttackOrder).kind
        return jsonify(kind=kind, statuses=[self.world.attacks.mount(kind)])

    def known_faults(self) -> Response:
        """Show every fault there is, by place, with what happens."""
        return jsonify(FAULTS)

    def faults(self) -> Response:
        """Show the faults in force."""
        return jsonify(self.world.faults.as_json())

    def change_faults(self) -> Response:
        """Put faults in force, or clear those given as null; the others stay."""
        change = read_body(FaultChange)
        for place, order in change.by_place().items():
            match order:
                case None:
                    self.world.faults.clear(place)
                case str() as name:
                    self.world.faults.put(place, _fault_named(name, change))
                case _:
                    self.world.faults.put(place, _fault(order))
        return self.faults()

    def settings(self) -> Response:
        """Show the settings."""
        return jsonify(self.world.settings.as_json())

    def change_settings(self) -> Response:
        """Change how the networks behave from now on."""
        for name, value in read_body(SettingsChange).model_dump(exclude_none=True).items():
            setattr(self.world.settings, name, value)
        return self.settings()


def _fault(order: FaultOrder) -> Fault:
    return Fault(name=order.fault, times=order.times, seconds=order.seconds, copies=order.copies)


def _fault_named(name: str, change: FaultChange) -> Fault:
    return Fault(name=name, times=change.times, seconds=change.seconds, copies=change.copies)
