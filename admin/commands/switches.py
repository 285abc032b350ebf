"""Commands that stop a kind of money, and let it run again."""

from collections.abc import Callable
from typing import Any

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
from core.database import in_transaction
from core.staff.records import find_admin
from core.switches.records import SwitchState, list_switches
from core.switches.rules import Switch
from core.switches.start import start
from core.switches.stop import stop


def group(*, database: Engine) -> click.Group:
    """The group `switch`."""

    @click.group("switch")
    def switch() -> None:
        """Kinds of money that can be stopped."""

    @switch.command("list")
    @as_json
    @plainly
    def list_(*, wants_json: bool) -> None:
        """Which kinds of money run, and why the others do not."""
        states = in_transaction(database, list_switches)
        if wants_json:
            show_json(
                [
                    {
                        "kind": one.kind.value,
                        "stopped_at": iso(one.stopped_at),
                        "why": one.why,
                        "by": one.by,
                    }
                    for one in states
                ]
            )
        else:
            show_table(
                ("Kind", "State", "Why", "By"),
                [(one.kind.value, _standing(one), one.why or "", one.by or "") for one in states],
            )

    _add_turning(switch, database)
    return switch


def _add_turning(switch: click.Group, database: Engine) -> None:
    @switch.command()
    @_naming_a_kind
    @plainly
    def off(kind: str, reason: str, email: str) -> None:
        """Stop a kind of money: no more of it can be asked for."""
        stopped = in_transaction(
            database,
            lambda c: stop(c, kind=Switch(kind), why=reason, by=find_admin(c, email=email)),
        )
        say(f"{kind.capitalize()} {'are stopped' if stopped else 'were stopped already'}.")

    @switch.command()
    @_naming_a_kind
    @plainly
    def on(kind: str, reason: str, email: str) -> None:
        """Let a kind of money run again."""
        started = in_transaction(
            database,
            lambda c: start(c, kind=Switch(kind), why=reason, by=find_admin(c, email=email)),
        )
        say(f"{kind.capitalize()} {'run again' if started else 'ran already'}.")


def _standing(state: SwitchState) -> str:
    return "runs" if state.stopped_at is None else f"stopped {minute(state.stopped_at)}"


def _naming_a_kind(command: Callable[..., Any]) -> Callable[..., Any]:
    """What both ways of turning a switch are told."""
    kind = click.argument("kind", type=click.Choice([kind.value for kind in Switch]))
    reason = click.option("--reason", required=True, help="Why, for whoever asks later.")
    return kind(reason(acting_as(command)))
