"""One payment to the paybill: where its money is, what happened to it, and what can be done."""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template
from sqlalchemy import Connection

from admin.access import PEOPLE
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.drawing.payment_story import story
from admin.drawing.payment_words import say_paybill, standing
from admin.pages.payment_acts import (
    Ask,
    add_acts,
    ask_about,
    proposal_of,
    replay_job,
    seen_decision,
)
from admin.site import Site, me
from core.inquiries.papers import Message, messages_about, stuck_jobs
from core.ledger.reference import reference_of
from core.paybill.place_payment import approve_placement, cancel_placement, propose_placement
from core.paybill.records import PaybillPayment, PaybillState, get_payment
from core.paybill.timeline import timeline
from core.players.records import get_player
from core.provider.subjects import Subject, SubjectKind

_SMS = ("paybill_held", "paybill_received")
_AT = "/payments/paybill/<int:payment_id>"


@dataclass(frozen=True)
class PaybillPayments:
    """The page of a payment to the paybill."""

    site: Site
    ask: Ask

    def register(self) -> None:
        """Add it with its acts."""
        site, on = self.site, self.paybill_payment
        site.page(_AT, on, roles=PEOPLE)
        add_acts(
            site,
            _AT,
            on,
            ask=self.ask_about_paybill_payment,
            propose=self.propose_placement,
            approve=self.approve_placement,
            approved="The money is in the wallet, and an SMS tells the player.",
            cancel=self.cancel_placement,
            replay=self.replay_of_paybill_payment,
        )

    def paybill_payment(self, payment_id: int) -> str:
        """One payment to the paybill."""
        seen = self.site.look(
            lambda c: _look_up(c, payment_id), act="paybill.shown", subject=f"paybill:{payment_id}"
        )
        return render_template("staff/paybill_payment.html", **seen)

    def ask_about_paybill_payment(self, payment_id: int) -> Response:
        """Have M-Pesa asked now."""
        subject = _subject(payment_id)
        return ask_about(self.site, self.ask, subject, "paybill_payment", payment_id=payment_id)

    def propose_placement(self, payment_id: int) -> Response:
        """Say whose money it is."""
        self.site.write(
            lambda c: propose_placement(
                c,
                paybill_id=payment_id,
                phone=typed("phone"),
                evidence=typed("evidence"),
                by=me(),
            )
        )
        return done("paybill_payment", payment_id=payment_id)

    def approve_placement(self, payment_id: int) -> Response:
        """Agree with another's proposal: the money goes into that wallet."""
        seen = seen_decision()
        self.site.write(
            lambda c: approve_placement(c, paybill_id=payment_id, by=me(), decision_id=seen)
        )
        return done("paybill_payment", payment_id=payment_id)

    def cancel_placement(self, payment_id: int) -> Response:
        """Take the proposal back."""
        seen = seen_decision()
        self.site.write(
            lambda c: cancel_placement(c, paybill_id=payment_id, by=me(), decision_id=seen)
        )
        return done("paybill_payment", payment_id=payment_id)

    def replay_of_paybill_payment(self, payment_id: int) -> Response:
        """Do work on it after all that was set aside."""
        replay_job(self.site, _subject(payment_id))
        return done("paybill_payment", payment_id=payment_id)


def _look_up(connection: Connection, payment_id: int) -> dict[str, Any]:
    found, subject = get_payment(connection, paybill_id=payment_id), _subject(payment_id)
    proposal = proposal_of(connection, subject)
    owner, posted = found.player_id, found.place_transfer_id or found.transfer_id
    return {
        "found": found,
        "said": say_paybill(found),
        "standing": standing(found.state),
        "player": None if owner is None else get_player(connection, player_id=owner),
        "reference": None if posted is None else reference_of(posted),
        "events": story(timeline(connection, found), _messages(connection, found)),
        "proposal": proposal,
        "proposed_for": None
        if proposal is None
        else get_player(connection, player_id=proposal.player_id),
        "may_be_placed": found.state is PaybillState.SUSPENSE,
        "stuck": stuck_jobs(connection, subject=subject),
    }


def _messages(connection: Connection, found: PaybillPayment) -> list[Message]:
    if found.player_id is None:
        return []
    return messages_about(
        connection,
        player_id=found.player_id,
        kinds=_SMS,
        since=found.heard_at,
        words=(found.receipt, str(found.amount)),
    )


def _subject(payment_id: int) -> Subject:
    return Subject(SubjectKind.PAYBILL, payment_id)
