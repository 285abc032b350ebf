"""Where each caller stands, in Redis; may be lost at any time without cost to anybody."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

from ussd.funnel import Arrival, Funnel
from ussd.session import Before, Session

log = structlog.get_logger()

# The network ends a session after 180 s; a repeat of its last hop may come a little later.
SESSION_SECONDS: Final = 240
# Who was cut off and dials again within this time may go on.
RESUME_SECONDS: Final = 600
# A repeat outlasts the hold of a process that died, and is then answered itself.
LEASE_MS: Final = 4_500
PATIENCE_SECONDS: Final = 4.8
POLL_SECONDS: Final = 0.02
WORK_CHANNEL: Final = "outbox"

_BEGIN = """
local token, lease, session_id, kept = unpack(ARGV)
-- The same token again is the client's retry of a trip whose answer was lost.
if not (redis.call('SET', KEYS[2], token, 'NX', 'PX', lease)
    or redis.call('GET', KEYS[2]) == token) then
    return {0}
end
local session = redis.call('GET', KEYS[1])
local tried = redis.call('GET', KEYS[4])
if not session then
    redis.call('SET', KEYS[5], session_id, 'EX', kept)
    return {1, false, redis.call('GET', KEYS[3]), tried}
end
-- What was begun in this session and not answered yet stays the question of the next dial.
local ours = tried and string.sub(tried, 1, #session_id + 1) == session_id .. ' '
if redis.call('GET', KEYS[5]) == session_id and not ours then
    redis.call('SET', KEYS[4], session_id .. ' ' .. token, 'EX', kept)
end
return {1, session, false, tried}
"""
_FINISH = """
local token, session_id, stored, lasts, keep, kept, answered, work, channel = unpack(ARGV)
if redis.call('GET', KEYS[2]) ~= token then return 0 end
if stored ~= '' then redis.call('SET', KEYS[1], stored, 'EX', lasts) end
-- A session that the caller has left for another has nothing more to say.
if keep == '1' and redis.call('GET', KEYS[5]) == session_id then
    redis.call('SET', KEYS[3], stored, 'EX', kept)
    redis.call('DEL', KEYS[4])
elseif answered == '1' and redis.call('GET', KEYS[4]) == session_id .. ' ' .. token then
    redis.call('DEL', KEYS[4])
end
if work == '1' then redis.call('PUBLISH', channel, '') end
redis.call('DEL', KEYS[2])
return 1
"""


class SessionBusyError(Exception):
    """Another copy of this hop is being worked on and does not finish."""


@dataclass(frozen=True)
class Hold:
    """The right to answer one hop of a session; `before` comes with the first hop of one.

    `unanswered` says that a hop of this session was begun before, and never answered.
    """

    caller: str
    token: str
    session_id: str
    session: Session | None
    before: Before | None = None
    unanswered: bool = False


@dataclass(frozen=True)
class _Ending:
    """What a hop leaves behind; nothing, where it could not be answered."""

    stored: str = ""
    kept_for_redial: bool = False
    answered: bool = False
    work_waits: bool = False
    arrival: Arrival | None = None


class Sessions:
    """The sessions in Redis: two round trips a hop, one hop of a session at a time.

    `caller` names a phone without telling its number. All keys of a caller share one node of a
    Redis Cluster, so the next session finds the one before it on the same trip.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._begin = redis.register_script(_BEGIN)
        self._funnel = Funnel(redis)

    def begin(self, caller: str, session_id: str) -> Hold:
        """Take the session for one hop; a second copy of the hop waits here for the first.

        Raises SessionBusyError when the first does not finish, RedisError when Redis is away.
        """
        token = secrets.token_hex(8)
        keys = _keys(caller, session_id)
        args: list[str | int] = [token, LEASE_MS, session_id, RESUME_SECONDS]
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            taken, *stored = self._begin(keys=keys, args=args)
            if taken:
                session, last, tried = stored
                before = _before(last, tried)
                # The client may have sent this trip twice, and then the mark is our own.
                unanswered = (
                    _whose(tried) == session_id and tried != f"{session_id} {token}".encode()
                )
                return Hold(caller, token, session_id, _load(session), before, unanswered)
            if time.monotonic() > give_up_at:
                raise SessionBusyError(session_id)
            time.sleep(POLL_SECONDS)

    def finish(self, hold: Hold, session: Session | None, *, work_waits: bool) -> None:
        """Store the session and let the next hop in; None leaves it as it was.

        On the same trip the page is counted, and the worker is told that there may be work. A
        hold that outlived its lease changes nothing: a later hop has taken over.
        """
        if session is None:
            # It answers nobody but itself: a hop that was lost before is still a question.
            self._let_go(hold, _Ending(answered=True))
            return
        ending = _Ending(
            stored=session.dump(),
            # Whoever types has read the page; until then a redial is told what the first one was.
            kept_for_redial=hold.session is not None,
            answered=True,
            work_waits=work_waits,
            arrival=_arrival(hold, session),
        )
        self._let_go(hold, ending)

    def fail(self, hold: Hold) -> None:
        """Let the next hop in; the next dial finds out what came of this one."""
        self._let_go(hold, _Ending())

    def forget(self, caller: str, session_id: str) -> None:
        """Nothing is to be told about this session any more: its last page was seen."""
        _session, _hold, last, *_others = _keys(caller, session_id)
        session = _load(self._redis.get(last))
        if session is not None and session.id == session_id and session.is_over:
            self._redis.delete(last)

    def left(self, caller: str, session_id: str) -> None:
        """The caller went away from the page last shown; a hint that only the funnel takes."""
        self._funnel.left(caller, session_id)

    def _let_go(self, hold: Hold, ending: _Ending) -> None:
        keys = _keys(hold.caller, hold.session_id)
        # EVAL, since a pipeline of EVALSHA would ask first, on a trip of its own, what is loaded.
        with self._redis.pipeline(transaction=False) as trip:
            trip.eval(
                _FINISH,
                len(keys),
                *keys,
                hold.token,
                hold.session_id,
                ending.stored,
                SESSION_SECONDS,
                int(ending.kept_for_redial),
                RESUME_SECONDS,
                int(ending.answered),
                int(ending.work_waits),
                WORK_CHANNEL,
            )
            if ending.arrival is not None:
                ending.arrival.count(trip)
            finished, *counted = trip.execute(raise_on_error=False)
        if isinstance(finished, Exception):
            raise finished
        if not finished:
            log.warning("hold_lost")
        if any(isinstance(answer, Exception) for answer in counted):
            log.warning("arrival_not_counted")


def listen_for_work(redis: Redis) -> Callable[[float], None]:
    """A rest for the worker that ends early when a hop has left work; without Redis, in time."""
    listener: PubSub = redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]

    def rest(seconds: float) -> None:
        try:
            if not listener.subscribed:
                listener.subscribe(WORK_CHANNEL)
            listener.get_message(timeout=seconds)
        except RedisError:
            listener.reset()
            time.sleep(seconds)

    return rest


def _arrival(hold: Hold, session: Session) -> Arrival | None:
    if session.standing is None:
        return None
    position, screen = session.transcript.position, session.standing.step
    return Arrival(hold.caller, session.id, position, screen, stays=not session.ended)


def _keys(caller: str, session_id: str) -> list[str]:
    stem = f"ussd:{{{caller}}}"
    # A session id may hold a colon, so what tells the keys apart stands before it.
    return [
        f"{stem}:session:{session_id}",
        f"{stem}:hold:{session_id}",
        f"{stem}:last",
        f"{stem}:tried",
        f"{stem}:newest",
    ]


def _before(last: bytes | None, tried: bytes | None) -> Before | None:
    session = _load(last)
    if session is None:
        return None
    return Before(session, unanswered=_whose(tried) == session.id)


def _whose(tried: bytes | None) -> str:
    """The session of a hop that was begun and not answered."""
    return (tried or b"").decode().partition(" ")[0]


def _load(stored: bytes | str | None) -> Session | None:
    """The session; one that this version of the code cannot read is as good as lost."""
    if not stored:
        return None
    try:
        return Session.load(stored)
    except (KeyError, TypeError, ValueError):
        log.warning("session_unreadable")
        return None
