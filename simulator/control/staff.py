"""The route that shows what the phones of a demo's staff show."""

import time
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify

from simulator.control.bodies import answering_errors
from simulator.staff_phones import seconds_left
from simulator.world import World


@dataclass(kw_only=True, slots=True)
class StaffRoutes:
    """The route /control/staff-codes."""

    world: World

    def blueprint(self) -> Blueprint:
        """Return the route."""
        routes = Blueprint("staff", __name__, url_prefix="/control")
        routes.add_url_rule("/staff-codes", view_func=answering_errors(self.staff_codes))
        return routes

    def staff_codes(self) -> Response:
        """Show each one-time code; an empty list where nobody's phone is here.

        By the machine's time: the service that checks them knows nothing of a clock that stands.
        """
        now = time.time()
        return jsonify(
            [
                {
                    "email": phone.email,
                    "code": phone.code_at(now),
                    "seconds_left": seconds_left(now),
                }
                for phone in self.world.config.staff_phones
            ]
        )
