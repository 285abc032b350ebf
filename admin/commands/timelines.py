"""What happened to one payment, as every command about one shows it."""

from collections.abc import Sequence

from admin.commands.speaking import iso, show_table
from core.clock import in_nairobi
from core.provider.timeline import Event


def as_dicts(events: Sequence[Event]) -> list[dict[str, object]]:
    """The events for a program; what only some have is left out where it is not."""
    return [_as_dict(event) for event in events]


def show_timeline(events: Sequence[Event]) -> None:
    """The same as a table; what was posted as it was kept is for `--json` alone."""
    show_table(
        ("When", "What", "Details"),
        [(f"{in_nairobi(e.at):%d %b %H:%M:%S}", e.what, _details(e)) for e in events],
    )


def _as_dict(event: Event) -> dict[str, object]:
    told: dict[str, object] = {"at": iso(event.at), "what": event.what, "details": event.details}
    if event.raw is not None:
        told["raw"] = event.raw
    if event.lines:
        told["lines"] = [
            {"account": line.account, "cents": line.amount.cents} for line in event.lines
        ]
    return told


def _details(event: Event) -> str:
    lines = ", ".join(str(line) for line in event.lines)
    return f"{event.details}: {lines}" if lines else event.details
