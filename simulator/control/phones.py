"""Routes that do to a phone what a person does with it."""

from dataclasses import dataclass

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import BadRequest

from simulator.control.bodies import (
    Dialled,
    HandsetChange,
    PromptReply,
    Read,
    Typed,
    Written,
    answering_errors,
    read_body,
)
from simulator.daraja.stk_results import Result
from simulator.handsets import Dialog, Handset
from simulator.phones import canonical_phone
from simulator.world import World


@dataclass(kw_only=True, slots=True)
class PhoneRoutes:
    """The routes under /control/handsets."""

    world: World

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("phones", __name__, url_prefix="/control/handsets")
        rule = "/<phone>"
        for path, method, view in (
            ("", "GET", self.all_phones),
            (rule, "GET", self.show),
            (rule, "PUT", self.change),
            (f"{rule}/dial", "POST", self.dial),
            (f"{rule}/type", "POST", self.type),
            (f"{rule}/hang-up", "POST", self.hang_up),
            (f"{rule}/sms", "POST", self.write),
            (f"{rule}/read", "POST", self.read),
            (f"{rule}/prompt", "POST", self.reply),
        ):
            routes.add_url_rule(
                path, endpoint=view.__name__, view_func=answering_errors(view), methods=[method]
            )
        return routes

    def all_phones(self) -> Response:
        """Show every phone."""
        with self.world.handsets.lock:
            return jsonify([handset.as_json() for handset in self.world.handsets.everyone()])

    def show(self, phone: str) -> Response:
        """Show one phone, which is made where it is new."""
        return self._state(self._handset(phone))

    def change(self, phone: str) -> Response:
        """Set what the person will answer, the wallet, the PIN, the blacklist or the SIM."""
        handset, change = self._handset(phone), read_body(HandsetChange)
        with self.world.handsets.lock:
            for name, value in change.model_dump(exclude_none=True).items():
                setattr(handset, name, value)
            if "sim_swapped_on" in change.model_fields_set:
                handset.sim_swapped_on = change.sim_swapped_on
        return self._state(handset)

    def dial(self, phone: str) -> Response:
        """Dial a code and answer with the first page."""
        handset, body = self._handset(phone), read_body(Dialled)
        return self._page(self.world.gateway.dial(handset, code=body.code))

    def type(self, phone: str) -> Response:
        """Send what is typed and answer with the next page."""
        handset, body = self._handset(phone), read_body(Typed)
        return self._page(self.world.gateway.type(handset, keys=body.keys))

    def hang_up(self, phone: str) -> Response:
        """End the dialog, or dismiss its last page."""
        handset = self._handset(phone)
        self.world.gateway.hang_up(handset)
        return self._state(handset)

    def write(self, phone: str) -> Response:
        """Send SMS to the short code and answer with what the service said to the last."""
        handset, body = self._handset(phone), read_body(Written)
        statuses = [
            self.world.sms.send_to_service(handset, text=body.text).status
            for _ in range(body.times)
        ]
        return jsonify(status=statuses[-1])

    def read(self, phone: str) -> Response:
        """Note that a message has been opened."""
        handset, body = self._handset(phone), read_body(Read)
        with self.world.handsets.lock:
            for message in handset.inbox:
                message.read = message.read or message.number == body.message
        return self._state(handset)

    def reply(self, phone: str) -> Response:
        """Answer the M-Pesa prompt on the screen."""
        handset, body = self._handset(phone), read_body(PromptReply)
        result = self._reply(handset, body)
        return jsonify(result_code=result.code, result=result.callback_words)

    def _reply(self, handset: Handset, body: PromptReply) -> Result:
        prompts = self.world.prompts
        match body.pin, body.answer:
            case str() as pin, None:
                return prompts.enter_pin(handset, pin=pin)
            case None, "approve":
                return prompts.enter_pin(handset, pin=handset.mpesa_pin)
            case None, "cancel":
                return prompts.cancel(handset)
            case None, "ignore":
                return prompts.run_out(handset)
            case _:
                raise BadRequest(description="give either a pin or an answer")

    def _handset(self, phone: str) -> Handset:
        return self.world.handsets.get(canonical_phone(phone))

    def _state(self, handset: Handset) -> Response:
        with self.world.handsets.lock:
            return jsonify(handset.as_json())

    def _page(self, dialog: Dialog) -> Response:
        with self.world.handsets.lock:
            return jsonify(dialog.as_json())
