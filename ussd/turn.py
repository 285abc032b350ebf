"""One turn of a caller: do what was asked for, then draw the page it leads to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from core.errors import Refused
from core.gsm7 import septets
from core.text import Language, Text, _
from ussd.drawing import BACK, HOME, MORE, PAGE_SEPTETS, Drawn, PageTooLongError, draw
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
from ussd.session import Session
from ussd.transcript import NewInput
from ussd.visit import Visit

MOST_STEPS: Final = 6
# Leaves room for the line that leads on.
LONGEST_HINT: Final = PAGE_SEPTETS - 20


@dataclass(frozen=True)
class Place:
    """Where the caller stands after a turn."""

    link: Link
    hint: Text | None = None
    trail: tuple[Link, ...] = ()
    part: int = 0


Move = Callable[[Visit], "Link | Redirect | Place"]


def take(session: Session, visit: Visit, move: Move) -> None:
    """Make the move, durably, and leave in the session the page that shows what came of it.

    Everything may be done again after a collision: until its commit it leaves no trace.
    """
    place = _arrive(session, visit, move)
    _show(session, visit, place)


def follow(session: Session, new: NewInput, visit: Visit) -> Link | Redirect | Place:
    """What the caller meant by this input, read against the page as it was shown."""
    standing = session.standing
    assert standing is not None
    trail = tuple(session.trail)
    typed = new.typed.strip()
    if new.ambiguous:
        return Place(standing, _("Type one answer at a time."), trail, session.part)
    if typed == HOME:
        return arrival.top(visit).afresh()
    if typed == BACK:
        return _back(session, visit)
    if typed == MORE and session.more:
        return Place(standing, None, trail, session.part + 1)
    # Compared as text: a code that begins with noughts is an answer, not an option.
    options = {str(number): link for number, link in enumerate(session.options, 1)}
    if typed in options:
        return options[typed]
    if session.typed is not None:
        step = STEPS[session.typed.step]
        assert isinstance(step, Answer)
        return step.run(visit, typed, *session.typed.values)
    return Place(standing, _choices(len(session.options)), trail, session.part)


def _arrive(session: Session, visit: Visit, move: Move) -> Place:
    """Do what was asked for, durably, and find the page that shows it."""
    trail = _trail(session)
    try:
        goal = move(visit)
        place = goal if isinstance(goal, Place) else _lead(visit, goal, trail)
        visit.commit()
    except Refused as refusal:
        visit.close()
        place = _explained(refusal, standing=session.standing, trail=trail)
        return replace(place, part=session.part) if place.link == session.standing else place
    return place


def _lead(visit: Visit, goal: Link | Redirect, trail: tuple[Link, ...]) -> Place:
    """The page that a press leads to, through every step that acts or decides on the way."""
    hint = None
    for _step in range(MOST_STEPS):
        redirect = goal if isinstance(goal, Redirect) else Redirect(goal)
        hint = redirect.hint or hint
        step = STEPS[redirect.link.step]
        if isinstance(step, Screen):
            return Place(redirect.link, hint, _cut(trail, redirect.trail, to=redirect.link))
        trail = _kept(trail, redirect.trail)
        try:
            goal = step.run(visit, *redirect.link.values)
        except Refused as refusal:
            if hint is None:
                raise
            visit.close()
            return _with(hint, _explained(refusal, standing=None, trail=trail))
    raise AssertionError("actions lead to a page within a few steps")


def _with(hint: Text | None, place: Place) -> Place:
    """The same place, saying the one sentence before the other; alone, if they fill a page."""
    if hint is None or place.hint is None or place.hint == hint:
        return replace(place, hint=place.hint or hint)
    both = Text("{first}\n{then}", {"first": hint, "then": place.hint})
    short = all(septets(both.in_(language)) <= LONGEST_HINT for language in Language)
    return replace(place, hint=both if short else hint)


def _show(session: Session, visit: Visit, place: Place) -> None:
    """Draw the page and remember it as it was shown."""
    place, page = _page(visit, place)
    drawn, typed = _draw(page, visit, place)
    session.language, session.player_id, session.proven = (
        visit.language,
        visit.player_id,
        visit.proven,
    )
    session.stopped = visit.stopped
    session.standing, session.trail, session.part = place.link, list(place.trail), place.part
    session.options, session.more, session.typed = drawn.options, drawn.more, typed
    session.body, session.ended, session.wrote = drawn.body, drawn.ends, visit.wrote


def _page(visit: Visit, place: Place) -> tuple[Place, Page]:
    """Run the screen; where it refuses, the page that explains why, or the page before."""
    try:
        return place, _run(visit, place.link)
    except Refused as refusal:
        explained = _explained(refusal, standing=place.link, trail=place.trail)
        if explained.link == place.link:
            # The page itself cannot be shown, so the one before it says why.
            before = place.trail or (arrival.top(visit),)
            explained = Place(before[-1], explained.hint, before[:-1])
        return _with(place.hint, explained), _run(visit, explained.link)


def _explained(refusal: Refused, *, standing: Link | None, trail: tuple[Link, ...]) -> Place:
    """The page that says why, with `trail` behind it unless what came before is over."""
    redirect = refusals.place_for(refusal, standing)
    return Place(redirect.link, redirect.hint, _cut(trail, redirect.trail, to=redirect.link))


def _run(visit: Visit, link: Link) -> Page:
    step = STEPS[link.step]
    assert isinstance(step, Screen)
    return step.run(visit, *link.values)


def _draw(page: Page, visit: Visit, place: Place) -> tuple[Drawn, AnswerLink | None]:
    language = visit.language
    back = bool(place.trail) or place.link.step not in arrival.FIRST_PAGES
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


def _choices(last: int) -> Text | None:
    match last:
        case 0:
            # The page itself says that `0` leads back.
            return None
        case 1:
            return _("Choose 1.")
        case 2:
            return _("Choose 1 or 2.")
        case _:
            return _("Choose 1 to {last}.", last=last)


def _back(session: Session, visit: Visit) -> Redirect | Place:
    assert session.standing is not None
    if session.part > 0:
        return Place(session.standing, None, tuple(session.trail), session.part - 1)
    if not session.trail:
        return arrival.top(visit).afresh()
    return Place(session.trail[-1], None, tuple(session.trail[:-1]))


def _trail(session: Session) -> tuple[Link, ...]:
    return () if session.standing is None else (*session.trail, session.standing)


def _cut(trail: tuple[Link, ...], how: Trail | tuple[Link, ...], *, to: Link) -> tuple[Link, ...]:
    kept = _kept(trail, how)
    return kept[:-1] if kept[-1:] == (to,) else kept


def _kept(trail: tuple[Link, ...], how: Trail | tuple[Link, ...]) -> tuple[Link, ...]:
    if isinstance(how, tuple):
        return how
    match how:
        case Trail.WHOLE:
            return trail
        case Trail.WITHOUT_LAST:
            return trail[:-1]
        case Trail.EMPTY:
            return ()
