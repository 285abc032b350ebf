"""Commands about fees and limits, each of which counts from a moment on."""

import click
from sqlalchemy import Engine

from admin.commands.config_words import as_dict, show_values
from admin.commands.speaking import acting_as, as_json, iso, plainly, say, show_json
from core.config.approve_value import approve_value
from core.config.list_values import list_values
from core.config.propose_value import propose_value
from core.config.rules import Dated
from core.database import in_transaction
from core.settings import Settings
from core.staff.records import find_admin


def group(*, database: Engine, settings: Settings) -> click.Group:
    """The group `config`."""

    @click.group("config")
    def config() -> None:
        """Fees and limits, with the moment from which each counts."""

    @config.command("list")
    @as_json
    @plainly
    def list_(*, wants_json: bool) -> None:
        """What counts now, what is coming, and where the environment differs."""
        values = in_transaction(database, lambda c: list_values(c, settings=settings))
        if wants_json:
            show_json([as_dict(value) for value in values])
        else:
            show_values(values)

    _add_propose(config, database)
    _add_approve(config, database, settings)
    return config


def _add_propose(config: click.Group, database: Engine) -> None:
    @config.command()
    @click.argument("name", type=click.Choice([name.value for name in Dated]))
    @click.argument("value", type=int)
    @click.option(
        "--from", "effective_from", required=True, help="Like 2026-12-01T00:00+03:00; to come."
    )
    @click.option("--source", required=True, help="The law or the decision it comes from.")
    @acting_as
    @plainly
    def propose(name: str, value: int, effective_from: str, source: str, email: str) -> None:
        """Propose a value; another admin must approve it before it counts."""
        value_id = in_transaction(
            database,
            lambda c: propose_value(
                c,
                name=Dated(name),
                value=value,
                effective_from=effective_from,
                source=source,
                by=find_admin(c, email=email),
            ),
        )
        say(f"Value {value_id} proposed: {name} {value}. Another admin must approve it.")


def _add_approve(config: click.Group, database: Engine, settings: Settings) -> None:
    @config.command()
    @click.argument("value_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def approve(value_id: int, email: str) -> None:
        """Let a value of another admin's count from its moment on."""
        change = in_transaction(
            database,
            lambda c: approve_value(
                c, value_id=value_id, settings=settings, by=find_admin(c, email=email)
            ),
        )
        say(f"{change.name} is {change.value} from {iso(change.effective_from)} on.")
