"""One deposit: where its money is, everything that happened to it, and what can be done."""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template
from sqlalchemy import Connection

from admin.access import PEOPLE
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.drawing.payment_story import story
from admin.drawing.payment_words import say_deposit, standing
from admin.pages.payment_acts import (
    OUTCOMES,
    Ask,
    add_acts,
    ask_about,
    chosen_outcome,
    proposal_of,
    replay_job,
    seen_decision,
)
from admin.site import Site, me
from core.deposits.decide_deposit import (
    cancel_proposal,
    decide_deposit,
    fitting_outcomes,
    propose_deposit_outcome,
)
from core.deposits.records import Deposit, get_deposit
from core.deposits.timeline import timeline
from core.inquiries.papers import messages_about, stuck_jobs
from core.ledger.reference import reference_of
from core.players.records import get_player
from core.provider.subjects import Subject, SubjectKind

_SMS = ("deposit_failed", "deposit_received", "deposit_reversed", "deposit_unknown")
_AT = "/payments/deposits/<int:deposit_id>"


@dataclass(frozen=True)
class Deposits:
    """The page of a deposit."""

    site: Site
    ask: Ask

    def register(self) -> None:
        """Add it with its acts."""
        site, on = self.site, self.deposit
        site.page(_AT, on, roles=PEOPLE)
        add_acts(
            site,
            _AT,
            on,
            ask=self.ask_about_deposit,
            propose=self.propose_deposit,
            approve=self.approve_deposit,
            approved="It is decided, and done.",
            cancel=self.cancel_deposit,
            replay=self.replay_of_deposit,
        )

    def deposit(self, deposit_id: int) -> str:
        """One deposit."""
        subject = f"deposit:{deposit_id}"
        seen = self.site.look(
            lambda c: _look_up(c, deposit_id), act="deposit.shown", subject=subject
        )
        return render_template("staff/deposit.html", outcomes=OUTCOMES, **seen)

    def ask_about_deposit(self, deposit_id: int) -> Response:
        """Have M-Pesa asked now."""
        return ask_about(
            self.site, self.ask, _subject(deposit_id), "deposit", deposit_id=deposit_id
        )

    def propose_deposit(self, deposit_id: int) -> Response:
        """Say what became of it."""
        self.site.write(
            lambda c: propose_deposit_outcome(
                c,
                deposit_id=deposit_id,
                outcome=chosen_outcome(),
                evidence=typed("evidence"),
                receipt=typed("receipt") or None,
                by=me(),
            )
        )
        return done("deposit", deposit_id=deposit_id)

    def approve_deposit(self, deposit_id: int) -> Response:
        """Agree with another's proposal, and do it."""
        seen = seen_decision()
        self.site.write(
            lambda c: decide_deposit(c, deposit_id=deposit_id, by=me(), decision_id=seen)
        )
        return done("deposit", deposit_id=deposit_id)

    def cancel_deposit(self, deposit_id: int) -> Response:
        """Take the proposal back."""
        seen = seen_decision()
        self.site.write(
            lambda c: cancel_proposal(c, deposit_id=deposit_id, by=me(), decision_id=seen)
        )
        return done("deposit", deposit_id=deposit_id)

    def replay_of_deposit(self, deposit_id: int) -> Response:
        """Do work on it after all that was set aside."""
        replay_job(self.site, _subject(deposit_id))
        return done("deposit", deposit_id=deposit_id)


def _look_up(connection: Connection, deposit_id: int) -> dict[str, Any]:
    found, subject = get_deposit(connection, deposit_id=deposit_id), _subject(deposit_id)
    references = _references(found)
    messages = messages_about(
        connection,
        player_id=found.player_id,
        kinds=_SMS,
        since=found.requested_at,
        words=tuple(filter(None, (found.receipt, str(found.amount), *references))),
    )
    return {
        "found": found,
        "said": say_deposit(found),
        "standing": standing(found.state),
        "player": get_player(connection, player_id=found.player_id),
        "references": references,
        "events": story(timeline(connection, found), messages),
        "proposal": proposal_of(connection, subject),
        "fitting": fitting_outcomes(found),
        "stuck": stuck_jobs(connection, subject=subject),
    }


def _references(found: Deposit) -> list[str]:
    """What the prompt called it, and what the receipt's SMS does."""
    credited = [] if found.transfer_id is None else [reference_of(found.transfer_id)]
    return [found.reference, *credited]


def _subject(deposit_id: int) -> Subject:
    return Subject(SubjectKind.DEPOSIT, deposit_id)
