"""Turns one hop of a caller into the next page."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from sqlalchemy.exc import DBAPIError

from core.database import may_repeat, pause_before_retry
from core.errors import Refused
from core.text import Language, Text, _
from ussd.drawing import BACK, HOME, MORE, Drawn, PageTooLongError, draw
from ussd.gateway import Hop
from ussd.pages import (
    STEPS,
    Answer,
    AnswerLink,
    End,
    Link,
    Menu,
    Option,
    Page,
    Question,
    Redirect,
    Screen,
    Trail,
)
from ussd.screens import arrival, refusals
from ussd.sessions import Session, Sessions
from ussd.transcript import NewInput, OutOfStep, Repeat, Transcript
from ussd.visit import Services, Visit

MOST_STEPS: Final = 6
# With the longest statement still to come, a hop ends before the network's 10 s and our own 8.
RETRY_SECONDS: Final = 3.5

OUT_OF_STEP = _("That did not reach us in order. No money was taken. Please dial again.")


@dataclass(frozen=True)
class Reply:
    """What the gateway is told; `screen` names the page on the provider's dashboard."""

    body: str
    ends: bool
    screen: str


@dataclass(frozen=True)
class _Place:
    """Where the caller stands after a turn."""

    link: Link
    hint: Text | None = None
    trail: tuple[Link, ...] = ()
    part: int = 0


class Conversation:
    """Answers hops. Keeps nothing between them: sessions are in Redis, money in the ledger."""

    def __init__(self, *, services: Services, sessions: Sessions) -> None:
        self._services = services
        self._sessions = sessions

    def answer(self, hop: Hop) -> Reply:
        """The page for this hop. The same hop again gets the same bytes and does nothing."""
        hold = self._sessions.begin(hop.session_id)
        changed = None
        try:
            reply, changed = self._answer(hop, hold.session)
        finally:
            wrote = changed is not None and changed.wrote
            self._sessions.finish(hold, changed, work_waits=wrote)
        return reply

    def _answer(self, hop: Hop, session: Session | None) -> tuple[Reply, Session | None]:
        """The reply, and the session to store; None where it stays as it was."""
        pepper = self._services.pepper
        if session is None:
            # What was dialled behind the code is passed over: it could be an answer whose
            # question was lost with the session.
            transcript = Transcript.of(hop.text, pepper)
            session = Session(hop.phone, Language.ENGLISH, transcript)
            self._turn(hop, session, arrival.arrive)
            return _reply(session), session
        if session.phone != hop.phone:
            return _out_of_step(session), None
        match session.transcript.read(hop.text, pepper):
            case Repeat():
                return _reply(session), None
            case NewInput() as new if not session.ended:
                session.transcript = Transcript.of(hop.text, pepper)
                self._turn(hop, session, lambda visit: _follow(session, new, visit))
                return _reply(session), session
            case NewInput() | OutOfStep():
                return _out_of_step(session), None

    def _turn(
        self, hop: Hop, session: Session, move: Callable[[Visit], Link | Redirect | _Place]
    ) -> None:
        """Make one move and draw the page it leads to; after a collision, from the start."""
        give_up_at = time.monotonic() + RETRY_SECONDS
        for attempt in count(1):
            visit = Visit(
                services=self._services,
                session_id=hop.session_id,
                position=session.transcript.length,
                phone=hop.phone,
                language=session.language,
                player_id=session.player_id,
                proven=session.proven,
            )
            try:
                place = _arrive(session, visit, move)
                _show(session, visit, place)
            except DBAPIError as error:
                if time.monotonic() > give_up_at or not may_repeat(error):
                    raise
            else:
                return
            finally:
                visit.close()
            pause_before_retry(attempt)


def _arrive(
    session: Session, visit: Visit, move: Callable[[Visit], Link | Redirect | _Place]
) -> _Place:
    """Do what was asked for, durably, and find the page that shows it."""
    trail = _trail(session)
    try:
        goal = move(visit)
        for _step in range(MOST_STEPS):
            if isinstance(goal, _Place):
                break
            redirect = goal if isinstance(goal, Redirect) else Redirect(goal)
            step = STEPS[redirect.link.step]
            if isinstance(step, Screen):
                kept = _cut(trail, redirect.trail, to=redirect.link)
                goal = _Place(redirect.link, redirect.hint, kept)
            else:
                goal = step.run(visit, *redirect.link.values)
        else:
            raise AssertionError("actions lead to a page within a few steps")
        visit.commit()
    except Refused as refusal:
        visit.close()
        return _explained(refusal, standing=session.standing, trail=trail[:-1])
    return goal


