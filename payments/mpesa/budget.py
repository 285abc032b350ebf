"""How often Daraja may be asked, shared by all processes."""

import random
import threading
import time
from datetime import timedelta
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from core.outbox.deliver import Later
from core.settings import Settings

_NAME: Final = "mpesa:queries:next"
# Evenly spaced places: the throttle before Daraja allows no burst (observed, daraja.md §4).
# Redis' clock, because the web servers' clocks differ.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free_at = tonumber(redis.call('GET', KEYS[1]) or '0')
if free_at > now then return free_at - now end
redis.call('SET', KEYS[1], now + ARGV[1], 'PX', ARGV[1] + 1000)
return 0
"""


class QueryBudget:
    """Places for queries, `MPESA_QUERIES_PER_MINUTE` of them. Without Redis, so many a process."""

    def __init__(self, *, settings: Settings, redis_client: Redis) -> None:
        self._pause_ms = 60_000 // settings.mpesa_queries_per_minute
        self._take = redis_client.register_script(_TAKE)
        self._own_lock = threading.Lock()
        self._own_free_at = 0.0

    def take(self) -> timedelta:
        """Take a place: nought, or how long until there may be one (then none was taken)."""
        try:
            wait_ms = int(self._take(keys=[_NAME], args=[self._pause_ms]))
        except RedisError:
            wait_ms = self._take_own()
        return timedelta(milliseconds=wait_ms)

    def postponed(self) -> Later | None:
        """None with a place taken, or when a job had better come back for one."""
        wait = self.take()
        # Jitter, so that those who wait do not all come back for the same place.
        return Later(wait * random.uniform(1, 2)) if wait else None  # noqa: S311 - no secret

    def wait(self) -> None:
        """Take a place, however long it takes until there is one."""
        while wait := self.take():
            time.sleep(wait.total_seconds())

    def _take_own(self) -> int:
        with self._own_lock:
            now = time.monotonic()
            if self._own_free_at > now:
                return int((self._own_free_at - now) * 1000) + 1
            self._own_free_at = now + self._pause_ms / 1000
            return 0
