"""What a caller who was cut off is told and offered on the next dial."""

from dataclasses import dataclass
from typing import Final

from core.text import Text
from ussd.pages import CONTINUED, OUTCOMES, REMEMBERED, Link, Way
from ussd.session import Before, Session
from ussd.visit import Visit

NO_PAGES: Final = Way()


@dataclass(frozen=True)
class LookedBack:
    """A sentence about what was done, and the page to go on with, where there is one."""

    hint: Text | None = None
    link: Link | None = None
    before: Way = NO_PAGES


def look_back(visit: Visit, before: Before | None) -> LookedBack:
    """What the last call of this phone left open.

    Where it stood before a bet, the ledger is asked: an answer may be on its way, or done and
    never told. What is said is made durable at once, for it must stay true.
    """
    if before is None or before.session.player_id != visit.player_id:
        return LookedBack()
    session = before.session
    if session.is_over:
        return LookedBack(_memory(visit, session))
    hint = None
    if session.typed is not None and session.typed.step in OUTCOMES:
        find = OUTCOMES[session.typed.step]
        came = find(visit, session.id, *session.typed.values)
        visit.commit()
        if came.done:
            return LookedBack(came.text)
        # Nobody who has not typed the PIN needs to be told that nothing came of it.
        hint = came.text if before.unanswered else None
    return _open_page(session, hint)


def words_to_continue(visit: Visit, link: Link) -> Text:
    """What going on with this page is called."""
    return CONTINUED[link.step](visit, *link.values)


def _memory(visit: Visit, session: Session) -> Text | None:
    assert session.standing is not None
    words = REMEMBERED.get(session.standing.step)
    return words(visit, *session.standing.values) if words else None


def _open_page(session: Session, hint: Text | None) -> LookedBack:
    """The last page on the caller's way that a new session may open."""
    assert session.standing is not None
    way = [*session.trail, session.standing]
    for place in range(len(way) - 1, -1, -1):
        if way[place].step in CONTINUED:
            return LookedBack(hint, way[place], Way(way[:place]))
    return LookedBack(hint)
