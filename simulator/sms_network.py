"""Carries SMS between the service and the phones, and reports what became of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from simulator.clock import Clock
from simulator.config import Config
from simulator.deliveries import Delayed, Deliveries
from simulator.handsets import NETWORK_CODE, Handset, Handsets
from simulator.identifiers import Identifiers
from simulator.outside import Reply, post_form
from simulator.segments import message_parts
from simulator.settings import Settings

SERVICE_TIMEOUT_SECONDS = 10.0


@dataclass(eq=False, kw_only=True, slots=True)
class SentSms:
    """One SMS that the service sent to one phone."""

    message_id: str
    sender: str
    phone: str
    text: str
    at: datetime
    reported: str | None = None
    provider: str = "africas_talking"

    def as_json(self) -> dict[str, object]:
        """Return the message as scripts read it."""
        return {
            "id": self.message_id,
            "from": self.sender,
            "to": self.phone,
            "text": self.text,
            "parts": message_parts(self.text),
            "at": self.at.isoformat(timespec="milliseconds"),
            "reported": self.reported,
            "provider": self.provider,
        }


class SmsNetwork:
    """Everything between the provider's desk and the phones' inboxes."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Clock,
        identifiers: Identifiers,
        settings: Settings,
        handsets: Handsets,
        deliveries: Deliveries,
    ) -> None:
        self._config = config
        self._clock = clock
        self._identifiers = identifiers
        self._settings = settings
        self._handsets = handsets
        self._deliveries = deliveries
        self._sent: list[SentSms] = []
        self._inbound_numbers = count(1)

    def carry(self, *, sender: str, phone: str, text: str) -> tuple[SentSms, Delayed | None]:
        """Put an SMS into a phone's inbox; also return its report, due but not started."""
        sms = SentSms(
            message_id=self._identifiers.sms_id(),
            sender=sender,
            phone=phone,
            text=text,
            at=self._clock.now(),
        )
        with self._handsets.lock:
            self._handsets.get(phone).receive(sender=sender, text=text)
            self._sent.append(sms)
        if not self._settings.delivery_reports:
            return sms, None
        report = self._deliveries.promise(
            lambda: self._report(sms), after_seconds=self._settings.callback_delay_seconds
        )
        return sms, report

    def carry_for(
        self, provider: str, *, sender: str, phone: str, text: str, message_id: str
    ) -> SentSms:
        """Put an SMS of another provider into the same inbox; its report is that provider's."""
        sms = SentSms(
            message_id=message_id,
            sender=sender,
            phone=phone,
            text=text,
            at=self._clock.now(),
            provider=provider,
        )
        with self._handsets.lock:
            self._handsets.get(phone).receive(sender=sender, text=text)
            self._sent.append(sms)
        return sms

    def send_to_service(self, handset: Handset, *, text: str) -> Reply:
        """Carry an SMS from a phone to the short code and return the service's answer."""
        with self._handsets.lock:
            handset.write(recipient=self._config.at_shortcode, text=text)
        form = {
            "date": self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "from": handset.phone,
            "id": f"inbound-{next(self._inbound_numbers)}-{self._identifiers.sms_id()}",
            "linkId": "",
            "text": text,
            "to": self._config.at_shortcode,
            "networkCode": NETWORK_CODE,
        }
        return post_form(self._url("inbound"), form, timeout_seconds=SERVICE_TIMEOUT_SECONDS)

    def sent_to(self, phone: str | None) -> list[SentSms]:
        """Return what the service sent, to one phone or to all, oldest first."""
        with self._handsets.lock:
            return [sms for sms in self._sent if phone in (None, sms.phone)]

    def clear(self) -> None:
        """Forget every message."""
        with self._handsets.lock:
            self._sent.clear()

    def _report(self, sms: SentSms) -> None:
        form = {
            "id": sms.message_id,
            "status": "Success",
            "phoneNumber": sms.phone,
            "networkCode": NETWORK_CODE,
            "failureReason": "",
            "retryCount": "0",
        }
        post_form(self._url("delivery"), form, timeout_seconds=SERVICE_TIMEOUT_SECONDS)
        with self._handsets.lock:
            sms.reported = form["status"]

    def _url(self, kind: str) -> str:
        return f"{self._config.public_url}/sms/{self._config.at_callback_secret}/{kind}"
