"""Answers the hops of all callers: what arrives again, late or garbled, and what cannot be done."""

from dataclasses import dataclass
from itertools import count
from typing import Final

import structlog
from prometheus_client import Counter
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from core.database import (
    may_repeat,
    pause_before_retry,
    seconds_left,
    time_limit,
    took_too_long,
)
from core.text import Language, Text, _
from ussd import shortcuts, turn
from ussd.hop import Hop
from ussd.pages import OUTCOMES
from ussd.screens import arrival
from ussd.session import Before, Session
from ussd.sessions import Hold, SessionBusyError, Sessions
from ussd.transcript import NewInput, OutOfStep, Repeat, Transcript
from ussd.visit import Services, Visit

log = structlog.get_logger()

# The network waits 10 s and we promise 8: what is left is for the second trip to Redis.
HOP_SECONDS: Final = 5.5
# Another try is worth while only if it has time to end.
SHORTEST_TRY_SECONDS: Final = 2.0

FAILURES = Counter("kibeezy_hop_failures", "Hops that ended with an apology.", ["reason"])

MALFORMED = _("The network garbled this. Please dial again. An SMS confirms each bet.")
NOTHING_KNOWN = _("Sorry, we have a problem. Please dial again. An SMS confirms each bet.")
# A bet may stand in this session, so nothing is said about money but where to read of it.
OUT_OF_STEP_LATE = _("That came out of order. Please dial again. An SMS confirms each bet.")
OUT_OF_STEP = _("That did not reach us in order. No money was taken. Please dial again.")
NOTHING_DONE = _("Sorry, we have a problem. No money was taken. Please dial again.")
MAY_BE_DONE = _("Sorry, we have a problem. Dial again: we will tell you what came of it.")


@dataclass(frozen=True)
class Reply:
    """What the gateway is told; `screen` names the page on the provider's dashboard."""

    body: str
    ends: bool
    screen: str


def apologise(text: Text, *, reason: str, language: Language | None = None) -> Reply:
    """The last page of a hop that failed, counted; in both languages where none is known."""
    FAILURES.labels(reason).inc()
    body = _in_both(text) if language is None else text.in_(language)
    return Reply(body, ends=True, screen=reason)


class Conversation:
    """Answers hops. Keeps nothing between them: sessions are in Redis, money in the ledger."""

    def __init__(self, *, services: Services, sessions: Sessions) -> None:
        self._services = services
        self._sessions = sessions

    def answer(self, hop: Hop) -> Reply:
        """The page for this hop. The same hop again gets the same bytes and does nothing.

        A hop that cannot be done is answered all the same, in words that are true either way.
        """
        with time_limit(HOP_SECONDS):
            try:
                hold = self._sessions.begin(self._caller(hop.phone), hop.session_id)
            except (RedisError, SessionBusyError):
                log.exception("session_out_of_reach")
                return apologise(NOTHING_KNOWN, reason="session")
            return self._answer_held(hop, hold)

    def session_ended(self, *, session_id: str, phone: str) -> None:
        """Take the network's word that the last page of this session was shown."""
        self._sessions.forget(self._caller(phone), session_id)

    def session_left(self, *, session_id: str, phone: str) -> None:
        """Take the network's word that the caller went away while we waited for an answer."""
        self._sessions.left(self._caller(phone), session_id)

    def _caller(self, phone: str) -> str:
        return self._services.pepper.mac("caller", phone).hex()[:32]

    def _answer_held(self, hop: Hop, hold: Hold) -> Reply:
        words, language = _apology(hold)
        try:
            reply, changed = self._read(hop, hold)
        except Exception as error:
            reason = "deadline" if took_too_long(error) else "error"
            log.exception("hop_failed", reason=reason)
            self._let_go(hold)
            return apologise(words, reason=reason, language=language)
        try:
            wrote = changed is not None and changed.wrote
            self._sessions.finish(hold, changed, work_waits=wrote)
        except RedisError:
            # What was done is done, and the page says so; the next hop will be out of step.
            log.exception("session_not_stored")
        return reply

    def _let_go(self, hold: Hold) -> None:
        try:
            self._sessions.fail(hold)
        except RedisError:
            log.exception("session_not_released")

    def _read(self, hop: Hop, hold: Hold) -> tuple[Reply, Session | None]:
        """The reply, and the session to store; None where it stays as it was."""
        pepper, session = self._services.pepper, hold.session
        if session is None:
            return self._open(hop, hold)
        match session.transcript.read(hop.input, pepper):
            case Repeat():
                return _reply(session), None
            case NewInput() as new if not session.ended:
                session.transcript = Transcript.of(hop.input, pepper)
                self._turn(hop, session, lambda visit: turn.follow(session, new, visit))
                return _reply(session), session
            case NewInput() | OutOfStep():
                late = session.ended or hold.unanswered
                text = OUT_OF_STEP_LATE if late else OUT_OF_STEP
                return Reply(text.in_(session.language), ends=True, screen="out_of_step"), None

    def _open(self, hop: Hop, hold: Hold) -> tuple[Reply, Session | None]:
        """The first page of a call, or of one whose session was lost."""
        if hop.dialled is None:
            return Reply(_in_both(OUT_OF_STEP_LATE), ends=True, screen="out_of_step"), None
        transcript = Transcript.of(hop.input, self._services.pepper)
        language = hold.before.session.language if hold.before else Language.ENGLISH
        session = Session(hop.session_id, language, transcript)
        links = shortcuts.follow(hop.dialled)
        self._turn(hop, session, lambda visit: arrival.arrive(visit, hold.before, links))
        return _reply(session), session

    def _turn(self, hop: Hop, session: Session, move: turn.Move) -> None:
        """Take one turn; after a collision, from the start."""
        for attempt in count(1):
            visit = Visit(
                services=self._services,
                session_id=hop.session_id,
                position=session.transcript.position,
                phone=hop.phone,
                language=session.language,
                player_id=session.player_id,
                proven=session.proven,
                stopped=session.stopped,
            )
            try:
                turn.take(session, visit, move)
            except DBAPIError as error:
                if seconds_left() < SHORTEST_TRY_SECONDS or not may_repeat(error):
                    raise
            else:
                return
            finally:
                visit.close()
            pause_before_retry(attempt)


def _apology(hold: Hold) -> tuple[Text, Language | None]:
    """What to say if this hop fails: true of it, and of the one that a redial asks about."""
    match hold:
        case Hold(session=Session() as shown):
            return MAY_BE_DONE if _may_act(shown) else NOTHING_DONE, shown.language
        case Hold(before=Before(session=shown, unanswered=unanswered)):
            unknown = unanswered and _may_act(shown)
            return MAY_BE_DONE if unknown else NOTHING_KNOWN, shown.language
        case _:
            return NOTHING_KNOWN, None


def _may_act(shown: Session) -> bool:
    return shown.typed is not None and shown.typed.step in OUTCOMES


def _reply(session: Session) -> Reply:
    assert session.standing is not None
    return Reply(session.body, session.ended, session.standing.step)


def _in_both(text: Text) -> str:
    return "\n".join(text.in_(language) for language in Language)
