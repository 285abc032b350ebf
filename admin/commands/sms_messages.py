"""Commands about SMS: what became of them, what they cost, and sending one again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import click
from sqlalchemy import Connection, Engine

from admin.commands.looking import looking, note_look
from admin.commands.sms_budgets import budgets_command
from admin.commands.sms_route import add_route_commands
from admin.commands.sms_words import (
    as_dict,
    cost_as_dict,
    delivery_as_dict,
    report_as_dict,
    show_costs,
    show_deliveries,
    show_message,
    show_messages,
)
from admin.commands.speaking import acting_as, as_json, parse_span, plainly, say, show_json
from core.database import begin_snapshot, in_transaction
from core.notices.costs import Cost, costs
from core.notices.delivery import Delivery, deliveries
from core.notices.list_messages import (
    STATES,
    Message,
    Report,
    Wanted,
    get_message,
    list_messages,
)
from core.notices.resend import Resent, resend
from core.phone import parse_phone
from core.players.records import find_player
from core.staff.records import find_admin

_MOST_AT_ONCE: Final = 10_000


def group(*, database: Engine) -> click.Group:
    """The group `sms`."""

    @click.group("sms")
    def sms() -> None:
        """SMS to players and staff."""

    _add_looking(sms, database)
    _add_resending(sms, database)
    _add_counting(sms, database)
    add_route_commands(sms, database=database)
    sms.add_command(budgets_command(database=database))
    return sms


def _add_looking(sms: click.Group, database: Engine) -> None:
    @sms.command("list")
    @click.option("--phone", help="Only to this number, or to the player who has it.")
    @click.option("--state", type=click.Choice(STATES))
    @click.option("--before", type=int, metavar="ID", help="Only older ones: the next page.")
    @click.option("--limit", type=click.IntRange(1, _MOST_AT_ONCE), default=50, show_default=True)
    @as_json
    @looking
    @plainly
    def list_(
        *,
        phone: str | None,
        state: str | None,
        before: int | None,
        limit: int,
        wants_json: bool,
        looker: str | None,
    ) -> None:
        """The newest SMS, the newest first."""
        number = None if phone is None else parse_phone(phone)
        wanted = Wanted(phone=number, state=state, before_id=before)
        found = in_transaction(database, lambda c: _look_up_all(c, wanted, limit, looker))
        if wants_json:
            show_json([as_dict(one) for one in found])
        elif found:
            show_messages(found)
            if len(found) == limit:
                say(f"Older ones: --before {found[-1].id}")
        else:
            say("No SMS.")

    @sms.command()
    @click.argument("sms_id", metavar="ID", type=int)
    @as_json
    @looking
    @plainly
    def show(sms_id: int, *, wants_json: bool, looker: str | None) -> None:
        """One SMS, and every delivery report about it. The words of a code are never shown."""
        one, reports = in_transaction(database, lambda c: _look_up(c, sms_id, looker))
        if wants_json:
            show_json({**as_dict(one), "reports": [report_as_dict(each) for each in reports]})
        else:
            show_message(one, reports)


def _add_resending(sms: click.Group, database: Engine) -> None:
    @sms.command("resend")
    @click.argument("sms_id", metavar="ID", type=int)
    @click.option("--why", required=True, help="Why, for whoever asks later.")
    @click.option(
        "--may-arrive-twice", is_flag=True, help="Also one of which nobody knows if it arrived."
    )
    @acting_as
    @plainly
    def resend_(sms_id: int, *, why: str, may_arrive_twice: bool, email: str) -> None:
        """Send the words of an SMS again that did not arrive; a repeat sends nothing."""

        def resend_it(connection: Connection) -> Resent:
            return resend(
                connection,
                sms_id=sms_id,
                why=why,
                by=find_admin(connection, email=email),
                may_arrive_twice=may_arrive_twice,
            )

        resent = in_transaction(database, resend_it)
        if resent.earlier:
            say(f"SMS {sms_id} was sent again before, as SMS {resent.sms_id}.")
        elif resent.sms_id == sms_id:
            say(f"SMS {sms_id} had been set aside and is due now.")
        else:
            say(f"SMS {sms_id} goes out again as SMS {resent.sms_id}.")


def _add_counting(sms: click.Group, database: Engine) -> None:
    @sms.command("costs")
    @_since
    @as_json
    @plainly
    def costs_(*, since: timedelta, wants_json: bool) -> None:
        """What SMS cost, by day, kind, network and currency."""

        def read(connection: Connection) -> list[Cost]:
            begin_snapshot(connection)
            return costs(connection, within=since)

        found = in_transaction(database, read)
        if wants_json:
            show_json([cost_as_dict(cost) for cost in found])
        elif found:
            show_costs(found)
        else:
            say("No SMS.")

    @sms.command()
    @_since
    @as_json
    @plainly
    def delivery(*, since: timedelta, wants_json: bool) -> None:
        """How many SMS arrived, and how long they took, by provider and network."""

        def read(connection: Connection) -> list[Delivery]:
            begin_snapshot(connection)
            return deliveries(connection, within=since)

        found = in_transaction(database, read)
        if wants_json:
            show_json([delivery_as_dict(one) for one in found])
        elif found:
            show_deliveries(found)
        else:
            say("No delivery reports.")


def _since(command: Callable[..., Any]) -> Callable[..., Any]:
    """How far back."""
    return click.option(
        "--since",
        default="24h",
        show_default=True,
        callback=lambda _context, _option, value: parse_span(value),
        help="How far back, like 90m, 24h or 7d.",
    )(command)


def _look_up_all(
    connection: Connection, wanted: Wanted, limit: int, looker: str | None
) -> list[Message]:
    player = None if wanted.phone is None else find_player(connection, phone=wanted.phone)
    if player is not None:
        wanted = Wanted(player.id, state=wanted.state, before_id=wanted.before_id)
    found = list_messages(connection, wanted=wanted, limit=limit)
    subject = "sms:*" if player is None else f"player:{player.id}"
    note_look(
        connection,
        looker=looker,
        act="sms.listed",
        subject=subject,
        phone=wanted.phone,
        state=wanted.state,
        messages=len(found),
    )
    return found


def _look_up(
    connection: Connection, sms_id: int, looker: str | None
) -> tuple[Message, list[Report]]:
    found, reports = get_message(connection, sms_id=sms_id)
    subject = f"sms:{sms_id}"
    note_look(connection, looker=looker, act="sms.shown", subject=subject, player=found.player_id)
    return found, reports
