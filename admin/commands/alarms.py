"""Commands about what a person must look at."""

import click
from sqlalchemy import Engine

from admin.commands.speaking import (
    acting_as,
    as_json,
    iso,
    minute,
    plainly,
    say,
    show_json,
    show_table,
)
from core.alarms.list_alarms import Alarm, all_alarms, open_alarms
from core.alarms.take_alarm import take_alarm
from core.database import in_transaction
from core.staff.records import find_admin


def group(*, database: Engine) -> click.Group:
    """The group `alarm`."""

    @click.group("alarm")
    def alarm() -> None:
        """What a person must look at."""

    @alarm.command("list")
    @click.option("--all", "everything", is_flag=True, help="Also those that somebody took.")
    @as_json
    @plainly
    def list_(*, everything: bool, wants_json: bool) -> None:
        """The alarms that nobody has taken."""
        found = in_transaction(database, all_alarms if everything else open_alarms)
        if wants_json:
            show_json([_as_dict(one) for one in found])
        else:
            _show(found)

    @alarm.command()
    @click.argument("alarm_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def take(alarm_id: int, email: str) -> None:
        """Put a name on an alarm."""
        in_transaction(
            database,
            lambda c: take_alarm(c, alarm_id=alarm_id, by=find_admin(c, email=email)),
        )
        say(f"Alarm {alarm_id} is taken. The same trouble will raise another.")

    return alarm


def _as_dict(alarm: Alarm) -> dict[str, object]:
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "subject": alarm.subject,
        "why": alarm.why,
        "raised_at": iso(alarm.raised_at),
        "times": alarm.times,
        "last_at": iso(alarm.last_at),
        "taken_by": alarm.taken_by,
        "taken_at": iso(alarm.taken_at),
    }


def _show(alarms: list[Alarm]) -> None:
    if not alarms:
        say("No alarms.")
        return
    show_table(
        ("ID", "About", "Why", "Since", "Times", "Taken by"),
        [
            (
                one.id,
                one.subject,
                one.why,
                minute(one.raised_at),
                one.times,
                one.taken_by or "",
            )
            for one in alarms
        ],
    )
