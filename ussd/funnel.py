"""How many callers reach each page, answer it, or leave there: counted in Redis, for everybody."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError

log = structlog.get_logger()

# No network keeps a session open longer.
LEFT_AFTER_SECONDS: Final = 180
SWEEP_EVERY_SECONDS: Final = 5.0
MOST_SWEPT_AT_ONCE: Final = 500

# All on one node of a Redis Cluster: counts, who stands somewhere since when, and where.
_KEYS: Final = ("funnel:{all}:counts", "funnel:{all}:since", "funnel:{all}:where")
_NOWHERE: Final = "-"

# A place is "<position> <screen> <session id>"; its order is what tells a repeat.
_PLACE: Final = """
local function place_of(caller)
    local place = redis.call('HGET', KEYS[3], caller)
    if not place then return nil end
    return string.match(place, '^(%d+) (%S+) (.*)$')
end
local function count(what, screen)
    if screen and screen ~= '-' then
        redis.call('HINCRBY', KEYS[1], what .. ' ' .. screen, 1)
    end
end
"""
_ARRIVE: Final = (
    _PLACE
    + """
local caller, session, position, screen, stays = unpack(ARGV)
local last, stood, before = place_of(caller)
if before == session and tonumber(last) >= tonumber(position) then return 0 end
count(before == session and 'answered' or 'left', stood)
count('arrived', screen)
local stands = stays == '1' and screen or '-'
redis.call('HSET', KEYS[3], caller, position .. ' ' .. stands .. ' ' .. session)
redis.call('ZADD', KEYS[2], redis.call('TIME')[1], caller)
return 1
"""
)
_LEAVE: Final = (
    _PLACE
    + """
local caller, session = unpack(ARGV)
local last, stood, before = place_of(caller)
if before ~= session then return 0 end
count('left', stood)
redis.call('HSET', KEYS[3], caller, last .. ' - ' .. session)
return 1
"""
)
_SWEEP: Final = (
    _PLACE
    + """
local latest = redis.call('TIME')[1] - ARGV[1]
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', latest, 'LIMIT', 0, ARGV[2])
for _, caller in ipairs(gone) do
    local _, stood = place_of(caller)
    count('left', stood)
    redis.call('HDEL', KEYS[3], caller)
    redis.call('ZREM', KEYS[2], caller)
end
return #gone
"""
)


@dataclass
class Counts:
    """What became of the callers who were shown a page; the last page of a session has no more."""

    arrived: int = 0
    answered: int = 0
    left: int = 0


@dataclass(frozen=True)
class Arrival:
    """A page that one hop has led to; `stays` where the caller is asked for something there."""

    caller: str
    session_id: str
    position: int
    screen: str
    stays: bool

    def count(self, trip: Pipeline) -> None:
        """Count it on this trip to Redis.

        The same arrival again counts nothing, and a new session leaves the page of the one before.
        """
        trip.eval(
            _ARRIVE,
            len(_KEYS),
            *_KEYS,
            self.caller,
            self.session_id,
            self.position,
            self.screen,
            int(self.stays),
        )


class Funnel(Collector):
    """The counts of all web processes together. Losing Redis loses the counts and nothing else."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._leave = redis.register_script(_LEAVE)
        self._sweep = redis.register_script(_SWEEP)

    def left(self, caller: str, session_id: str) -> None:
        """The caller is gone from this session, and so from its last page; once."""
        self._leave(keys=_KEYS, args=[caller, session_id])

    def sweep(self) -> int:
        """Count those who stood on a page until their session was over; returns how many ended.

        Any number of workers may do it: each caller is swept once.
        """
        return int(self._sweep(keys=_KEYS, args=[LEFT_AFTER_SECONDS, MOST_SWEPT_AT_ONCE]))

    def read(self) -> dict[str, Counts]:
        """The counts of each screen that was ever shown."""
        counts: defaultdict[str, Counts] = defaultdict(Counts)
        for field, number in self._redis.hgetall(_KEYS[0]).items():
            assert isinstance(field, bytes)
            what, _, screen = field.decode().partition(" ")
            setattr(counts[screen], what, int(number))
        return dict(counts)

    def collect(self) -> Iterator[Metric]:
        """The counts for Prometheus; without Redis there are none, and the rest is still told."""
        try:
            counts = self.read()
        except RedisError:
            log.warning("funnel_out_of_reach")
            return
        for what in ("arrived", "answered", "left"):
            family = CounterMetricFamily(
                f"kibeezy_screen_{what}", f"Pages {what}, by screen.", labels=["screen"]
            )
            for screen, of_screen in sorted(counts.items()):
                family.add_metric([screen], getattr(of_screen, what))
            yield family


def sweep_between(rest: Callable[[float], None], funnel: Funnel) -> Callable[[float], None]:
    """A rest for the worker in which it also sweeps, every few seconds."""
    due = time.monotonic()

    def rest_and_sweep(seconds: float) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + SWEEP_EVERY_SECONDS
            try:
                funnel.sweep()
            except RedisError:
                log.warning("funnel_not_swept")
        rest(seconds)

    return rest_and_sweep
