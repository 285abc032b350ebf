"""SMS on the staff page: found, read through their whole life, sent again; what they cost."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.keyed_hash import Pepper
from core.notices import texts
from core.notices.inbox import record_inbound
from core.notices.notify import Notice, notify_all
from core.notices.records import sms_out
from core.notices.send import Hand, begin_code
from core.players.phone_code import Purpose, ask_code, draw_code
from core.players.records import Player
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.world import World


@pytest.fixture
def player(world: World) -> Player:
    return world.has_player()


@pytest.fixture
def support(desk: Desk) -> Desk:
    return desk.signs_in(Role.SUPPORT, "amina@kibeezy.test")


@pytest.fixture
def writes(world: World, player: Player) -> Callable[..., int]:
    """An SMS to the player, in the state and with the columns given."""

    def write(kind: str = "pin_changed", **columns: object) -> int:
        notice = Notice(player.id, player.phone, player.language, kind, texts.pin_changed())
        with world.database.begin() as connection:
            notify_all(connection, notices=[notice])
            newest = connection.execute(text("SELECT max(id) FROM sms_out")).scalar_one()
            if columns:
                change = sms_out.update().where(sms_out.c.id == newest)
                connection.execute(change.values(**columns))
        return int(newest)

    return write


def test_states_stand_in_plain_words(support: Desk, writes: Callable[..., int]) -> None:
    lost = writes(status="undelivered", failure="AbsentSubscriber")
    writes(status="delivered", kind="debt_repaid")
    page = support.opens("/admin/messages")
    page.shows("not delivered", "AbsentSubscriber", "pin changed", "debt repaid", "delivered")
    support.opens("/admin/messages?state=undelivered").shows(f"SMS {lost}").shows_not(
        "debt repaid delivered"
    )
    support.opens("/admin/messages?kind=debt_repaid").shows("debt repaid delivered").shows_not(
        f"SMS {lost}"
    )
    support.opens("/admin/messages?phone=0700000099").shows("No SMS like that.")
    support.opens("/admin/messages?phone=0700000001").shows(f"SMS {lost}")
    support.opens("/admin/messages?phone=nonsense").shows("That is not a Kenyan mobile number.")
    support.opens("/admin/messages?day=2020-01-01").shows("No SMS like that.")


def test_what_no_index_finds_is_looked_for_in_a_day(
    support: Desk, world: World, writes: Callable[..., int]
) -> None:
    old = writes(status="delivered")
    lost = writes(status="refused")
    world.moves(hours=25)
    support.signs_in(Role.SUPPORT, support.email)
    lately = support.opens("/admin/messages?state=delivered")
    lately.shows("Of the last 24 hours.").shows_not(f"SMS {old}")
    support.opens("/admin/messages?state=refused").shows(f"SMS {lost}").shows_not("24 hours")
    support.opens("/admin/messages?state=delivered&phone=0700000001").shows(f"SMS {old}")
    support.opens("/admin/messages").shows(f"SMS {old}")


def test_the_list_goes_on_by_key(support: Desk, writes: Callable[..., int]) -> None:
    listed = [writes() for _ in range(51)]
    page = support.opens("/admin/messages?state=queued")
    page.shows(f"SMS {listed[-1]}").shows_not(f"SMS {listed[0]} ")
    assert f"before={listed[1]}&amp;state=queued" in page.html
    older = support.opens(f"/admin/messages?state=queued&before={listed[1]}")
    older.shows(f"SMS {listed[0]} ").shows_not("Older")


def test_one_sms_and_its_reports(support: Desk, world: World, writes: Callable[..., int]) -> None:
    sms_id = writes(
        status="delivered",
        provider="infobip",
        provider_id="ib-1",
        cost="KES 0.8000",
        network="63902",
    )
    with world.owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sms_report (provider_id, status, times) VALUES ('ib-1', 'Success', 2)"
            )
        )
    support.opens(f"/admin/messages/{sms_id}").shows(
        "Your Kibeezy PIN was changed", "KES 0.8000", "Safaricom", "Report: Success", "2 times"
    )
    with world.owner.connect() as connection:
        query = "SELECT actor, subject FROM audit_event WHERE act = 'sms.shown'"
        assert list(connection.execute(text(query))) == [(support.email, f"sms:{sms_id}")]
    assert support.opens("/admin/messages/99999").status == 404


def test_the_words_of_a_code_are_shown_to_nobody(
    support: Desk, world: World, player: Player
) -> None:
    code, sms_id = _sends_code(world, player, world.pepper)
    page = support.opens(f"/admin/messages/{sms_id}")
    page.shows("A code. Its words are kept nowhere.").shows_not("Send it again")
    assert code not in page.html
    assert code not in support.opens("/admin/messages").html
    support.sends(f"/admin/messages/{sms_id}/resend", why="She asked").refuses("never sent again")


def _sends_code(world: World, player: Player, pepper: Pepper) -> tuple[str, int]:
    world.moves(minutes=2)
    with world.database.begin() as connection:
        ask_code(connection, player_id=player.id, purpose=Purpose.PIN_RESET)
        code = draw_code(connection, player_id=player.id, purpose=Purpose.PIN_RESET, pepper=pepper)
        hand = Hand("africas_talking", None)
        sms_id = begin_code(connection, player_id=player.id, phone=player.phone, to=hand)
    return code, sms_id


def test_what_did_not_arrive_is_sent_again_once(support: Desk, writes: Callable[..., int]) -> None:
    lost = writes(status="refused")
    again = support.sends(f"/admin/messages/{lost}/resend", why="The inbox was full")
    again.shows("It is on its way again.", f"SMS {lost + 1}", f"Sent in place of SMS {lost}")
    support.sends(f"/admin/messages/{lost}/resend", why="Once more").shows(f"SMS {lost + 1}")
    support.sends(f"/admin/messages/{lost + 1}/resend", why="Impatient").refuses("is queued")
    support.sends(f"/admin/messages/{lost}/resend", why="").refuses("The reason is a text")


def test_what_may_have_arrived_needs_ones_word(support: Desk, writes: Callable[..., int]) -> None:
    unknown = writes(status="unknown")
    here = f"/admin/messages/{unknown}"
    support.opens(here).shows("It may arrive twice")
    support.sends(f"{here}/resend", why="No receipt").refuses("may have arrived")
    support.sends(f"{here}/resend", why="No receipt", may_arrive_twice="yes").shows("on its way")


def test_what_came_in_is_shown_as_it_was_kept(support: Desk, world: World) -> None:
    in_transaction(
        world.database,
        lambda c: record_inbound(c, provider_id="in-1", phone="+254700000001", body="PIN 4826"),
    )
    page = support.opens("/admin/messages?way=in&phone=0700000001")
    page.shows("PIN ****", "+254 700 000 001").shows_not("4826")


def test_costs_need_no_person_to_look_at(desk: Desk, writes: Callable[..., int]) -> None:
    for _ in range(2):
        writes(status="delivered", cost_micros=800_000, cost_currency="KES", parts=1)
    desk.signs_in(Role.VIEWER)
    desk.opens("/admin/messages/costs").shows("Today, 2 SMS KES 1.60", "pin changed 2 2 KES 1.60")
    assert desk.opens("/admin/messages").status == 403


def test_who_carries_is_said_on_the_list(support: Desk) -> None:
    support.opens("/admin/messages").shows("SMS go by Africa's Talking since")
    support.opens("/admin/messages/route").shows("Infobip")
