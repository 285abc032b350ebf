"""Commands about the books."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from sqlalchemy import Engine

from admin.commands.books import add_books
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
from core.seal import verify_chain as chain
from core.watch.records import Standing, State, list_standings

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.ASCII | re.IGNORECASE)


def group(*, database: Engine) -> click.Group:
    """The group `ledger`."""

    @click.group("ledger")
    def ledger() -> None:
        """The books."""

    @ledger.command()
    @click.option("--head", "kept", help="A head that somebody kept, as NUMBER:HASH.")
    @plainly
    def verify(kept: str | None) -> None:
        """Compute the chain again and check every invariant; status 1 and the list where one fails.

        With --head, the block of that number must still have that hash.
        """
        known = None if kept is None else _parse_head(kept)
        with database.connect() as connection, _progress() as progress:
            checked = chain.verify_chain(connection, progress=progress, known=known)
        with database.connect() as connection:
            violations = verify_ledger(connection)
        for violation in checked.faults + violations:
            say(f"{violation.name}: {violation.detail}")
        faults, broken = len(checked.faults), len(violations)
        if faults:
            raise click.ClickException(
                f"{faults} faults of the chain, {broken} violations of the ledger's invariants."
            )
        if broken:
            raise click.ClickException(f"{broken} violations of the ledger's invariants.")
        say(f"The ledger is sound: {len(INVARIANTS)} invariants hold.")
        say(
            f"The chain is whole: {checked.blocks} blocks seal {checked.transfers} transfers and"
            f" {checked.events} audit events."
        )
        if checked.blocks:
            say(f"Its head is {checked.blocks}:{checked.head}")

    _add_watching(ledger, database)
    add_books(ledger, database)
    return ledger


@contextmanager
def _progress() -> Iterator[chain.Progress]:
    """A bar on a terminal, and nothing where nobody watches."""
    bar = Progress(
        "Hashing",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, everything: bar.update(task, completed=done, total=everything)


def _parse_head(kept: str) -> chain.Head:
    found = _HEAD.fullmatch(kept.strip())
    if found is None:
        raise click.BadParameter(
            "write it as NUMBER:HASH, all 64 digits of it", param_hint="--head"
        )
    return chain.Head(int(found[1]), found[2].lower())


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
