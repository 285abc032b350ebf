"""Commands about deposits: what became of them, and deciding where the provider did not tell."""

import click
from sqlalchemy import Connection, Engine

from admin.commands.deciding import Deciding, add_deciding
from admin.commands.looking import looking, note_look
from admin.commands.speaking import (
    as_json,
    iso,
    plainly,
    say,
    show_json,
    show_table,
)
from admin.commands.timelines import as_dicts, show_timeline
from core.database import in_transaction
from core.deposits.decide_deposit import (
    cancel_proposal,
    decide_deposit,
    propose_deposit_outcome,
)
from core.deposits.list_deposits import ListedDeposit, list_deposits
from core.deposits.records import Deposit, get_deposit
from core.deposits.rules import DepositState
from core.deposits.timeline import timeline
from core.money import Money
from core.players.records import get_player
from core.provider.decide import DecisionOutcome
from core.provider.timeline import Event

_DECIDING = Deciding(
    "deposit",
    (DecisionOutcome.CONFIRMED, DecisionOutcome.REVERSED, DecisionOutcome.FAILED),
    propose=lambda connection, deposit_id, said: propose_deposit_outcome(
        connection,
        deposit_id=deposit_id,
        outcome=said.outcome,
        evidence=said.evidence,
        receipt=said.receipt,
        by=said.by,
    ),
    decide=lambda connection, deposit_id, by: decide_deposit(
        connection, deposit_id=deposit_id, by=by
    ),
    cancel=lambda connection, deposit_id, by: cancel_proposal(
        connection, deposit_id=deposit_id, by=by
    ),
)


def group(*, database: Engine) -> click.Group:
    """The group `deposit`."""

    @click.group("deposit")
    def deposit() -> None:
        """Money on its way in."""

    _add_reading(deposit, database)
    add_deciding(deposit, database, _DECIDING)
    return deposit


def _add_reading(deposit: click.Group, database: Engine) -> None:
    @deposit.command("list")
    @click.option("--state", type=click.Choice([state.value for state in DepositState]))
    @click.option("--review", is_flag=True, help="Only those that a person must look at.")
    @as_json
    @looking
    @plainly
    def list_(state: str | None, *, review: bool, wants_json: bool, looker: str | None) -> None:
        """The newest deposits, or those of one state."""
        wanted = None if state is None else DepositState(state)

        def look_up(connection: Connection) -> list[ListedDeposit]:
            note_look(
                connection, looker=looker, act="deposit.listed", subject="deposit:*", state=state
            )
            return list_deposits(connection, state=wanted, only_under_review=review)

        found = in_transaction(database, look_up)
        if wants_json:
            show_json([_as_dict(one) for one in found])
        elif found:
            _show_all(found)
        else:
            say("No deposits.")

    @deposit.command()
    @click.argument("deposit_id", metavar="ID", type=int)
    @as_json
    @looking
    @plainly
    def show(deposit_id: int, *, wants_json: bool, looker: str | None) -> None:
        """One deposit, and everything that happened to it."""
        listed, events = in_transaction(database, lambda c: _look_up(c, deposit_id, looker))
        if wants_json:
            show_json({**_as_dict(listed), "timeline": as_dicts(events)})
        else:
            _show(listed, events)


def _look_up(
    connection: Connection, deposit_id: int, looker: str | None
) -> tuple[ListedDeposit, list[Event]]:
    found = get_deposit(connection, deposit_id=deposit_id)
    phone = get_player(connection, player_id=found.player_id).phone
    events = timeline(connection, found)
    note_look(connection, looker=looker, act="deposit.shown", subject=f"deposit:{deposit_id}")
    return ListedDeposit(found, phone), events


def _as_dict(listed: ListedDeposit) -> dict[str, object]:
    one = listed.deposit
    return {
        "id": one.id,
        "phone": listed.phone,
        "amount_cents": one.amount.cents,
        "excise_cents": one.excise.cents,
        "frozen_cents": one.frozen.cents,
        "reference": one.reference,
        "state": one.state.value,
        "receipt": one.receipt,
        "review": one.review,
        "requested_at": iso(one.requested_at),
        "succeeded_at": iso(one.succeeded_at),
        "confirmed_at": iso(one.confirmed_at),
    }


def _show_all(listed: list[ListedDeposit]) -> None:
    show_table(
        ("ID", "Phone", "Amount", "Stands", "Review"),
        [
            (
                each.deposit.id,
                each.phone,
                each.deposit.amount,
                _standing(each.deposit),
                each.deposit.review or "",
            )
            for each in listed
        ],
    )


def _show(listed: ListedDeposit, events: list[Event]) -> None:
    described = _as_dict(listed)
    for name in ("amount", "excise", "frozen"):
        cents = described.pop(f"{name}_cents")
        assert isinstance(cents, int)
        described[name] = Money(cents)
    show_table(
        ("Deposit", str(described.pop("id"))),
        [(name, value) for name, value in described.items() if value],
    )
    show_timeline(events)


def _standing(one: Deposit) -> str:
    """The state, or what keeps a credited deposit from being withdrawn."""
    match one:
        case Deposit(state=DepositState.SUCCEEDED) if one.frozen:
            return f"{one.frozen} frozen"
        case Deposit(state=DepositState.SUCCEEDED, confirmed_at=None):
            return "unconfirmed"
        case _:
            return one.state.value
