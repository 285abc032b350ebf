"""An operator finds an SMS, sees what became of it, and has one sent again that did not arrive."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.notices import send, texts
from core.notices.costs import MessagePrice
from core.notices.list_messages import STATES
from core.notices.notify import Notice
from core.notices.resend import resend
from core.outbox.records import NORMAL
from core.players.records import Player
from core.staff.records import Role, find_admin
from tests.admin.operator import Operator
from tests.core.notices.post import HAND, Post, begun
from tests.phone import Phone
from tests.world import ASHA, BARAKA, World

PHONE = "+254700000001"


@pytest.fixture
def player(world: World) -> Player:
    world.has_admin(ASHA, Role.SUPPORT)
    world.has_admin(BARAKA, Role.VIEWER)
    return world.has_player(PHONE)


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)


def receipt(world: World, player: Player, kind: str = "pin_changed") -> int:
    """The number of a message to the player that is being sent."""
    notice = Notice(player.id, player.phone, player.language, kind, texts.pin_changed())
    return begun(world.database, notice)


def refused(world: World, player: Player, kind: str = "pin_changed") -> int:
    """One that the provider will never take."""
    sms_id = receipt(world, player, kind)
    in_transaction(
        world.database, lambda c: send.record_refused(c, sms_id=sms_id, failure="UserInBlacklist")
    )
    return sms_id


def test_the_sms_of_a_player_are_found_and_the_look_is_written_down(
    operator: Operator, world: World, player: Player, post: Post
) -> None:
    assert operator.types("sms list") == "No SMS.\n"
    first, second = refused(world, player), receipt(world, player)
    post.sends()
    found = operator.reads(f"sms list --phone 0700000001 --json --by {BARAKA}")
    # The last went to the number, but before it was anybody's.
    assert [one["id"] for one in found] == [second, first]
    [one] = operator.reads("sms list --phone 0700000001 --state refused --json")
    assert (one["id"], one["failure"], one["body"]) == (
        first,
        "UserInBlacklist",
        texts.pin_changed().in_(player.language),
    )
    shown = operator.types("sms list --limit 2")
    assert "UserInBlacklist" not in shown
    assert f"Older ones: --before {second}" in shown
    [older] = operator.reads(f"sms list --before {second} --json")
    assert older["id"] == first
    [event] = operator.reads(
        f"audit list --subject player:{player.id} --act sms.* --limit 1 --json"
    )
    assert event["details"]["messages"] == 1
    [*_, named] = operator.reads(f"audit list --actor {BARAKA} --act sms.listed --json")
    assert (named["subject"], named["details"]["messages"]) == (f"player:{player.id}", 2)


def test_messages_are_listed_by_every_state_that_there_is(operator: Operator, world: World) -> None:
    query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"
    with world.database.connect() as connection:
        check = connection.execute(text(query), {"name": "sms_out_status_check"}).scalar_one()
    assert set(re.findall(r"'(\w+)'", check)) == set(STATES)
    for state in STATES:
        assert operator.types(f"sms list --state {state}") == "No SMS.\n"


def test_what_went_to_a_number_of_nobody_is_found_by_it(
    operator: Operator, player: Player, post: Post
) -> None:
    post.sends()
    assert operator.types("sms list --phone 0700000009") == "No SMS.\n"
    [one] = operator.reads("sms list --json")
    assert (one["phone"], one["kind"]) == (player.phone, "answer")


def test_one_is_shown_with_its_times_its_network_and_its_reports(
    operator: Operator, world: World, post: Post
) -> None:
    provider_id = post.sends()
    for status in ("Sent", "Sent", "Teleported", "Success"):
        world.moves(seconds=3)
        post.hears(provider_id, status)
    found = operator.reads("sms show 1 --json")
    assert (found["state"], found["network"]) == ("delivered", "63902")
    assert found["queued_at"] < found["reported_at"]
    assert [(one["status"], one["times"]) for one in found["reports"]] == [
        ("Sent", 2),
        ("Teleported", 1),
        ("Success", 1),
    ]
    shown = operator.types("sms show 1")
    assert "Safaricom (63902)" in shown
    assert "Teleported" in shown
    assert operator.is_refused("sms show 7") == "Error: There is no SMS 7."
    [event, _other] = operator.reads("audit list --act sms.shown --json")
    assert event["subject"] == "sms:1"


def test_the_words_of_a_code_are_nowhere(operator: Operator, world: World, player: Player) -> None:
    with world.database.begin() as connection:
        sms_id = send.begin_code(connection, player_id=player.id, phone=PHONE, to=HAND)
        send.record_refused(connection, sms_id=sms_id, failure="UserInBlacklist")
    assert operator.reads(f"sms show {sms_id} --json")["body"] is None
    assert "kept nowhere" in operator.types(f"sms show {sms_id}")
    # Not even if a code were kept by mistake.
    with world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE sms_out SET body = '123456 is your code'")
    assert "123456" not in operator.types(f"sms show {sms_id} --json")
    assert "123456" not in operator.types("sms list --json")
    assert operator.is_refused(f"sms resend {sms_id} --why asked --by {ASHA}") == (
        "Error: Codes and news are never sent again."
    )


def test_what_did_not_arrive_is_sent_again_once(
    operator: Operator, world: World, player: Player
) -> None:
    sms_id = refused(world, player)
    command = f"sms resend {sms_id} --why 'The caller has no receipt' --by"
    assert "role viewer" in operator.is_refused(f"{command} {BARAKA}")
    assert operator.types(f"{command} {ASHA}") == f"SMS {sms_id} goes out again as SMS 2.\n"
    assert operator.types(f"{command} {ASHA}") == (
        f"SMS {sms_id} was sent again before, as SMS 2.\n"
    )
    again, first = operator.reads("sms list --json")
    assert (again["state"], again["resend_of"], again["body"]) == ("queued", sms_id, first["body"])
    assert first["resent_as"] == again["id"]
    assert world.count("outbox WHERE kind = 'send_sms' AND done_at IS NULL") == 2
    [event] = operator.reads("audit list --act sms.resent --json")
    assert (event["actor"], event["subject"]) == (ASHA, f"sms:{sms_id}")
    assert event["details"]["why"] == "The caller has no receipt"
    on_its_way = operator.is_refused(f"sms resend 2 --why again --by {ASHA}")
    assert on_its_way == "Error: SMS 2 is queued. Only one that did not arrive is sent again."


def test_one_whose_job_was_set_aside_is_due_again_itself(
    operator: Operator, world: World, player: Player
) -> None:
    sms_id = receipt(world, player)
    in_transaction(world.database, lambda c: send.put_back(c, sms_id=sms_id, failure="HTTP 401"))
    command = f"sms resend {sms_id} --why 'The key is right now' --by {ASHA}"
    assert "is queued" in operator.is_refused(command)
    with world.owner.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET set_aside_at = kibeezy_now() WHERE kind = 'send_sms'"
        )
    assert operator.types(command) == f"SMS {sms_id} had been set aside and is due now.\n"
    assert world.count("outbox WHERE kind = 'send_sms' AND set_aside_at IS NULL") == 1
    assert world.count("sms_out") == 1
    acts = [one["act"] for one in operator.reads(f"audit list --actor {ASHA} --json")]
    assert {"job.replayed", "sms.resent"} <= set(acts)
    assert "is queued" in operator.is_refused(command)


def test_one_that_may_have_arrived_needs_a_word_more(
    operator: Operator, world: World, player: Player
) -> None:
    sms_id = receipt(world, player)
    in_transaction(
        world.database, lambda c: send.record_unknown(c, sms_id=sms_id, failure="ReadTimeout")
    )
    command = f"sms resend {sms_id} --why asked --by {ASHA}"
    assert "may have arrived" in operator.is_refused(command)
    assert "goes out again" in operator.types(f"{command} --may-arrive-twice")


def test_one_that_may_have_arrived_needs_it_too_though_its_job_was_set_aside(
    operator: Operator, world: World, player: Player
) -> None:
    sms_id = receipt(world, player)
    in_transaction(
        world.database, lambda c: send.record_unknown(c, sms_id=sms_id, failure="ReadTimeout")
    )
    with world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET set_aside_at = kibeezy_now()")
    command = f"sms resend {sms_id} --why asked --by {ASHA}"
    assert "may have arrived" in operator.is_refused(command)
    assert "goes out again" in operator.types(f"{command} --may-arrive-twice")


@pytest.mark.parametrize("kind", ["result_proposed", "code"])
def test_news_and_codes_are_not_sent_again(
    operator: Operator, world: World, player: Player, kind: str
) -> None:
    sms_id = refused(world, player, kind)
    fault = operator.is_refused(f"sms resend {sms_id} --why asked --by {ASHA} --may-arrive-twice")
    assert fault == "Error: Codes and news are never sent again."


def test_one_of_another_release_is_sent_again_like_a_receipt(
    operator: Operator, world: World, player: Player
) -> None:
    sms_id = refused(world, player)
    with world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE sms_out SET kind = 'unheard_of'")
    assert operator.types(f"sms resend {sms_id} --why asked --by {ASHA}") == (
        f"SMS {sms_id} goes out again as SMS 2.\n"
    )
    normal = (
        f"outbox WHERE kind = 'send_sms' AND payload = '{{\"sms_id\": 2}}' AND priority = {NORMAL}"
    )
    assert world.count(normal) == 1
    with world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE sms_out SET body = NULL, status = 'refused'")
    fault = operator.is_refused(f"sms resend 2 --why asked --by {ASHA}")
    assert fault == "Error: Codes and news are never sent again."


def test_two_who_send_it_again_at_the_same_moment_send_it_once(
    world: World, player: Player
) -> None:
    sms_id = refused(world, player)

    def send_again(_number: int) -> int:
        return in_transaction(
            world.database,
            lambda c: resend(c, sms_id=sms_id, why="asked", by=find_admin(c, email=ASHA)),
        ).sms_id

    with ThreadPoolExecutor(4) as callers:
        assert set(callers.map(send_again, range(4))) == {sms_id + 1}
    assert world.count("sms_out") == 2


def test_what_was_sent_again_is_not_shown_on_the_menu(
    operator: Operator, world: World, player: Player, phone: Phone
) -> None:
    sms_id = refused(world, player, "bet_placed")
    phone.dial().shows("did not reach you")
    operator.types(f"sms resend {sms_id} --why asked --by {ASHA}")
    phone.dial().lacks("did not reach you").shows("1. Bet")


def test_costs_and_times_for_people_and_programs(
    operator: Operator, world: World, post: Post
) -> None:
    assert operator.types("sms costs") == "No SMS.\n"
    assert operator.types("sms delivery") == "No delivery reports.\n"
    first, second = post.sends(), post.sends("bet_placed")
    world.moves(seconds=8)
    post.hears(first, price=MessagePrice(800_000, "KES"))
    post.hears(second, "Failed", network="63910")
    free, priced = sorted(operator.reads("sms costs --json"), key=lambda one: one["kind"] < "b")
    assert (priced["currency"], priced["total"], priced["each"]) == ("KES", "0.8000", "0.8000")
    assert (free["currency"], free["total"], free["messages"]) == (None, None, 1)
    shown = operator.types("sms costs --since 7d")
    assert "no price" in shown
    assert "KES 0.8000 for 1 SMS." in shown
    airtel, safaricom = sorted(
        operator.reads("sms delivery --json"), key=lambda one: one["share_delivered"]
    )
    assert (safaricom["network"], safaricom["share_delivered"]) == ("63902", 1)
    assert 8 <= safaricom["p50_seconds"] <= safaricom["p99_seconds"] < 15
    assert (airtel["network"], airtel["p50_seconds"]) == ("63910", None)
    assert "Safaricom" in operator.types("sms delivery --since 90m")
    assert "24h or 7d" in operator.is_refused("sms costs --since yesterday", status=2)
