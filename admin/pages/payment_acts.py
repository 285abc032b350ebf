"""What can be done about a payment of any kind, and what its pages have in common."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from flask import Response, make_response, redirect, url_for
from sqlalchemy import Connection

from admin.access import MONEY, PEOPLE
from admin.drawing.form import typed
from admin.site import Site, View, me
from core.errors import NoSuchThing
from core.inquiries.ask_provider import Asked, note_question
from core.inquiries.papers import stuck_jobs
from core.outbox.replay import replay
from core.provider.decide import Decision, DecisionOutcome, NotOpen, open_decision
from core.provider.subjects import Subject
from core.staff.rules import ProposalChanged

# Has M-Pesa asked about a payment, and keeps the answer; never called within a transaction.
Ask: TypeAlias = Callable[[Subject], Asked]

# What each outcome means, for whoever proposes it.
OUTCOMES: Final = {
    DecisionOutcome.CONFIRMED: "It was paid: put it into the wallet and confirm it",
    DecisionOutcome.REVERSED: "It was taken back by M-Pesa: take it out of the wallet",
    DecisionOutcome.PAID: "M-Pesa paid it to the phone",
    DecisionOutcome.FAILED: "It never was paid",
    DecisionOutcome.RELEASED: "It is large and in order: pay it",
}
_ANSWERS: Final = {
    Asked.CREDITED: "M-Pesa says it was paid: the money is in the wallet now.",
    Asked.CONFIRMED: "M-Pesa has confirmed it: the money can be withdrawn now.",
    Asked.FAILED: "M-Pesa says it was not paid: nothing was taken.",
    Asked.REVIEW: "M-Pesa contradicts what it said before: two people must decide.",
    Asked.UNCHANGED: (
        "M-Pesa was asked, and nothing is decided yet. What it calls paid it is asked about once"
        " more within ten seconds: reload before you answer the caller."
    ),
    Asked.TAKEN: "M-Pesa was asked. Its answer comes by itself, mostly within a minute: reload.",
    Asked.LATER: (
        "M-Pesa does not answer now, or was asked too often. Nothing is lost: the worker asks"
        " within a minute."
    ),
    Asked.NOTHING_TO_ASK: (
        "There is nothing to ask M-Pesa about this payment: it is settled, or M-Pesa never gave it"
        " a number to ask by."
    ),
}


def add_acts(
    site: Site,
    at: str,
    on: View,
    *,
    ask: View,
    propose: View,
    approve: View,
    approved: str,
    cancel: View,
    replay: View,
) -> None:
    """The acts that every kind of payment has; `approved` says what a second person has done."""
    site.act(f"{at}/ask", ask, roles=PEOPLE, on=on)
    for name, view, words, fresh in (
        ("propose", propose, "It is proposed. Another admin of finance must approve it.", True),
        ("approve", approve, approved, True),
        ("cancel", cancel, "The proposal is taken back.", False),
        ("replay", replay, "The job is due now: reload in a moment.", True),
    ):
        site.act(f"{at}/{name}", view, roles=MONEY, on=on, done=words, fresh=fresh)


def add_answers(site: Site) -> None:
    """The sentences that tell what came of a question."""
    site.sentences.update({f"asked_{asked}": words for asked, words in _ANSWERS.items()})


def ask_about(
    site: Site,
    ask: Ask,
    subject: Subject,
    page: str,
    **path: Any,  # noqa: ANN401 - what the rule holds
) -> Response:
    """Write down who asks and why, have M-Pesa asked, and tell on the page what came of it."""
    why = typed("why")
    site.write(lambda c: note_question(c, subject=subject, why=why, by=me()))
    asked = ask(subject)
    return make_response(redirect(url_for(f"admin.{page}", done=f"asked_{asked}", **path), 303))


def replay_job(site: Site, subject: Subject) -> None:
    """Have a job done after all that was set aside, and is about this payment."""
    job, why = typed("job"), typed("why")

    def replay_it(connection: Connection) -> None:
        found = [str(each.id) for each in stuck_jobs(connection, subject=subject)]
        if job not in found:
            raise NoSuchThing(f"job {job} of this payment")
        replay(connection, job_id=int(job), why=why, by=me())

    site.write(replay_it)


def proposal_of(connection: Connection, subject: Subject) -> Decision | None:
    """What is proposed about a payment, where something is."""
    try:
        return open_decision(connection, subject=subject)
    except NotOpen:
        return None


def seen_decision() -> int:
    """The proposal that stood on the page when the button was pressed.

    Raises ProposalChanged where none is named, as by a page of an earlier release.
    """
    try:
        return int(typed("decision"))
    except ValueError:
        raise ProposalChanged from None


def chosen_outcome() -> DecisionOutcome:
    """The outcome that was chosen. Raises NoSuchThing for a word that is none."""
    try:
        return DecisionOutcome(typed("outcome"))
    except ValueError:
        raise NoSuchThing(f"outcome {typed('outcome')!r}") from None
