"""Puts the providers' routes, the control routes and the page on one Flask application."""

import flask
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from simulator.config import Config, config_from_environment
from simulator.control.money import MoneyRoutes
from simulator.control.networks import NetworkRoutes
from simulator.control.phones import PhoneRoutes
from simulator.control.staff import StaffRoutes
from simulator.control.time_and_chance import TimeAndChanceRoutes
from simulator.daraja.desks import money_blueprints
from simulator.daraja.push import PushDesk
from simulator.daraja.query import QueryDesk
from simulator.daraja.refusals import METHOD_NOT_ALLOWED, RESOURCE_NOT_FOUND
from simulator.infobip import InfobipDesk
from simulator.messaging import MessagingDesk
from simulator.pages import harden, pages_blueprint
from simulator.sim_swap import SimSwapDesk
from simulator.world import World

MAX_BODY_BYTES = 1_000_000
DARAJA_PATHS = ("/mpesa/", "/oauth/", "/pulltransactions/", "/imsi/")


def create_app(config: Config | None = None) -> Flask:
    """Build the simulator; without a config it reads the environment. Raises ConfigError."""
    world = World(config or config_from_environment())
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # only the default provider has it
    app.extensions["simulator"] = world
    messaging = MessagingDesk(
        config=world.config,
        faults=world.faults,
        handsets=world.handsets,
        network=world.sms,
        closing=world.closing,
    )
    for blueprint in (
        messaging.blueprint(),
        _infobip_desk(world).blueprint(),
        world.access.blueprint(),
        _push_desk(world).blueprint(),
        _query_desk(world).blueprint(),
        PhoneRoutes(world=world).blueprint(),
        NetworkRoutes(world=world).blueprint(),
        TimeAndChanceRoutes(world=world).blueprint(),
        MoneyRoutes(world=world).blueprint(),
        StaffRoutes(world=world).blueprint(),
        *money_blueprints(world.network, world.money),
        _sim_swap_desk(world).blueprint(),
        pages_blueprint(),
    ):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _http_error)
    app.after_request(harden)
    return app


def _infobip_desk(world: World) -> InfobipDesk:
    return InfobipDesk(
        config=world.config,
        clock=world.clock,
        identifiers=world.identifiers,
        settings=world.settings,
        faults=world.faults,
        handsets=world.handsets,
        network=world.sms,
        deliveries=world.deliveries,
        closing=world.closing,
    )


def _push_desk(world: World) -> PushDesk:
    return PushDesk(
        config=world.config,
        settings=world.settings,
        clock=world.clock,
        faults=world.faults,
        access=world.access,
        transactions=world.transactions,
        prompts=world.prompts,
        callbacks=world.stk_callbacks,
        deliveries=world.deliveries,
        closing=world.closing,
    )


def _sim_swap_desk(world: World) -> SimSwapDesk:
    return SimSwapDesk(
        config=world.config,
        identifiers=world.identifiers,
        settings=world.settings,
        faults=world.faults,
        handsets=world.handsets,
        callbacks=world.callbacks,
        deliveries=world.deliveries,
    )


def _query_desk(world: World) -> QueryDesk:
    return QueryDesk(
        config=world.config,
        settings=world.settings,
        clock=world.clock,
        faults=world.faults,
        access=world.access,
        transactions=world.transactions,
    )


def _http_error(error: HTTPException) -> flask.typing.ResponseReturnValue:
    if request.path.startswith(DARAJA_PATHS):
        wrong_method = isinstance(error, MethodNotAllowed)
        return (METHOD_NOT_ALLOWED if wrong_method else RESOURCE_NOT_FOUND).answer()
    if request.path.startswith("/control/"):
        return jsonify(error=error.description), error.code or 500
    return Response(error.get_body(), error.code, content_type="text/html; charset=utf-8")
