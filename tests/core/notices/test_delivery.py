"""Times to deliver and costs are added up per network, and from an index."""

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import event, text

from core.database import in_transaction
from core.notices.costs import MessagePrice, costs
from core.notices.delivery import Delivery, count_lately, deliveries
from core.notices.networks import network_name
from core.notices.records import MEANING
from tests.core.notices.post import SAFARICOM, Post
from tests.world import World

HOUR = timedelta(hours=1)
AIRTEL = "63903"
KES_0_80 = MessagePrice(800_000, "KES")


def told(post: Post, within: timedelta = HOUR) -> dict[str | None, Delivery]:
    """What became of messages, by network."""
    found = in_transaction(post.world.database, lambda c: deliveries(c, within=within))
    return {one.network: one for one in found}


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)


def test_time_to_deliver_runs_from_the_providers_yes_to_the_report(
    world: World, post: Post
) -> None:
    quick, slow, failed, waits = post.sends(), post.sends(), post.sends(), post.sends()
    world.moves(seconds=4)
    post.hears(quick)
    post.hears(slow, "Sent")
    post.hears(failed, "Failed")
    post.hears(waits, "Buffered", network=AIRTEL)
    world.moves(seconds=60)
    post.hears(slow)
    found = told(post)
    assert set(found) == {SAFARICOM}, "what is still on its way has no end yet"
    one = found[SAFARICOM]
    assert (one.delivered, one.undelivered) == (2, 1)
    assert one.share_delivered == pytest.approx(2 / 3)
    half, most, nearly_all = one.seconds
    assert half == pytest.approx(34, abs=5)
    assert half < most < nearly_all == pytest.approx(64, abs=5)


def test_only_what_was_reported_lately_counts(world: World, post: Post) -> None:
    post.hears(post.sends())
    world.moves(hours=2)
    post.hears(post.sends(), network=AIRTEL)
    assert set(told(post)) == {AIRTEL}
    assert set(told(post, timedelta(hours=3))) == {SAFARICOM, AIRTEL}


def test_a_network_where_nothing_arrives_has_no_times(post: Post) -> None:
    post.hears(post.sends(), "Rejected", network=None)
    one = told(post)[None]
    assert (one.delivered, one.undelivered, one.seconds, one.share_delivered) == (0, 1, (), 0)


def test_counts_of_the_last_hour(world: World, post: Post) -> None:
    post.hears(post.sends(parts=2, counted=1), "Teleported")
    world.moves(hours=2)
    one = post.sends(parts=3, counted=2)
    post.sends()
    for _repeat in range(2):
        post.hears(one, "Vanished")
    post.hears(one)
    lately = in_transaction(world.database, lambda c: count_lately(c, within=HOUR))
    assert lately.by_status == {"accepted": 1, "delivered": 1}
    assert (lately.parts_differ, lately.reports_unheard_of) == (1, 1)
    both = in_transaction(world.database, lambda c: count_lately(c, within=3 * HOUR))
    assert (both.parts_differ, both.reports_unheard_of) == (2, 2)


def test_costs_are_added_up_by_kind_network_and_currency(world: World, post: Post) -> None:
    for price in (KES_0_80, MessagePrice(1_600_000, "KES"), MessagePrice(7_900, "USD")):
        post.hears(post.sends(), price=price)
    post.hears(post.sends("bet_placed"), network=AIRTEL, price=KES_0_80)
    post.hears(post.sends("bet_placed"), network=AIRTEL)
    found = in_transaction(world.database, lambda c: costs(c, within=HOUR))
    assert [
        (one.kind, one.network, one.currency, one.messages, one.total, one.each) for one in found
    ] == [
        ("answer", SAFARICOM, "KES", 2, Decimal("2.4"), Decimal("1.2")),
        ("answer", SAFARICOM, "USD", 1, Decimal("0.0079"), Decimal("0.0079")),
        ("bet_placed", AIRTEL, None, 1, Decimal(0), Decimal(0)),
        ("bet_placed", AIRTEL, "KES", 1, Decimal("0.8"), Decimal("0.8")),
    ]
    world.moves(hours=2)
    assert in_transaction(world.database, lambda c: costs(c, within=HOUR)) == []


def test_a_network_without_a_name_goes_by_its_code() -> None:
    assert [network_name(code) for code in (SAFARICOM, "63910", None)] == [
        "Safaricom",
        "63910",
        "unknown",
    ]


def test_a_day_among_many_is_read_from_indexes(world: World, post: Post) -> None:
    """What /metrics asks must cost the same after millions of messages."""
    world.moves(days=3)
    post.hears(post.sends(parts=2), "Teleported")
    old = text(
        "INSERT INTO sms_out (phone, kind, status, queued_at, reported_at) SELECT '+254700000001',"
        " 'answer', 'delivered', now() - interval '2 days', now() - interval '2 days'"
        " FROM generate_series(1, 20000)"
    )
    heard = text(
        "INSERT INTO sms_report (provider_id, status, first_at) SELECT 'old' || n, 'Success',"
        " now() - interval '2 days' FROM generate_series(1, 20000) AS n"
    )
    with world.owner.begin() as connection:
        connection.execute(old)
        connection.execute(heard)
    with world.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE sms_out, sms_report"))
    plans: list[str] = []

    def explain(
        _engine: object,
        cursor: psycopg.Cursor[tuple[str]],
        asked: str,
        given: dict[str, object],
        *_: object,
    ) -> None:
        if "sms_" in asked:
            with cursor.connection.cursor() as other:
                other.execute(f"EXPLAIN {asked}".encode(), given)
                plans.extend(line for (line,) in other.fetchall())

    with world.owner.connect() as connection:
        event.listen(connection, "before_cursor_execute", explain)
        deliveries(connection, within=HOUR)
        count_lately(connection, within=HOUR)
        costs(connection, within=HOUR)
    asked = "\n".join(plans)
    for index in (
        "sms_out_ended",
        "sms_out_queued_at",
        "sms_out_parts_differ",
        "sms_report_unheard_of",
    ):
        assert index in asked, asked
    assert "Seq Scan on sms" not in asked, asked


def test_the_words_that_the_index_knows_are_those_of_the_code(world: World) -> None:
    with world.owner.connect() as connection:
        predicate = connection.execute(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = 'sms_report_unheard_of'")
        ).scalar_one()
    assert all(f"'{word}'" in predicate for word in MEANING)
