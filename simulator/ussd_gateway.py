"""The USSD gateway: carries what a phone dials and types to the service, page by page."""

from datetime import datetime

from simulator.clock import Clock, gateway_date
from simulator.config import Config
from simulator.deliveries import Deliveries
from simulator.handsets import Dialog, Handset, Handsets
from simulator.hops import (
    APPLICATION_DEADLINE_SECONDS,
    METADATA_HEADER,
    AnswerLost,
    Arrival,
    HopLost,
    Hops,
)
from simulator.identifiers import Identifiers
from simulator.outside import Reply, post_form
from simulator.settings import Settings

# What Safaricom's network shows when the application fails.
NETWORK_ERROR = "Connection problem or invalid MMI code."
UNKNOWN_APPLICATION = "Unknown application. Check the code and dial again."
TIMED_OUT = "Session timed out. Dial again to start over."


class NoDialogError(Exception):
    """The phone has no open dialog that waits for input."""


class UssdGateway:
    """Opens, carries on and ends the dialogs of all phones."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Clock,
        identifiers: Identifiers,
        settings: Settings,
        handsets: Handsets,
        deliveries: Deliveries,
        hops: Hops,
    ) -> None:
        self._config = config
        self._clock = clock
        self._identifiers = identifiers
        self._settings = settings
        self._handsets = handsets
        self._deliveries = deliveries
        self._hops = hops

    def dial(self, handset: Handset, *, code: str) -> Dialog:
        """Dial a code and wait for the first page; an open dialog is hung up before."""
        self.hang_up(handset)
        inputs = self._dialled_inputs(code)
        dialog = Dialog(
            session_id=self._identifiers.ussd_session_id(),
            code=code,
            started_at=self._clock.now(),
        )
        with self._handsets.lock:
            handset.dialog = dialog
            if inputs is None:
                dialog.open = False
                dialog.text = UNKNOWN_APPLICATION
                return dialog
            self._place_digits(dialog, inputs)
            dialog.waiting = True
            dialog.life = self._deliveries.time_out(
                lambda: self._time_out(handset, dialog),
                after_seconds=self._settings.session_life_seconds,
            )
        self._hop(handset, dialog)
        return dialog

    def type(self, handset: Handset, *, keys: str) -> Dialog:
        """Send what was typed and wait for the next page. Raises NoDialogError."""
        with self._handsets.lock:
            dialog = handset.dialog
            if dialog is None or not dialog.open:
                message = "no USSD dialog is open on this phone"
                raise NoDialogError(message)
            if dialog.waiting:
                message = "the phone is still waiting for a page"
                raise NoDialogError(message)
            dialog.inputs.append(keys)
            dialog.waiting = True
        self._hop(handset, dialog)
        return dialog

    def hang_up(self, handset: Handset) -> None:
        """End the open dialog, or dismiss the last page; repeated, change nothing."""
        with self._handsets.lock:
            dialog, handset.dialog = handset.dialog, None
            if dialog is not None and dialog.open:
                self._end(handset, dialog, status="Incomplete")

    def _dialled_inputs(self, code: str) -> list[str] | None:
        """Return what was dialled beyond the service code; None for a code of nobody."""
        if code == self._config.service_code:
            return []
        stem = self._config.service_code.removesuffix("#") + "*"
        if not (code.startswith(stem) and code.endswith("#")):
            return None
        return code[len(stem) : -1].split("*")

    def _place_digits(self, dialog: Dialog, inputs: list[str]) -> None:
        dialog.service_code = self._config.service_code
        match self._settings.dialled_digits:
            case "text":
                dialog.inputs = inputs
            case "service_code":
                dialog.service_code = dialog.code

    def _hop(self, handset: Handset, dialog: Dialog) -> None:
        with self._handsets.lock:
            form = {
                "sessionId": dialog.session_id,
                "serviceCode": dialog.service_code,
                "phoneNumber": handset.phone,
                "networkCode": handset.network_code,
                "text": "*".join(dialog.inputs),
            }
            label = dialog.hop_metadata[-1] if dialog.hop_metadata else ""
        arrival = self._hops.carry(form, label=label)
        with self._handsets.lock:
            # The person may have hung up while the page was on its way.
            if dialog.open:
                self._receive(handset, dialog, arrival)

    def _receive(self, handset: Handset, dialog: Dialog, arrival: Arrival) -> None:
        dialog.waiting = False
        match arrival:
            case Reply():
                dialog.hops += 1
                self._show(handset, dialog, arrival)
            case AnswerLost():
                dialog.hops += 1
                dialog.text = NETWORK_ERROR
                self._end(handset, dialog, status="Failed", error="No response received")
            case HopLost():
                dialog.text = NETWORK_ERROR
                self._end(handset, dialog, status="Incomplete")

    def _show(self, handset: Handset, dialog: Dialog, reply: Reply) -> None:
        dialog.hop_metadata.append(reply.headers.get(METADATA_HEADER, ""))
        dialog.last_app_response = reply.text
        kind, text = reply.text[:4], reply.text[4:]
        if reply.status == 200 and kind == "CON ":  # noqa: PLR2004 - HTTP's own number
            dialog.text = text
        elif reply.status == 200 and kind == "END ":  # noqa: PLR2004 - HTTP's own number
            dialog.text = text
            self._end(handset, dialog, status="Success")
        else:
            dialog.text = NETWORK_ERROR
            self._end(handset, dialog, status="Failed", error=_failure(reply))

    def _time_out(self, handset: Handset, dialog: Dialog) -> None:
        with self._handsets.lock:
            if dialog.open:
                dialog.text = TIMED_OUT
                self._end(handset, dialog, status="Incomplete")

    def _end(self, handset: Handset, dialog: Dialog, *, status: str, error: str = "") -> None:
        dialog.open = False
        dialog.waiting = False
        if dialog.life is not None:
            dialog.life.cancel()
        if not self._settings.end_notifications:
            return
        form = self._end_form(handset, dialog, status=status, error=error)
        self._deliveries.deliver(
            lambda: self._notify(form), after_seconds=self._settings.callback_delay_seconds
        )

    def _end_form(
        self, handset: Handset, dialog: Dialog, *, status: str, error: str
    ) -> dict[str, str]:
        """Fields of the end-of-session notification (provider's page ussd/notifications)."""
        now = self._clock.now()
        form = {
            "date": gateway_date(now),
            "sessionId": dialog.session_id,
            "serviceCode": dialog.service_code,
            "networkCode": handset.network_code,
            "phoneNumber": handset.phone,
            "status": status,
            "cost": "KES 0.0000",
            "durationInMillis": _milliseconds(dialog.started_at, now),
            "hopsCount": str(dialog.hops),
            "hopsMetadata": "|".join(label for label in dialog.hop_metadata if label),
            "input": "*".join(dialog.inputs),
            "lastAppResponse": dialog.last_app_response,
        }
        return form | ({"errorMessage": error} if error else {})

    def _notify(self, form: dict[str, str]) -> None:
        url = f"{self._config.public_url}/ussd/{self._config.at_callback_secret}/events"
        post_form(url, form, timeout_seconds=APPLICATION_DEADLINE_SECONDS)


def _failure(reply: Reply) -> str:
    if reply.status is None:
        return f"No response received: {reply.text}"
    return f"Received unexpected response code: {reply.status}"


def _milliseconds(start: datetime, end: datetime) -> str:
    return str(int((end - start).total_seconds() * 1000))
