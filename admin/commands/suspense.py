"""Commands about money that was paid to the paybill and belongs to nobody yet."""

import click
from sqlalchemy import Connection, Engine

from admin.commands.looking import looking, note_look
from admin.commands.speaking import acting_as, as_json, iso, plainly, say, show_json, show_table
from core.database import in_transaction
from core.paybill.list_suspense import Waiting, list_suspense
from core.paybill.place_payment import approve_placement, cancel_placement, propose_placement
from core.paybill.records import PaybillPayment, PaybillState
from core.phone import parse_phone
from core.staff.records import find_admin


def group(*, database: Engine) -> click.Group:
    """The group `suspense`."""

    @click.group("suspense")
    def suspense() -> None:
        """Payments to the paybill that could not be credited."""

    _add_listing(suspense, database)
    _add_placing(suspense, database)
    return suspense


def _add_listing(suspense: click.Group, database: Engine) -> None:
    @suspense.command("list")
    @as_json
    @looking
    @plainly
    def list_(*, wants_json: bool, looker: str | None) -> None:
        """What waits in suspense, and what was heard of and never proven."""

        def look_up(connection: Connection) -> list[Waiting]:
            note_look(connection, looker=looker, act="suspense.listed", subject="paybill:*")
            return list_suspense(connection)

        waiting = in_transaction(database, look_up)
        if wants_json:
            show_json([_as_dict(one) for one in waiting])
        else:
            _show(waiting)


def _add_placing(suspense: click.Group, database: Engine) -> None:
    @suspense.command()
    @click.argument("paybill_id", metavar="ID", type=int)
    @click.argument("phone")
    @click.option("--evidence", help="Where it can be seen whose money it is.")
    @acting_as
    @plainly
    def place(paybill_id: int, phone: str, evidence: str | None, email: str) -> None:
        """Propose which player's it is; another admin must approve."""
        found = in_transaction(
            database,
            lambda c: propose_placement(
                c,
                paybill_id=paybill_id,
                phone=phone,
                evidence=evidence,
                by=find_admin(c, email=email),
            ),
        )
        say(
            f"Payment {found.id} of {found.amount} proposed for {parse_phone(phone)}."
            " Another admin must approve it."
        )

    @suspense.command()
    @click.argument("paybill_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def approve(paybill_id: int, email: str) -> None:
        """Put it into the wallet that another admin proposed."""
        placed = in_transaction(
            database,
            lambda c: approve_placement(c, paybill_id=paybill_id, by=find_admin(c, email=email)),
        )
        taken = f", less {placed.excise} of excise" if placed.excise else ""
        say(
            f"Payment {paybill_id}: {placed.amount} placed with {placed.phone}{taken}, ref"
            f" {placed.reference}. The player is told by SMS."
        )

    @suspense.command()
    @click.argument("paybill_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def cancel(paybill_id: int, email: str) -> None:
        """Take back what was proposed."""
        in_transaction(
            database,
            lambda c: cancel_placement(c, paybill_id=paybill_id, by=find_admin(c, email=email)),
        )
        say(f"Payment {paybill_id}: nothing is proposed any more.")


def _as_dict(waiting: Waiting) -> dict[str, object]:
    payment, proposal = waiting.payment, waiting.proposal
    return {
        "id": payment.id,
        "receipt": payment.receipt,
        "amount_cents": payment.amount.cents,
        "account": payment.account,
        "payer": payment.payer,
        "state": payment.state.value,
        "reason": payment.reason,
        "paid_at": iso(payment.paid_at),
        "heard_at": iso(payment.heard_at),
        "proposed": None
        if proposal is None
        else {"phone": proposal.phone, "by": proposal.by, "evidence": proposal.evidence},
    }


def _show(waiting: list[Waiting]) -> None:
    if not waiting:
        say("Nothing waits in suspense.")
        return
    payments = [one.payment for one in waiting]
    show_table(
        ("ID", "Receipt", "Amount", "Account", "Stands"),
        [(each.id, each.receipt, each.amount, each.account, _standing(each)) for each in payments],
    )
    for one in waiting:
        if one.proposal is not None:
            say(f"Payment {one.payment.id}: {one.proposal.by} proposes {one.proposal.phone}.")


def _standing(payment: PaybillPayment) -> str:
    """Why it waits; only what is in suspense holds money."""
    match payment.state:
        case PaybillState.SUSPENSE:
            return payment.reason or ""
        case PaybillState.HEARD:
            return "not proven yet"
        case _:
            return f"{payment.state}: {payment.reason}"
