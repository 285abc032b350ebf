"""Commands about the providers of SMS: who carries, and a person's word on it."""

import click
from sqlalchemy import Connection, Engine

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
from core.carriers.records import Carried, tally_of, who_carries
from core.carriers.rules import Carrier, Tally
from core.carriers.use_carrier import let_service_choose, use_carrier
from core.database import in_transaction
from core.staff.records import find_admin

AUTO = "auto"


def add_route_commands(sms: click.Group, *, database: Engine) -> None:
    """Add `route` and `use` to the group `sms`."""

    @sms.command("route")
    @as_json
    @plainly
    def route(*, wants_json: bool) -> None:
        """Who carries the SMS, why, and how both providers did lately."""
        carried, tallies = in_transaction(database, _standing)
        if wants_json:
            show_json(_as_dict(carried, tallies))
        else:
            _show(carried, tallies)

    @sms.command("use")
    @click.argument("provider", type=click.Choice([*(one.value for one in Carrier), AUTO]))
    @click.option("--why", required=True, help="Why, for whoever asks later.")
    @acting_as
    @plainly
    def use(provider: str, why: str, email: str) -> None:
        """Let all SMS go by one provider, whatever happens; `auto` takes that back."""

        def decide(connection: Connection) -> bool:
            by = find_admin(connection, email=email)
            if provider == AUTO:
                return let_service_choose(connection, why=why, by=by)
            return use_carrier(connection, carrier=Carrier(provider), why=why, by=by)

        changed = in_transaction(database, decide)
        what = "The service chooses" if provider == AUTO else f"SMS go by {provider} alone"
        say(f"{what} {'from now on' if changed else 'already'}.")


def _standing(connection: Connection) -> tuple[Carried, dict[Carrier, Tally]]:
    carried = who_carries(connection)
    return carried, {one: tally_of(connection, carrier=one, carried=carried) for one in Carrier}


def _as_dict(carried: Carried, tallies: dict[Carrier, Tally]) -> dict[str, object]:
    return {
        "carrier": carried.carrier,
        "since": iso(carried.since),
        "why": carried.why,
        "forced_by": carried.forced_by,
        "lately": {
            one: {
                "accepted": tally.accepted,
                "failures": tally.failures,
                "judged": tally.judged,
                "slow": tally.slow,
            }
            for one, tally in tallies.items()
        },
    }


def _show(carried: Carried, tallies: dict[Carrier, Tally]) -> None:
    forced = f" {carried.forced_by} decided so." if carried.forced_by else ""
    why, since = carried.why.removesuffix("."), minute(carried.since)
    say(f"SMS go by {carried.carrier.known_as} since {since}. {why}.{forced}")
    show_table(
        ("Provider", "Accepted", "Failed", "Late reports"),
        [
            (one, tally.accepted, tally.failures, f"{tally.slow} of {tally.judged}")
            for one, tally in tallies.items()
        ],
    )
