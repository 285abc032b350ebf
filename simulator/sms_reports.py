"""What the network reports of an SMS: once or several times, in any order, or never."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from simulator.clock import Clock
from simulator.config import Config
from simulator.deliveries import Delayed, Deliveries
from simulator.faults import Fault, Faults
from simulator.identifiers import Identifiers
from simulator.outside import SERVICE_TIMEOUT_SECONDS, copies, post_form
from simulator.phones import AIRTEL, SAFARICOM
from simulator.settings import Settings
from simulator.sms import SentSms
from simulator.sms_faults import FAILURE_REASONS

SUCCESS, FAILED, EXPIRED = "Success", "Failed", "Expired"
INTERIM = ("Sent", "Submitted", "Buffered")
# On none of the provider's pages; seen nowhere, which is the point of it.
UNKNOWN_STATUS, UNKNOWN_NETWORK = "Dispatched", "63900"
_ALL_IN_TURN = (*INTERIM, SUCCESS)
_STATUSES = {
    "interim": _ALL_IN_TURN,
    "failed": (FAILED,),
    "expired": (EXPIRED,),
    "unknown_status": (UNKNOWN_STATUS,),
}
# The message with these never arrives.
_LOST = {
    "failed",
    "expired",
    *(f"{status.lower()}_{reason}" for reason, status in FAILURE_REASONS.items()),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One report as it will be posted."""

    id: str
    status: str
    phone: str
    network: str
    reason: str = ""


@dataclass(kw_only=True, slots=True)
class SmsReports:
    """Reports what became of each SMS, as the fault in force has it."""

    config: Config
    clock: Clock
    chance: random.Random
    identifiers: Identifiers
    settings: Settings
    faults: Faults
    deliveries: Deliveries

    def fate(self) -> Fault | None:
        """Return what goes wrong with the reports of the next SMS, using it up."""
        return self.faults.take("sms_report") if self.settings.delivery_reports else None

    def promise(self, sms: SentSms, fault: Fault | None) -> list[Delayed]:
        """Return the reports of an SMS, due but not started.

        What comes before the answer is posted here, on the thread of the order.
        """
        if not self.settings.delivery_reports:
            return []
        usual = self.settings.callback_delay_seconds
        match fault:
            case Fault(name="drop"):
                return []
            case Fault(name="before_answer"):
                self._post(sms, _reports(sms, SUCCESS))
                return []
            case Fault(name="delay", seconds=seconds):
                return [self._later(sms, _reports(sms, SUCCESS), seconds)]
            case Fault(name="duplicate", copies=copies):
                return [self._promised(partial(self._post_copies, sms, copies), usual)]
            case Fault(name="failure_after_success", seconds=seconds):
                return self._both(sms, (SUCCESS, FAILED), seconds)
            case Fault(name="success_after_failure", seconds=seconds):
                return self._both(sms, (FAILED, SUCCESS), seconds)
            case _:
                return [self._later(sms, self._told(sms, fault), usual)]

    def _told(self, sms: SentSms, fault: Fault | None) -> Sequence[Report]:
        name = fault.name if fault else ""
        if name == "shuffle":
            return _reports(sms, *self.chance.sample(_ALL_IN_TURN, k=len(_ALL_IN_TURN)))
        reports = _reports(sms, *_STATUSES.get(name, (SUCCESS,)))
        return [self._misworded(report, name) for report in reports]

    def _misworded(self, report: Report, fault: str) -> Report:
        match fault:
            case "another_network":
                other = SAFARICOM if report.network != SAFARICOM else AIRTEL
                return replace(report, network=other)
            case "unknown_network":
                return replace(report, network=UNKNOWN_NETWORK)
            case "wrong_phone":
                return replace(report, phone=_neighbour(report.phone))
            case "unknown_id":
                return replace(report, id=self.identifiers.sms_id())
            case str() if (reason := fault.partition("_")[2]) in FAILURE_REASONS:
                return replace(report, status=FAILURE_REASONS[reason], reason=reason)
            case _:
                return report

    def _both(self, sms: SentSms, statuses: tuple[str, str], seconds: float) -> list[Delayed]:
        usual = self.settings.callback_delay_seconds
        first, second = (_reports(sms, status) for status in statuses)
        return [self._later(sms, first, usual), self._later(sms, second, usual + seconds)]

    def _later(self, sms: SentSms, reports: Sequence[Report], seconds: float) -> Delayed:
        return self._promised(partial(self._post, sms, reports), seconds)

    def _promised(self, action: "partial[None]", seconds: float) -> Delayed:
        return self.deliveries.promise(action, after_seconds=seconds)

    def _post_copies(self, sms: SentSms, times: int) -> None:
        post = partial(self._post, sms, _reports(sms, SUCCESS))
        copies(post, times=times, in_turn=self.clock.stands)

    def _post(self, sms: SentSms, reports: Sequence[Report]) -> None:
        url = f"{self.config.public_url}/sms/{self.config.at_callback_secret}/delivery"
        for report in reports:
            form = {
                "id": report.id,
                "status": report.status,
                "phoneNumber": report.phone,
                "networkCode": report.network,
                "failureReason": report.reason,
                "retryCount": "0",
            }
            post_form(url, form, timeout_seconds=SERVICE_TIMEOUT_SECONDS)
            sms.reported = report.status


def reaches_the_phone(fault: Fault | None) -> bool:
    """Tell whether an SMS whose reports meet this fault arrives."""
    return fault is None or fault.name not in _LOST


def _reports(sms: SentSms, *statuses: str) -> tuple[Report, ...]:
    return tuple(
        Report(id=sms.message_id, status=status, phone=sms.phone, network=sms.network)
        for status in statuses
    )


def _neighbour(phone: str) -> str:
    """The same number with another last digit."""
    return phone[:-1] + str((int(phone[-1]) + 1) % 10)
