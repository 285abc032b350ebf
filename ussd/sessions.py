"""Where each caller stands, in Redis; may be lost at any time without cost to anybody."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

from core.text import Language
from ussd.pages import AnswerLink, Link
from ussd.transcript import Transcript

log = structlog.get_logger()

# The network ends a session after 180 s; a repeat of its last hop may come a little later.
SESSION_SECONDS: Final = 240
# A repeat outlasts the hold of a process that died, and is then answered itself.
LEASE_MS: Final = 6_500
PATIENCE_SECONDS: Final = 7.0
POLL_SECONDS: Final = 0.02
WORK_CHANNEL: Final = "outbox"
LONGEST_TRAIL: Final = 12

_BEGIN = """
-- The same token again is the client's retry of a trip whose answer was lost.
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
    or redis.call('GET', KEYS[2]) == ARGV[1] then
    return {1, redis.call('GET', KEYS[1])}
end
return {0}
"""
_FINISH = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
if ARGV[4] == '1' then redis.call('PUBLISH', ARGV[5], '') end
redis.call('DEL', KEYS[2])
return 1
"""


class SessionBusyError(Exception):
    """Another copy of this hop is being worked on and does not finish."""


@dataclass
class Session:
    """What must be known when the next hop comes. Holds no input: only its length and hash."""

    phone: str
    language: Language
    transcript: Transcript
    body: str = ""
    ended: bool = False
    standing: Link | None = None
    part: int = 0
    options: tuple[Link, ...] = ()
    more: bool = False
    typed: AnswerLink | None = None
    trail: list[Link] = field(default_factory=list)
    player_id: int | None = None
    proven: bool = False
    wrote: bool = False

    def dump(self) -> str:
        """The session as Redis keeps it."""
        stored: dict[str, Any] = {**self.__dict__}
        stored["transcript"] = [
            self.transcript.length,
            self.transcript.mac,
            self.transcript.empty,
        ]
        stored["standing"] = _dump(self.standing)
        stored["typed"] = _dump(self.typed)
        stored["options"] = [link.as_json() for link in self.options]
        stored["trail"] = [link.as_json() for link in self.trail[-LONGEST_TRAIL:]]
        return json.dumps(stored, separators=(",", ":"))

    @staticmethod
    def load(text: str | bytes) -> "Session":
        """The session as it was."""
        stored = json.loads(text)
        stored["language"] = Language(stored["language"])
        stored["transcript"] = Transcript(*stored["transcript"])
        stored["standing"] = stored["standing"] and Link.from_json(stored["standing"])
        stored["typed"] = stored["typed"] and _answer(stored["typed"])
        stored["options"] = tuple(Link.from_json(link) for link in stored["options"])
        stored["trail"] = [Link.from_json(link) for link in stored["trail"]]
        return Session(**stored)


class Sessions:
    """The sessions in Redis: two round trips a hop, one hop of a session at a time."""

    def __init__(self, redis: Redis) -> None:
        self._begin = redis.register_script(_BEGIN)
        self._finish = redis.register_script(_FINISH)

    def begin(self, session_id: str) -> "Hold":
        """Take the session for one hop; a second copy of the hop waits here for the first.

        Raises SessionBusyError when the first does not finish, RedisError when Redis is away.
        """
        token = secrets.token_hex(8)
        keys = _keys(session_id)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            taken, *stored = self._begin(keys=keys, args=[token, LEASE_MS])
            if taken:
                return Hold(session_id, token, _load(stored[0] if stored else None))
            if time.monotonic() > give_up_at:
                raise SessionBusyError(session_id)
            time.sleep(POLL_SECONDS)

    def finish(self, hold: "Hold", session: Session | None, *, work_waits: bool) -> None:
        """Store the session and let the next hop in; None leaves it as it was.

        On the same trip the worker is told that there may be work. A hold that outlived its
        lease changes nothing: a later hop has taken over.
        """
        value = session.dump() if session is not None else ""
        hint = "1" if work_waits else ""
        self._finish(
            keys=_keys(hold.session_id),
            args=[hold.token, value, SESSION_SECONDS, hint, WORK_CHANNEL],
        )


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


@dataclass(frozen=True)
class Hold:
    """The right to answer one hop of a session."""

    session_id: str
    token: str
    session: Session | None


def _keys(session_id: str) -> list[str]:
    # Braces keep both keys on one node of a Redis Cluster.
    return [f"ussd:{{{session_id}}}", f"ussd:{{{session_id}}}:hold"]


def _load(stored: bytes | None) -> Session | None:
    """The session; one that this version of the code cannot read is as good as lost."""
    if not stored:
        return None
    try:
        return Session.load(stored)
    except (KeyError, TypeError, ValueError):
        log.warning("session_unreadable")
        return None


def _dump(link: Link | None) -> list[Any] | None:
    return None if link is None else link.as_json()


def _answer(stored: list[Any]) -> AnswerLink:
    link = Link.from_json(stored)
    return AnswerLink(link.step, link.values)
