"""Carries SMS between the service and the phones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from itertools import count

from simulator.clock import Clock, gateway_date
from simulator.config import Config
from simulator.deliveries import Delayed, Deliveries
from simulator.faults import Fault, Faults
from simulator.handsets import Handset, Handsets
from simulator.identifiers import Identifiers
from simulator.outside import SERVICE_TIMEOUT_SECONDS, Reply, copies, post_form
from simulator.sms import SentSms
from simulator.sms_reports import SmsReports, reaches_the_phone


@dataclass(kw_only=True, slots=True)
class SmsNetwork:
    """Everything between the provider's desk and the phones' inboxes."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    faults: Faults
    handsets: Handsets
    deliveries: Deliveries
    reports: SmsReports
    _sent: list[SentSms] = field(default_factory=list)
    _inbound_numbers: "count[int]" = field(default_factory=lambda: count(1))

    def carry(self, *, sender: str, phone: str, text: str) -> tuple[SentSms, list[Delayed]]:
        """Put an SMS into a phone's inbox; also return its reports, due but not started."""
        fault = self.reports.fate()
        sms = SentSms(
            message_id=self.identifiers.sms_id(),
            sender=sender,
            phone=phone,
            text=text,
            at=self.clock.now(),
        )
        self._take(sms, arrives=reaches_the_phone(fault))
        return sms, self.reports.promise(sms, fault)

    def carry_for(
        self, provider: str, *, sender: str, phone: str, text: str, message_id: str
    ) -> SentSms:
        """Put an SMS of another provider into the same inbox; its report is that provider's."""
        sms = SentSms(
            message_id=message_id,
            sender=sender,
            phone=phone,
            text=text,
            at=self.clock.now(),
            provider=provider,
        )
        self._take(sms, arrives=True)
        return sms

    def send_to_service(self, handset: Handset, *, text: str) -> Reply:
        """Carry an SMS from a phone to the short code and return the service's answer."""
        with self.handsets.lock:
            handset.write(recipient=self.config.at_shortcode, text=text)
        fault = self.faults.take("sms_inbound")
        post = partial(self._post, self._form(handset, text, fault))
        match fault:
            case Fault(name="drop"):
                return _on_its_way()
            case Fault(name="delay", seconds=seconds):
                self._later(post, seconds)
                return _on_its_way()
            case Fault(name="repeat", seconds=seconds):
                self._later(post, seconds)
                return post()
            case Fault(name="duplicate", copies=times):
                return copies(post, times=times, in_turn=self.clock.stands)[0]
            case _:
                return post()

    def sent_to(self, phone: str | None) -> list[SentSms]:
        """Return what the service sent, to one phone or to all, oldest first."""
        with self.handsets.lock:
            return [sms for sms in self._sent if phone in (None, sms.phone)]

    def clear(self) -> None:
        """Forget every message."""
        with self.handsets.lock:
            self._sent.clear()

    def _take(self, sms: SentSms, *, arrives: bool) -> None:
        with self.handsets.lock:
            if arrives:
                self.handsets.get(sms.phone).receive(sender=sms.sender, text=sms.text)
            self._sent.append(sms)

    def _form(self, handset: Handset, text: str, fault: Fault | None) -> dict[str, str]:
        now = self.clock.now()
        form = {
            "date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "from": handset.phone,
            "id": f"inbound-{next(self._inbound_numbers)}-{self.identifiers.sms_id()}",
            "linkId": "",
            "text": text,
            "to": self.config.at_shortcode,
            "networkCode": handset.network_code,
        }
        match fault.name if fault else None:
            case "plain_date":
                form["date"] = gateway_date(now)
            case "no_network":
                del form["networkCode"]
            case _:
                pass
        return form

    def _post(self, form: dict[str, str]) -> Reply:
        url = f"{self.config.public_url}/sms/{self.config.at_callback_secret}/inbound"
        return post_form(url, form, timeout_seconds=SERVICE_TIMEOUT_SECONDS)

    def _later(self, post: Callable[[], Reply], seconds: float) -> None:
        self.deliveries.deliver(post, after_seconds=seconds)


def _on_its_way() -> Reply:
    return Reply(status=None, text="", headers={})
