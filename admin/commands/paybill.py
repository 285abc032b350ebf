"""Commands about the paybill itself, and what was paid to it."""

from collections.abc import Callable

import click
from sqlalchemy import Connection, Engine

from admin.commands.looking import looking, note_look
from admin.commands.speaking import as_json, iso, plainly, say, show_json, show_table
from admin.commands.timelines import as_dicts, show_timeline
from core.database import in_transaction
from core.paybill.records import PaybillPayment, get_payment
from core.paybill.timeline import timeline
from core.provider.timeline import Event


def group(*, database: Engine, register: Callable[[], list[str]]) -> click.Group:
    """The group `c2b`; `register` tells the provider our URLs and returns them without secret."""

    @click.group("c2b")
    def c2b() -> None:
        """The paybill, as the provider knows it."""

    @c2b.command("register")
    @plainly
    def register_() -> None:
        """Tell the provider where to tell us of payments to the paybill."""
        urls = register()
        say("Daraja will call:")
        for url in urls:
            say(url)

    _add_showing(c2b, database)
    return c2b


def _add_showing(c2b: click.Group, database: Engine) -> None:
    @c2b.command()
    @click.argument("paybill_id", metavar="ID", type=int)
    @as_json
    @looking
    @plainly
    def show(paybill_id: int, *, wants_json: bool, looker: str | None) -> None:
        """One payment to the paybill, and everything that happened to it."""
        found, events = in_transaction(database, lambda c: _look_up(c, paybill_id, looker))
        if wants_json:
            show_json({**_as_dict(found), "timeline": as_dicts(events)})
        else:
            described = {**_as_dict(found), "amount_cents": None, "amount": found.amount}
            show_table(
                ("Payment", str(described.pop("id"))),
                [(name, value) for name, value in described.items() if value],
            )
            show_timeline(events)


def _look_up(
    connection: Connection, paybill_id: int, looker: str | None
) -> tuple[PaybillPayment, list[Event]]:
    found = get_payment(connection, paybill_id=paybill_id)
    events = timeline(connection, found)
    subject = f"paybill:{paybill_id}"
    note_look(connection, looker=looker, act="paybill.shown", subject=subject)
    return found, events


def _as_dict(found: PaybillPayment) -> dict[str, object]:
    return {
        "id": found.id,
        "receipt": found.receipt,
        "amount_cents": found.amount.cents,
        "account": found.account,
        "payer": found.payer,
        "state": found.state.value,
        "reason": found.reason,
        "player": found.player_id,
        "deposit": found.deposit_id,
        "paid_at": iso(found.paid_at),
        "heard_at": iso(found.heard_at),
    }
