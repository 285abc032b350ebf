"""What the commands about SMS print."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from admin.commands.speaking import iso, say, second, show_table
from core.notices.costs import Cost
from core.notices.delivery import QUANTILES, Delivery
from core.notices.list_messages import Message, Report
from core.notices.networks import network_name

A_CODE = "(a code: its words are kept nowhere)"
_MOMENTS = ("queued_at", "sent_at", "accepted_at", "reported_at", "shown_at")


def as_dict(one: Message) -> dict[str, object]:
    """A message as JSON."""
    return {
        "id": one.id,
        "phone": one.phone,
        "kind": one.kind,
        "state": one.status,
        "failure": one.failure,
        "body": one.body,
        "provider": one.provider,
        "provider_id": one.provider_id,
        "network": one.network,
        "cost": one.cost,
        "parts": one.parts,
        "counted_parts": one.counted_parts,
        **{name: iso(getattr(one, name)) for name in _MOMENTS},
        "resend_of": one.resend_of,
        "resent_as": one.resent_as,
    }


def report_as_dict(report: Report) -> dict[str, object]:
    """A delivery report as JSON."""
    return {
        "status": report.status,
        "failure": report.failure,
        "network": report.network,
        "times": report.times,
        "first_at": iso(report.first_at),
    }


def show_messages(found: Sequence[Message]) -> None:
    """Messages for people, without their words."""
    show_table(
        ("ID", "When", "Phone", "Kind", "State", "Why", "Network", "Cost"),
        [
            (
                one.id,
                second(one.queued_at),
                one.phone,
                one.kind,
                one.status,
                one.failure or "",
                "" if one.network is None else network_name(one.network),
                one.cost or "",
            )
            for one in found
        ],
    )


def show_message(one: Message, reports: Sequence[Report]) -> None:
    """All that is known of one."""
    told = as_dict(one)
    del told["id"]
    told["body"] = A_CODE if one.body is None else one.body
    if one.network is not None:
        told["network"] = f"{network_name(one.network)} ({one.network})"
    rows = [(name, value) for name, value in told.items() if value]
    show_table(("SMS", str(one.id)), rows)
    if reports:
        show_table(
            ("First at", "Status", "Why", "Network", "Times"),
            [
                (
                    second(each.first_at),
                    each.status,
                    each.failure or "",
                    each.network or "",
                    each.times,
                )
                for each in reports
            ],
            title="Delivery reports",
        )


def cost_as_dict(cost: Cost) -> dict[str, object]:
    """A line of the costs as JSON; amounts are texts, so that no digit is lost."""
    priced = cost.currency is not None
    return {
        "day": cost.day.isoformat(),
        "kind": cost.kind,
        "network": cost.network,
        "currency": cost.currency,
        "messages": cost.messages,
        "parts": cost.parts,
        "total": _amount(cost.total) if priced else None,
        "each": _amount(cost.each) if priced else None,
    }


def show_costs(found: Sequence[Cost]) -> None:
    """The costs for people, and their sum in each currency."""
    show_table(
        ("Day", "Kind", "Network", "SMS", "Parts", "Total", "Each"),
        [
            (
                cost.day,
                cost.kind,
                network_name(cost.network),
                cost.messages,
                cost.parts,
                _priced(cost.total, cost.currency),
                _priced(cost.each, cost.currency),
            )
            for cost in found
        ],
    )
    totals: Counter[str] = Counter()
    sums: dict[str, Decimal] = {}
    for cost in found:
        if cost.currency is not None:
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.total
            totals[cost.currency] += cost.messages
    for currency, total in sorted(sums.items()):
        say(f"{_priced(total, currency)} for {totals[currency]} SMS.")


def delivery_as_dict(one: Delivery) -> dict[str, object]:
    """Times to deliver as JSON, in seconds."""
    names = (f"p{round(quantile * 100)}_seconds" for quantile in QUANTILES)
    times = one.seconds or (None,) * len(QUANTILES)
    return {
        "provider": one.provider,
        "network": one.network,
        "delivered": one.delivered,
        "undelivered": one.undelivered,
        "share_delivered": round(one.share_delivered, 4),
        **{
            name: None if seconds is None else round(seconds, 1)
            for name, seconds in zip(names, times, strict=True)
        },
    }


def show_deliveries(found: Sequence[Delivery]) -> None:
    """The same for people."""
    show_table(
        ("Provider", "Network", "Delivered", "Not", "Share", "Half within", "90 %", "99 %"),
        [
            (
                one.provider or "unknown",
                network_name(one.network),
                one.delivered,
                one.undelivered,
                f"{one.share_delivered:.1%}",
                *(f"{seconds:.1f} s" for seconds in one.seconds),
                *("" for _ in QUANTILES if not one.seconds),
            )
            for one in found
        ],
    )


def _priced(amount: Decimal, currency: str | None) -> str:
    return "no price" if currency is None else f"{currency} {_amount(amount)}"


def _amount(amount: Decimal) -> str:
    return f"{amount:.4f}"
