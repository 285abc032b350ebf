"""News is due between 07:00 and 21:00 in Nairobi, unless it would come too late."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.clock import NAIROBI
from core.notices.quiet_hours import is_quiet, next_allowed


def at(clock: str, *, day: int = 25) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), NAIROBI)


@pytest.mark.parametrize("clock", ["21:00", "23:59:59", "00:00", "03:00", "06:59:59"])
def test_the_night_is_quiet(clock: str) -> None:
    assert is_quiet(at(clock))


@pytest.mark.parametrize("clock", ["07:00", "12:00", "20:59:59"])
def test_the_day_is_not(clock: str) -> None:
    assert not is_quiet(at(clock))
    assert next_allowed(at(clock)) == at(clock)


def test_news_waits_for_the_morning() -> None:
    assert next_allowed(at("22:30")) == at("07:00", day=26)
    assert next_allowed(at("00:30")) == at("07:00")


@pytest.mark.parametrize(
    ("until", "due"),
    [
        (at("23:30"), at("22:30")),
        (at("07:59", day=26), at("22:30")),
        (at("08:00", day=26), at("07:00", day=26)),
        (at("12:00", day=27), at("07:00", day=26)),
    ],
)
def test_what_the_morning_leaves_no_time_for_goes_at_night(until: datetime, due: datetime) -> None:
    assert next_allowed(at("22:30"), until=until) == due


def test_the_clock_is_kenyas_whatever_zone_a_moment_is_told_in() -> None:
    elsewhere = at("22:30").astimezone(UTC)
    assert next_allowed(elsewhere) - elsewhere == timedelta(hours=8, minutes=30)
