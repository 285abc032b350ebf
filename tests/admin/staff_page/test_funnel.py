"""The funnel on the staff page: what callers reached, and where they left."""

from redis import Redis

from admin.pages.funnel import JOURNEYS
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.phone import Phone
from tests.world import World
from ussd.pages import STEPS


def test_every_step_of_a_journey_is_a_page_of_the_short_code() -> None:
    assert {name for steps in JOURNEYS.values() for name in steps} <= STEPS.keys()


def test_pages_are_counted_as_they_are_reached(desk: Desk, world: World, phone: Phone) -> None:
    desk.signs_in(Role.VIEWER)
    desk.opens("/admin/funnel").shows("Nobody has dialled yet.")
    world.has_player(phone.number)
    world.has_market("Will it rain?", label="Rain")
    phone.dial().choose("Bet").choose("Rain")
    phone.dial().choose("Deposit")
    shown = desk.opens("/admin/funnel").shows(
        "The markets 1", "One market 1, 1 left", "home: main 2"
    )
    assert 'width="50.0"' in shown.html


def test_without_redis_the_page_says_so(desk: Desk, redis_client: Redis) -> None:
    desk.signs_in(Role.VIEWER)
    redis_client.set("funnel:{all}:counts", "no hash")
    desk.opens("/admin/funnel").shows("Redis does not answer")
