"""How fast SMS go out, over all processes; codes never wait for what is less urgent."""

import random
import threading
import time
from collections.abc import Iterator
from typing import Final

import structlog
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError

from core.carriers.rules import Carrier

log = structlog.get_logger()

# Only what is urgent may come before its time, and so finds a place whatever else waits: in any
# second a quarter more than the rate may go out.
RESERVE_SECONDS: Final = 0.25
# A wait in the thread costs nothing; beyond it the thread is missed, and the lease runs on.
LONGEST_WAIT_SECONDS: Final = 5.0
# How long nothing goes after the provider's word that we are too fast.
PAUSE_SECONDS: Final = 1.0
_SECOND: Final = 1_000_000
# The time at which the next place is free, in microseconds, by Redis' clock as all others differ.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local free_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = free_at - now - ARGV[2]
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', free_at + ARGV[1]), 'PX', 60000)
redis.call('HINCRBY', KEYS[2], 'sent', 1)
redis.call('HINCRBY', KEYS[2], 'waited_ms', ARGV[3])
return 0
"""
_PAUSE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local free_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', free_at), 'PX', 60000)
"""


class Pace(Collector):
    """`SMS_PER_SECOND` places for each provider. Without Redis, so many a process."""

    def __init__(self, *, redis_client: Redis, per_second: int) -> None:
        self._redis = redis_client
        self._space = _SECOND // per_second
        # One place and more: what went a moment ago never keeps a code waiting.
        self._reserve = self._space + int(RESERVE_SECONDS * _SECOND)
        self._take = redis_client.register_script(_TAKE)
        self._pause = redis_client.register_script(_PAUSE)
        self._own_lock = threading.Lock()
        self._own_free_at: dict[Carrier, int] = {}

    def wait(self, carrier: Carrier, *, urgent: bool) -> bool:
        """Wait a short time for a place; False where there is none, and none was taken."""
        begun = time.monotonic()
        while wait_seconds := self._ask(carrier, urgent=urgent, begun=begun):
            if time.monotonic() - begun + wait_seconds > LONGEST_WAIT_SECONDS:
                return False
            # Jitter, so that those who wait do not all come back for the same place.
            time.sleep(wait_seconds * random.uniform(1, 1.3))  # noqa: S311 - no secret
        return True

    def slow_down(self, carrier: Carrier) -> None:
        """Let nothing go for a moment, urgent or not; what is not urgent goes a little later."""
        # What is urgent may come before its time by the reserve, and is to wait as well.
        until = int(PAUSE_SECONDS * _SECOND) + self._reserve
        try:
            self._pause(keys=_keys(carrier), args=[until])
        except RedisError:
            with self._own_lock:
                paused = _clock() + until
                self._own_free_at[carrier] = max(self._own_free_at.get(carrier, 0), paused)

    def collect(self) -> Iterator[Metric]:
        """How many places were taken and how long they were waited for, over all processes."""
        sent = CounterMetricFamily("kibeezy_sms_sent", "Calls to a provider.", labels=["provider"])
        waited = CounterMetricFamily(
            "kibeezy_sms_rate_wait_seconds", "Waited for the rate.", labels=["provider"]
        )
        try:
            for carrier in Carrier:
                counts = self._redis.hgetall(_keys(carrier)[1])
                sent.add_metric([carrier], int(counts.get(b"sent", 0)))
                waited.add_metric([carrier], int(counts.get(b"waited_ms", 0)) / 1000)
        except RedisError:
            log.warning("sms_pace_out_of_reach")
            return
        yield from (sent, waited)

    def _ask(self, carrier: Carrier, *, urgent: bool, begun: float) -> float:
        reserve = self._reserve if urgent else 0
        waited_ms = int((time.monotonic() - begun) * 1000)
        try:
            args = [self._space, reserve, waited_ms]
            return int(self._take(keys=_keys(carrier), args=args)) / _SECOND
        except RedisError:
            return self._ask_own(carrier, reserve) / _SECOND

    def _ask_own(self, carrier: Carrier, reserve: int) -> int:
        with self._own_lock:
            now = _clock()
            free_at = max(self._own_free_at.get(carrier, 0), now)
            if free_at - now > reserve:
                return free_at - now - reserve
            self._own_free_at[carrier] = free_at + self._space
            return 0


def _keys(carrier: Carrier) -> list[str]:
    return [f"sms:{{{carrier}}}:free_at", f"sms:{{{carrier}}}:counts"]


def _clock() -> int:
    return int(time.monotonic() * _SECOND)
