"""One withdrawal: where its money is, everything that happened to it, and what can be done."""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template
from sqlalchemy import Connection

from admin.access import MONEY, PEOPLE
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.drawing.payment_story import story
from admin.drawing.payment_words import say_withdrawal, standing
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
from core.inquiries.papers import messages_about, stuck_jobs
from core.players.records import get_player
from core.provider.subjects import Subject, SubjectKind
from core.withdrawals.approve_large import propose_release, refuse_release
from core.withdrawals.decide_withdrawal import (
    cancel_proposal,
    decide_withdrawal,
    fitting_outcomes,
    propose_withdrawal_outcome,
)
from core.withdrawals.large_waiting import is_waiting
from core.withdrawals.records import get_withdrawal
from core.withdrawals.timeline import timeline

_SMS = (
    "withdrawal_cancelled",
    "withdrawal_failed",
    "withdrawal_paid",
    "withdrawal_paid_late",
    "withdrawal_refused",
    "withdrawal_waits",
)
_AT = "/payments/withdrawals/<int:withdrawal_id>"


@dataclass(frozen=True)
class Withdrawals:
    """The page of a withdrawal."""

    site: Site
    ask: Ask

    def register(self) -> None:
        """Add it with its acts."""
        site, on = self.site, self.withdrawal
        site.page(_AT, on, roles=PEOPLE)
        add_acts(
            site,
            _AT,
            on,
            ask=self.ask_about_withdrawal,
            propose=self.propose_withdrawal,
            approve=self.approve_withdrawal,
            approved="It is decided, and done.",
            cancel=self.cancel_withdrawal,
            replay=self.replay_of_withdrawal,
        )
        site.act(
            f"{_AT}/release",
            self.release_withdrawal,
            roles=MONEY,
            on=on,
            fresh=True,
            done="Its release is proposed. Another admin of finance must approve it.",
        )
        site.act(
            f"{_AT}/refuse",
            self.refuse_withdrawal,
            roles=MONEY,
            on=on,
            fresh=True,
            done="The money is back in the wallet, and an SMS tells the player.",
        )

    def withdrawal(self, withdrawal_id: int) -> str:
        """One withdrawal."""
        subject = f"withdrawal:{withdrawal_id}"
        seen = self.site.look(
            lambda c: _look_up(c, withdrawal_id), act="withdrawal.shown", subject=subject
        )
        return render_template("staff/withdrawal.html", outcomes=OUTCOMES, **seen)

    def ask_about_withdrawal(self, withdrawal_id: int) -> Response:
        """Have M-Pesa asked now."""
        subject = _subject(withdrawal_id)
        return ask_about(self.site, self.ask, subject, "withdrawal", withdrawal_id=withdrawal_id)

    def propose_withdrawal(self, withdrawal_id: int) -> Response:
        """Say what became of it."""
        self.site.write(
            lambda c: propose_withdrawal_outcome(
                c,
                withdrawal_id=withdrawal_id,
                outcome=chosen_outcome(),
                evidence=typed("evidence"),
                receipt=typed("receipt") or None,
                by=me(),
            )
        )
        return done("withdrawal", withdrawal_id=withdrawal_id)

    def approve_withdrawal(self, withdrawal_id: int) -> Response:
        """Agree with another's proposal, and do it."""
        seen = seen_decision()
        self.site.write(
            lambda c: decide_withdrawal(c, withdrawal_id=withdrawal_id, by=me(), decision_id=seen)
        )
        return done("withdrawal", withdrawal_id=withdrawal_id)

    def cancel_withdrawal(self, withdrawal_id: int) -> Response:
        """Take the proposal back."""
        seen = seen_decision()
        self.site.write(
            lambda c: cancel_proposal(c, withdrawal_id=withdrawal_id, by=me(), decision_id=seen)
        )
        return done("withdrawal", withdrawal_id=withdrawal_id)

    def release_withdrawal(self, withdrawal_id: int) -> Response:
        """Propose that a large one is paid."""
        self.site.write(
            lambda c: propose_release(c, withdrawal_id=withdrawal_id, why=typed("why"), by=me())
        )
        return done("withdrawal", withdrawal_id=withdrawal_id)

    def refuse_withdrawal(self, withdrawal_id: int) -> Response:
        """Give the money of a large one back."""
        self.site.write(
            lambda c: refuse_release(c, withdrawal_id=withdrawal_id, why=typed("why"), by=me())
        )
        return done("withdrawal", withdrawal_id=withdrawal_id)

    def replay_of_withdrawal(self, withdrawal_id: int) -> Response:
        """Do work on it after all that was set aside."""
        replay_job(self.site, _subject(withdrawal_id))
        return done("withdrawal", withdrawal_id=withdrawal_id)


def _look_up(connection: Connection, withdrawal_id: int) -> dict[str, Any]:
    found = get_withdrawal(connection, withdrawal_id=withdrawal_id)
    subject = _subject(withdrawal_id)
    words = (found.reference, str(found.amount), str(found.net), found.receipt)
    waits = is_waiting(connection, found)
    messages = messages_about(
        connection,
        player_id=found.player_id,
        kinds=_SMS,
        since=found.requested_at,
        words=tuple(filter(None, words)),
    )
    return {
        "found": found,
        "said": say_withdrawal(found, waits=waits),
        "standing": standing(found.state),
        "player": get_player(connection, player_id=found.player_id),
        "events": story(timeline(connection, found), messages),
        "proposal": proposal_of(connection, subject),
        "waits": waits,
        "fitting": fitting_outcomes(found),
        "stuck": stuck_jobs(connection, subject=subject),
    }


def _subject(withdrawal_id: int) -> Subject:
    return Subject(SubjectKind.WITHDRAWAL, withdrawal_id)
