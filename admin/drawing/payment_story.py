"""The story of a payment as a timeline: what the core tells, in words and colours."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.inquiries.papers import Message
from core.provider.timeline import Event, Line

_TITLES: Final = {
    "asked for": "Asked for",
    "callback": "M-Pesa called back",
    "look": "Looked after",
    "look due": "The next look is due",
    "Transaction Status asked": "M-Pesa asked what became of it",
    "Transaction Status answered": "M-Pesa answered",
    "transfer": "Money moved",
    "paid": "Paid at M-Pesa",
    "heard of": "M-Pesa told of it",
    "decision.proposed": "A decision was proposed",
    "decision.agreed": "The decision was approved",
    "decision.withdrawn": "The proposal was taken back",
    "alarm.raised": "A person was called",
    "deposit.pushed": "The prompt was sent",
    "deposit.pending": "M-Pesa took the order",
    "deposit.unresolved": "Left to people",
    "deposit.succeeded": "In the wallet",
    "withdrawal.queued": "Ready to be sent",
    "withdrawal.accepted": "M-Pesa took the order",
    "withdrawal.manual": "Left to people",
    "paybill.suspense": "Into suspense",
    "paybill.credited": "In the wallet",
    "paybill.placed": "In the wallet",
    "deposit.proven": "M-Pesa proved it",
}
_TONES: Final = {
    "good": (
        "succeeded",
        "confirmed",
        "proven",
        "credited",
        "paid",
        "placed",
        "agreed",
        "accepted",
    ),
    "wait": ("look due", "unknown", "suspense", "proposed", "manual", "unresolved", "raised"),
    "bad": ("failed", "review", "frozen", "reversed", "rejected", "cancelled", "contested"),
}
_ACCOUNTS: Final = {
    "player_available": "wallet",
    "player_held": "held money",
    "player_clawback": "debt",
    "mpesa_collection": "M-Pesa collection",
    "mpesa_payout": "M-Pesa payout",
    "mpesa_suspense": "suspense",
    "excise_payable": "excise",
    "withholding_payable": "withholding tax",
    "fee_revenue": "fees",
}


@dataclass(frozen=True)
class Told:
    """One line of the timeline."""

    at: datetime
    title: str
    words: str
    tone: str = ""
    raw: str | None = None


def story(events: Iterable[Event], messages: Iterable[Message]) -> list[Told]:
    """All of it in its order. What was posted stays as it was kept, phones and secrets masked."""
    told = [*map(_of_event, events), *map(_of_message, messages)]
    return sorted(told, key=lambda each: each.at)


def _of_event(event: Event) -> Told:
    return Told(
        event.at, _title(event.what), _words(event), _tone(event.what), _indented(event.raw)
    )


def _words(event: Event) -> str:
    if event.lines:
        return f"{event.details}: {'; '.join(map(_spelled, event.lines))}"
    if event.what in {"look", "look due"} and event.details.isdecimal():
        return f"number {int(event.details) + 1} of the schedule"
    return event.details.replace("by_hand", "asked for by hand")


def _of_message(message: Message) -> Told:
    return Told(message.queued_at, f"SMS, {message.status}", message.body)


def _title(what: str) -> str:
    if what in _TITLES:
        return _TITLES[what]
    bare = what.rpartition(".")[2].replace("_", " ")
    return f"{bare[:1].upper()}{bare[1:]}"


def _tone(what: str) -> str:
    last = what.rpartition(".")[2]
    return next((tone for tone, names in _TONES.items() if last in names), "")


def _spelled(line: Line) -> str:
    named = _ACCOUNTS.get(line.kind, line.kind.replace("_", " "))
    sign = "" if line.amount.cents < 0 else "+"
    return f"{sign}{line.amount} {named}" + (
        "" if line.owner is None else f" of player {line.owner}"
    )


def _indented(raw: str | None) -> str | None:
    if raw is None:
        return None
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw
