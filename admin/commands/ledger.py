"""Commands about the books."""

import click
from sqlalchemy import Engine

from admin.commands.speaking import (
    as_json,
    iso,
    minute,
    plainly,
    say,
    second,
    show_json,
    show_table,
)
from core.database import in_transaction
from core.ledger.audit import verify as verify_ledger
from core.ledger.groups import INVARIANTS
from core.watch.records import Standing, State, list_standings


def group(*, database: Engine) -> click.Group:
    """The group `ledger`."""

    @click.group("ledger")
    def ledger() -> None:
        """The books."""

    @ledger.command()
    @plainly
    def verify() -> None:
        """Check every invariant; status 1 and the list where one fails."""
        with database.connect() as connection:
            violations = verify_ledger(connection)
        for violation in violations:
            say(f"{violation.name}: {violation.detail}")
        if violations:
            raise click.ClickException(f"{len(violations)} violations of the ledger's invariants.")
        say(f"The ledger is sound: {len(INVARIANTS)} invariants hold.")

    _add_watching(ledger, database)
    return ledger


def _add_watching(ledger: click.Group, database: Engine) -> None:
    @ledger.command()
    @as_json
    @plainly
    def invariants(*, wants_json: bool) -> None:
        """What the worker has seen of each invariant; status 1 unless all were seen to hold."""
        found = in_transaction(database, list_standings)
        if wants_json:
            show_json([_as_dict(one) for one in found])
        else:
            _show(found)
        red = sum(one.state is not State.HOLDS for one in found)
        if red:
            raise click.ClickException(f"{red} of {len(found)} invariants were not seen to hold.")


def _as_dict(one: Standing) -> dict[str, object]:
    return {
        "name": one.name,
        "state": one.state.value,
        "checked_at": iso(one.checked_at),
        "seconds": round(one.seconds, 3),
        "violations": one.violations,
        "details": list(one.details),
        "unbroken_since": iso(one.unbroken_since),
        "broken_since": iso(one.broken_since),
        "error": one.error,
    }


def _show(found: list[Standing]) -> None:
    show_table(
        ("Invariant", "State", "Checked", "Took", "Since"),
        [
            (
                one.name,
                one.state.value,
                "never" if one.checked_at is None else second(one.checked_at),
                f"{one.seconds:.3f} s",
                minute(since) if (since := one.broken_since or one.unbroken_since) else "",
            )
            for one in found
        ],
    )
    for one in found:
        for line in (*one.details, *([one.error] if one.error else [])):
            say(f"{one.name}: {line}")
