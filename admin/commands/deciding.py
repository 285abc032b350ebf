"""The commands by which two people decide what the provider left unclear."""

from collections.abc import Callable
from dataclasses import dataclass

import click
from sqlalchemy import Connection, Engine

from admin.commands.speaking import acting_as, plainly, say
from core.database import in_transaction
from core.provider.decide import Decision, DecisionOutcome
from core.staff.records import Admin, find_admin


@dataclass(frozen=True)
class Proposal:
    """What one admin says became of a payment."""

    outcome: DecisionOutcome
    evidence: str
    receipt: str | None
    by: Admin


@dataclass(frozen=True)
class Deciding:
    """What may be said of one kind of payment, and what is done with it by its number."""

    kind: str
    outcomes: tuple[DecisionOutcome, ...]
    propose: Callable[[Connection, int, Proposal], object]
    decide: Callable[[Connection, int, Admin], Decision]
    cancel: Callable[[Connection, int, Admin], object]


def add_deciding(group: click.Group, database: Engine, deciding: Deciding) -> None:
    """Add `propose`, `approve` and `cancel` to the group."""
    kind = deciding.kind

    @group.command(help=f"Say what became of a {kind}; another admin must approve.")
    @click.argument("payment_id", metavar="ID", type=int)
    @click.argument("outcome", type=click.Choice([each.value for each in deciding.outcomes]))
    @click.option("--evidence", required=True, help="Where it can be seen.")
    @click.option("--receipt", help="M-Pesa's, for one that was paid.")
    @acting_as
    @plainly
    def propose(
        payment_id: int, outcome: str, evidence: str, receipt: str | None, email: str
    ) -> None:
        def propose_it(connection: Connection) -> None:
            by = find_admin(connection, email=email)
            said = Proposal(DecisionOutcome(outcome), evidence, receipt, by)
            deciding.propose(connection, payment_id, said)

        in_transaction(database, propose_it)
        say(f"{kind.title()} {payment_id}: {outcome} proposed. Another admin must approve it.")

    @group.command()
    @click.argument("payment_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def approve(payment_id: int, email: str) -> None:
        """Agree to what another admin proposed, and do it."""
        made = in_transaction(
            database, lambda c: deciding.decide(c, payment_id, find_admin(c, email=email))
        )
        say(
            f"{kind.title()} {payment_id} is {made.outcome}, as {made.proposed_by} proposed:"
            f" {made.evidence}"
        )

    @group.command()
    @click.argument("payment_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def cancel(payment_id: int, email: str) -> None:
        """Take the open proposal back, so that another can be made."""
        in_transaction(
            database, lambda c: deciding.cancel(c, payment_id, find_admin(c, email=email))
        )
        say(f"{kind.title()} {payment_id}: the proposal is taken back.")
