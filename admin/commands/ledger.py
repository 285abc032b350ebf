"""Commands about the books."""

import click
from sqlalchemy import Engine

from admin.commands.books import add_books
from admin.commands.speaking import plainly, say
from core.ledger.audit import verify as verify_ledger
from core.ledger.invariants import INVARIANTS


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

    add_books(ledger, database)
    return ledger
