"""How fast SMS go out, over all processes, and who does not wait."""

import time
from threading import Barrier, Thread

import pytest
from prometheus_client.registry import CollectorRegistry
from redis import Redis

from core.carriers.rules import Carrier
from sms.pace import Pace

AT, INFOBIP = Carrier.AFRICAS_TALKING, Carrier.INFOBIP


def taken(pace: Pace, number: int, *, urgent: bool = False, carrier: Carrier = AT) -> list[float]:
    """So many threads ask for a place at once; returns when each got one, in seconds."""
    together, times = Barrier(number), list[float]()

    def ask() -> None:
        together.wait()
        assert pace.wait(carrier, urgent=urgent)
        times.append(time.monotonic())

    threads = [Thread(target=ask) for _ in range(number)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [moment - begun for moment in sorted(times)]


def test_two_processes_share_the_rate(redis_client: Redis) -> None:
    one, other = (Pace(redis_client=redis_client, per_second=20) for _ in range(2))
    begun = time.monotonic()
    for _ in range(5):
        assert one.wait(AT, urgent=False)
        assert other.wait(AT, urgent=False)
    assert 0.45 <= time.monotonic() - begun < 5, "ten at twenty a second"


def test_threads_share_it_too(redis_client: Redis) -> None:
    assert taken(Pace(redis_client=redis_client, per_second=20), 6)[-1] >= 0.2


@pytest.mark.parametrize("per_second", [1, 20])
def test_a_code_never_waits_for_receipts(redis_client: Redis, per_second: int) -> None:
    pace = Pace(redis_client=redis_client, per_second=per_second)
    waiting = [Thread(target=pace.wait, args=(AT,), kwargs={"urgent": False}) for _ in range(4)]
    for thread in waiting:
        thread.start()
    begun = time.monotonic()
    assert pace.wait(AT, urgent=True)
    assert time.monotonic() - begun < 0.7
    if per_second == 1:
        redis_client.flushdb()
    for thread in waiting:
        thread.join()


def test_codes_alone_do_not_pass_the_rate_for_long(redis_client: Redis) -> None:
    times = taken(Pace(redis_client=redis_client, per_second=20), 12, urgent=True)
    assert times[-1] >= 0.2


def test_each_provider_has_a_rate_of_its_own(redis_client: Redis) -> None:
    pace = Pace(redis_client=redis_client, per_second=1)
    assert pace.wait(AT, urgent=False)
    begun = time.monotonic()
    assert pace.wait(INFOBIP, urgent=False)
    assert time.monotonic() - begun < 0.8


def test_where_the_wait_is_long_there_is_no_place_and_none_is_taken(redis_client: Redis) -> None:
    pace = Pace(redis_client=redis_client, per_second=20)
    for _ in range(6):
        pace.slow_down(AT)
    redis_client.set("sms:{africas_talking}:free_at", 10**17)
    begun = time.monotonic()
    assert not pace.wait(AT, urgent=False)
    assert not pace.wait(AT, urgent=True)
    assert time.monotonic() - begun < 2
    assert redis_client.hget("sms:{africas_talking}:counts", "sent") is None


def test_a_throttled_provider_is_left_alone_for_a_moment(redis_client: Redis) -> None:
    pace = Pace(redis_client=redis_client, per_second=20)
    begun = time.monotonic()
    pace.slow_down(AT)
    assert pace.wait(AT, urgent=True)
    assert 0.95 <= time.monotonic() - begun < 5


def test_without_redis_each_process_keeps_to_the_rate() -> None:
    away = Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=0.1)
    pace = Pace(redis_client=away, per_second=20)
    times = taken(pace, 5)
    assert times[-1] >= 0.15
    begun = time.monotonic()
    pace.slow_down(AT)
    assert pace.wait(AT, urgent=True)
    assert time.monotonic() - begun >= 0.95
    registry = CollectorRegistry()
    registry.register(pace)
    assert list(registry.collect()) == []


def test_prometheus_is_told_what_was_sent_and_waited(redis_client: Redis) -> None:
    pace = Pace(redis_client=redis_client, per_second=4)
    for _ in range(3):
        assert pace.wait(AT, urgent=False)
    found = {
        (sample.name, sample.labels["provider"]): sample.value
        for family in pace.collect()
        for sample in family.samples
    }
    assert found["kibeezy_sms_sent_total", AT] == 3
    assert 0.25 <= found["kibeezy_sms_rate_wait_seconds_total", AT] < 5
    assert found["kibeezy_sms_sent_total", INFOBIP] == 0
