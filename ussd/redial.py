"""What a caller who was cut off is told and offered on the next dial."""

from dataclasses import dataclass
from typing import Final

from core.text import Text
from ussd.pages import CONTINUED, OUTCOMES, REMEMBERED, Link, Way
from ussd.session import Before, Session
from ussd.visit import Visit, hop_key

NO_PAGES: Final = Way()


@dataclass(frozen=True)
class LookedBack:
    """A sentence about what was done, and the page to go on with, where there is one."""

    hint: Text | None = None
    link: Link | None = None
    before: Way = NO_PAGES


def look_back(visit: Visit, before: Before | None) -> LookedBack:
    """What the last call of this phone left open.

    An answer that was begun and never answered is looked up under its key, so what is said about
    money is what the ledger says.
    """
    if before is None or before.session.player_id != visit.player_id:
        return LookedBack()
    session = before.session
    if before.begun is not None and session.typed is not None and session.typed.step in OUTCOMES:
        find = OUTCOMES[session.typed.step]
        key = hop_key(session.id, before.begun)
        came = find(visit, key, *session.typed.values)
        return LookedBack(came.text) if came.done else _open_page(session, came.text)
    if session.is_over:
        return LookedBack(_memory(visit, session))
    return _open_page(session)


def words_to_continue(visit: Visit, link: Link) -> Text:
    """What going on with this page is called."""
    return CONTINUED[link.step](visit, *link.values)


def _memory(visit: Visit, session: Session) -> Text | None:
    assert session.standing is not None
    words = REMEMBERED.get(session.standing.step)
    return words(visit, *session.standing.values) if words else None


def _open_page(session: Session, hint: Text | None = None) -> LookedBack:
    """The last page on the caller's way that a new session may open."""
    assert session.standing is not None
    way = [*session.trail, session.standing]
    for place in range(len(way) - 1, -1, -1):
        if way[place].step in CONTINUED:
            return LookedBack(hint, way[place], Way(way[:place]))
    return LookedBack(hint)