def _show(session: Session, visit: Visit, place: _Place) -> None:
    """Draw the page and remember it as it was shown."""
    place, page = _page(visit, place)
    drawn, typed = _draw(page, visit, place)
    session.language, session.player_id, session.proven = (
        visit.language,
        visit.player_id,
        visit.proven,
    )
    session.standing, session.trail, session.part = place.link, list(place.trail), place.part
    session.options, session.more, session.typed = drawn.options, drawn.more, typed
    session.body, session.ended, session.wrote = drawn.body, drawn.ends, visit.wrote


def _page(visit: Visit, place: _Place) -> tuple[_Place, Page]:
    """Run the screen; where it refuses, the page that explains why, or the page before."""
    try:
        return place, _run(visit, place.link)
    except Refused as refusal:
        explained = _explained(refusal, standing=place.link, trail=place.trail)
        if explained.link == place.link:
            # The page itself cannot be shown, so the one before it says why.
            before = place.trail or (arrival.top(visit),)
            explained = _Place(before[-1], explained.hint, before[:-1])
        return explained, _run(visit, explained.link)


def _explained(refusal: Refused, *, standing: Link | None, trail: tuple[Link, ...]) -> _Place:
    """The page that says why, with `trail` behind it unless what came before is over."""
    redirect = refusals.place_for(refusal, standing)
    return _Place(redirect.link, redirect.hint, _cut(trail, redirect.trail, to=redirect.link))


def _run(visit: Visit, link: Link) -> Page:
    step = STEPS[link.step]
    assert isinstance(step, Screen)
    return step.run(visit, *link.values)


def _draw(page: Page, visit: Visit, place: _Place) -> tuple[Drawn, AnswerLink | None]:
    language = visit.language
    back = bool(place.trail) or place.link != arrival.top(visit)
    try:
        drawn = draw(page, language=language, part=place.part, hint=place.hint, back=back)
    except PageTooLongError:
        if place.hint is None:
            raise
        # The sentence gets a page of its own, and leads back to the page it is about.
        page = Menu(place.hint, (Option(_("Go on"), place.link),))
        drawn = draw(page, language=language, back=False)
    match page:
        case Menu(typed=typed):
            return drawn, typed
        case Question(then=then):
            return drawn, then
        case End():
            return drawn, None


def _follow(session: Session, new: NewInput, visit: Visit) -> Link | Redirect | _Place:
    """What the caller meant by this input, read against the page as it was shown."""
    standing = session.standing
    assert standing is not None
    trail = tuple(session.trail)
    typed = new.typed.strip()
    if new.ambiguous:
        return _Place(standing, _("Type one answer at a time."), trail, session.part)
    if typed == HOME:
        return arrival.top(visit).afresh()
    if typed == BACK:
        return _back(session, visit)
    if typed == MORE and session.more:
        return _Place(standing, None, trail, session.part + 1)
    # Compared as text: a code that begins with noughts is an answer, not an option.
    options = {str(number): link for number, link in enumerate(session.options, 1)}
    if typed in options:
        return options[typed]
    if session.typed is not None:
        step = STEPS[session.typed.step]
        assert isinstance(step, Answer)
        return step.run(visit, typed, *session.typed.values)
    last = len(session.options)
    hint = _("Choose 1 to {last}.", last=last) if last else _("Type 0 to go back.")
    return _Place(standing, hint, trail, session.part)


def _back(session: Session, visit: Visit) -> Redirect | _Place:
    assert session.standing is not None
    if session.part > 0:
        return _Place(session.standing, None, tuple(session.trail), session.part - 1)
    if not session.trail:
        return arrival.top(visit).afresh()
    return _Place(session.trail[-1], None, tuple(session.trail[:-1]))


def _trail(session: Session) -> tuple[Link, ...]:
    return () if session.standing is None else (*session.trail, session.standing)


def _cut(trail: tuple[Link, ...], how: Trail, *, to: Link) -> tuple[Link, ...]:
    match how:
        case Trail.WHOLE:
            return trail[:-1] if trail[-1:] == (to,) else trail
        case Trail.WITHOUT_LAST:
            return trail[:-1]
        case Trail.EMPTY:
            return ()


def _reply(session: Session) -> Reply:
    assert session.standing is not None
    return Reply(session.body, session.ended, session.standing.step)


def _out_of_step(session: Session) -> Reply:
    return Reply(OUT_OF_STEP.in_(session.language), ends=True, screen="out_of_step")
