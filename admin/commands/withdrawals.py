"""Commands about withdrawals: where they stand, and deciding where the provider did not tell."""

import click
from sqlalchemy import Connection, Engine

from admin.commands.deciding import Deciding, add_deciding
from admin.commands.large_withdrawals import add_releasing
from admin.commands.looking import looking, note_look
from admin.commands.speaking import as_json, iso, plainly, say, show_json, show_table
from admin.commands.timelines import as_dicts, show_timeline
from core.database import in_transaction
from core.players.records import get_player
from core.provider.decide import DecisionOutcome
from core.provider.timeline import Event
from core.withdrawals.decide_withdrawal import (
    cancel_proposal,
    decide_withdrawal,
    propose_withdrawal_outcome,
)
from core.withdrawals.list_withdrawals import ListedWithdrawal, list_withdrawals
from core.withdrawals.records import get_withdrawal
from core.withdrawals.rules import WithdrawalState
from core.withdrawals.timeline import timeline

_DECIDING = Deciding(
    "withdrawal",
    (DecisionOutcome.PAID, DecisionOutcome.FAILED),
    propose=lambda connection, withdrawal_id, said: propose_withdrawal_outcome(
        connection,
        withdrawal_id=withdrawal_id,
        outcome=said.outcome,
        evidence=said.evidence,
        receipt=said.receipt,
        by=said.by,
    ),
    decide=lambda connection, withdrawal_id, by: decide_withdrawal(
        connection, withdrawal_id=withdrawal_id, by=by
    ),
    cancel=lambda connection, withdrawal_id, by: cancel_proposal(
        connection, withdrawal_id=withdrawal_id, by=by
    ),
)


def group(*, database: Engine) -> click.Group:
    """The group `withdrawal`."""

    @click.group("withdrawal")
    def withdrawal() -> None:
        """Money on its way out."""

    _add_listing(withdrawal, database)
    _add_showing(withdrawal, database)
    add_deciding(withdrawal, database, _DECIDING)
    add_releasing(withdrawal, database)
    return withdrawal


def _add_listing(withdrawal: click.Group, database: Engine) -> None:
    @withdrawal.command("list")
    @click.option("--state", type=click.Choice([state.value for state in WithdrawalState]))
    @click.option("--review", is_flag=True, help="Only those that a person must look at.")
    @as_json
    @looking
    @plainly
    def list_(state: str | None, *, review: bool, wants_json: bool, looker: str | None) -> None:
        """The newest withdrawals, or those of one state."""
        wanted = None if state is None else WithdrawalState(state)

        def look_up(connection: Connection) -> list[ListedWithdrawal]:
            subject = "withdrawal:*"
            note_look(
                connection, looker=looker, act="withdrawal.listed", subject=subject, state=state
            )
            return list_withdrawals(connection, state=wanted, only_waiting=review)

        found = in_transaction(database, look_up)
        if wants_json:
            show_json([_as_dict(one) for one in found])
        elif found:
            _show(found)
        else:
            say("No withdrawals.")


def _add_showing(withdrawal: click.Group, database: Engine) -> None:
    @withdrawal.command()
    @click.argument("withdrawal_id", metavar="ID", type=int)
    @as_json
    @looking
    @plainly
    def show(withdrawal_id: int, *, wants_json: bool, looker: str | None) -> None:
        """One withdrawal, and everything that happened to it."""
        listed, events = in_transaction(database, lambda c: _look_up(c, withdrawal_id, looker))
        if wants_json:
            show_json({**_as_dict(listed), "timeline": as_dicts(events)})
        else:
            _show_one(listed)
            show_timeline(events)


def _look_up(
    connection: Connection, withdrawal_id: int, looker: str | None
) -> tuple[ListedWithdrawal, list[Event]]:
    found = get_withdrawal(connection, withdrawal_id=withdrawal_id)
    phone = get_player(connection, player_id=found.player_id).phone
    events = timeline(connection, found)
    subject = f"withdrawal:{withdrawal_id}"
    note_look(connection, looker=looker, act="withdrawal.shown", subject=subject)
    return ListedWithdrawal(found, phone), events


def _as_dict(listed: ListedWithdrawal) -> dict[str, object]:
    one = listed.withdrawal
    return {
        "id": one.id,
        "phone": listed.phone,
        "ref": one.reference,
        "state": one.state.value,
        "amount_cents": one.amount.cents,
        "fee_cents": one.fee.cents,
        "tax_cents": one.tax.cents,
        "receipt": one.receipt,
        "result_code": one.result_code,
        "review": one.review,
        "needs_release": one.needs_release,
        "requested_at": iso(one.requested_at),
        "sent_at": iso(one.sent_at),
    }


def _show_one(listed: ListedWithdrawal) -> None:
    one = listed.withdrawal
    described = {
        **_as_dict(listed),
        "amount": one.amount,
        "fee": one.fee,
        "tax": one.tax,
        "to the phone": one.net,
    }
    show_table(
        ("Withdrawal", str(one.id)),
        [
            (name, value)
            for name, value in described.items()
            if value and name != "id" and not name.endswith("_cents")
        ],
    )


def _show(found: list[ListedWithdrawal]) -> None:
    show_table(
        ("ID", "Phone", "Ref", "Amount", "State", "Receipt", "Review"),
        [
            (
                one.withdrawal.id,
                one.phone,
                one.withdrawal.reference,
                one.withdrawal.amount,
                one.withdrawal.state.value,
                one.withdrawal.receipt or "",
                one.withdrawal.review or "",
            )
            for one in found
        ],
    )
