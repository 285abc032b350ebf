"""The commands by which two people release a large withdrawal, or one gives the money back."""

import click
from sqlalchemy import Connection, Engine

from admin.commands.looking import looking, note_look
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
from core.withdrawals.approve_large import propose_release, refuse_release
from core.withdrawals.large_waiting import Waiting, waiting


def add_releasing(group: click.Group, database: Engine) -> None:
    """Add `waiting`, `release` and `refuse` to the group; its `approve` agrees to a release."""
    _add_waiting(group, database)
    _add_deciding(group, database)


def _add_waiting(group: click.Group, database: Engine) -> None:
    @group.command("waiting")
    @as_json
    @looking
    @plainly
    def waiting_(*, wants_json: bool, looker: str | None) -> None:
        """The large ones that nobody is asked to pay before two people have released them."""

        def look_up(connection: Connection) -> list[Waiting]:
            note_look(connection, looker=looker, act="withdrawal.listed", subject="withdrawal:*")
            return waiting(connection)

        found = in_transaction(database, look_up)
        if wants_json:
            show_json([_as_dict(one) for one in found])
        elif found:
            _show(found)
        else:
            say("No withdrawal waits for people.")


def _add_deciding(group: click.Group, database: Engine) -> None:
    @group.command()
    @click.argument("withdrawal_id", metavar="ID", type=int)
    @click.option("--why", required=True, help="What was looked at.")
    @acting_as
    @plainly
    def release(withdrawal_id: int, why: str, email: str) -> None:
        """Propose that a large one is paid; another admin must approve."""
        in_transaction(
            database,
            lambda c: propose_release(
                c, withdrawal_id=withdrawal_id, why=why, by=find_admin(c, email=email)
            ),
        )
        say(f"Withdrawal {withdrawal_id}: release proposed. Another admin must approve it.")

    @group.command()
    @click.argument("withdrawal_id", metavar="ID", type=int)
    @click.option("--why", required=True, help="For staff; the player reads no reason.")
    @acting_as
    @plainly
    def refuse(withdrawal_id: int, why: str, email: str) -> None:
        """Give the money of a large one back at once; the player is told by SMS."""
        given_back = in_transaction(
            database,
            lambda c: refuse_release(
                c, withdrawal_id=withdrawal_id, why=why, by=find_admin(c, email=email)
            ),
        )
        say(f"Withdrawal {withdrawal_id}: {given_back.amount} is back with the player.")


def _as_dict(one: Waiting) -> dict[str, object]:
    proposal = one.proposal
    return {
        "id": one.withdrawal.id,
        "phone": one.phone,
        "ref": one.withdrawal.reference,
        "amount_cents": one.withdrawal.amount.cents,
        "requested_at": iso(one.withdrawal.requested_at),
        "proposed": None
        if proposal is None
        else {"outcome": proposal.outcome.value, "by": proposal.by, "why": proposal.why},
    }


def _show(found: list[Waiting]) -> None:
    show_table(
        ("ID", "Phone", "Ref", "Amount", "Since", "Proposed"),
        [
            (
                one.withdrawal.id,
                one.phone,
                one.withdrawal.reference,
                one.withdrawal.amount,
                minute(one.withdrawal.requested_at),
                _proposed(one),
            )
            for one in found
        ],
    )


def _proposed(one: Waiting) -> str:
    match one.proposal:
        case None:
            return ""
        case proposal:
            return f"{proposal.outcome} by {proposal.by}: {proposal.why}"
