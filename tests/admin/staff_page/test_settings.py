"""Fees and limits that two people change, and the switches of each kind of money."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.clock import in_nairobi
from core.config.in_force import read_config
from core.config.rules import BOUNDS, Dated
from core.config.words import InvalidValue, name_in_words, parse_value, value_in_words
from core.database import in_transaction, now
from core.money import kes
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.phone import Phone
from tests.world import World

SETTINGS = "/admin/settings"
PHONE = "+254700000001"


def clock_in(world: World, **later: float) -> datetime:
    return in_nairobi(in_transaction(world.database, now)) + timedelta(**later)


def typed_in_browser(moment: datetime) -> str:
    """As a field for date and time sends it: the wall's clock, without an offset."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def proposes(desk: Desk, **changes: str) -> None:
    given = {
        "name": "excise_bps",
        "value": "12.5",
        "from": typed_in_browser(clock_in(desk.world, hours=1)),
        "source": "Finance Act 2026",
        **changes,
    }
    desk.sends(f"{SETTINGS}/values", **given).shows("Proposed.", "nobody yet")


def test_a_fee_changes_when_two_people_say_so_and_its_time_has_come(
    desk: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    desk.signs_in(Role.FINANCE)
    desk.opens(SETTINGS).shows("Excise on deposits 0%", "Nothing is to come.")
    proposes(desk)
    page = desk.opens(SETTINGS)
    page.shows("Excise on deposits 12.5%", "another person must approve what you proposed")
    page.shows_not("Approve: Excise")
    other = new_desk().signs_in(Role.OWNER)
    other.opens("/admin/").shows("1 fee or limit waits for a second person")
    other.opens(SETTINGS).shows("Approve: Excise on deposits becomes 12.5%")
    other.sends(f"{SETTINGS}/values/1/approve").shows("Approved.", other.email)
    assert excise(world) == 0, "its time has not come"
    world.moves(hours=1, minutes=1)
    assert excise(world) == 1_250
    page = desk.signs_in(Role.VIEWER).opens(SETTINGS)
    page.shows("Excise on deposits 12.5%", "Finance Act 2026", f"{other.email}")


def excise(world: World) -> int:
    found = in_transaction(world.database, lambda c: read_config(c, settings=world.settings))
    return found.excise_bps


def test_nobody_approves_their_own_value(desk: Desk, world: World) -> None:
    desk.signs_in(Role.FINANCE)
    proposes(desk)
    desk.sends(f"{SETTINGS}/values/1/approve").refuses("proposed it")
    assert world.count("dated_value WHERE approved_by IS NOT NULL") == 0


def test_to_approve_asks_who_one_is(desk: Desk, new_desk: Callable[[], Desk], world: World) -> None:
    desk.signs_in(Role.FINANCE)
    proposes(desk)
    other = new_desk().signs_in(Role.FINANCE)
    world.moves(minutes=11)
    other.opens(SETTINGS).shows("Prove that it is you")
    other.sends(f"{SETTINGS}/values/1/approve").refuses()
    assert world.count("dated_value WHERE approved_by IS NOT NULL") == 0
    other.sends(f"{SETTINGS}/values/1/approve", **other.proof()).shows("Approved.")


def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(desk: Desk, world: World) -> None:
    desk.signs_in(Role.FINANCE)
    usual = {
        "name": "excise_bps",
        "value": "12.5",
        "from": typed_in_browser(clock_in(world, hours=1)),
        "source": "Finance Act 2026",
    }
    for changes, words in (
        ({"value": "ten"}, "in percent, like 10 or 0.25"),
        ({"value": "0.125"}, "in percent, like 10 or 0.25"),
        ({"value": "60"}, "Excise on deposits is 0% to 50%"),
        ({"name": "stake_max_kes", "value": "10.50"}, "in whole shillings, like 20,000"),
        ({"name": "stake_max_kes", "value": "0"}, "Largest stake is KES 1 to KES 250,000"),
        ({"from": "soon"}, "Write the time like"),
        ({"from": "2020-01-01T00:00"}, "a minute from now at the soonest"),
        ({"source": ""}, "The source is a text"),
    ):
        given = {**usual, **changes}
        page = desk.sends(f"{SETTINGS}/values", **given).refuses(words)
        for name in ("value", "from", "source"):
            assert f'value="{given[name]}"' in page.html, (name, changes)
        assert f'<option value="{given["name"]}" selected>' in page.html
        assert '<details class="act" open>' in page.html
    assert world.count("dated_value") == 0


def test_a_value_nobody_knows_is_no_page(desk: Desk) -> None:
    desk.signs_in(Role.OWNER)
    given = {"name": "everything", "value": "1", "from": "soon", "source": "x"}
    assert desk.sends(f"{SETTINGS}/values", **given).status == 422
    assert desk.sends(f"{SETTINGS}/switches/everything/stop", why="x").status == 422


def test_what_is_switched_off_is_told_to_callers_until_it_runs_again(
    desk: Desk, world: World, phone: Phone
) -> None:
    world.has_player(PHONE, balance=kes(500))
    desk.signs_in(Role.FINANCE)
    page = desk.opens(SETTINGS).shows("Deposits on", "Deposits are paused for now.")
    page.shows("Kuweka pesa kumesitishwa kwa sasa.", "Where they ask for it all the same")
    phone.dial().lacks("paused")
    page = desk.sends(f"{SETTINGS}/switches/deposits/stop", why="M-Pesa is down")
    page.shows("It is off.", "Deposits off", f"by {desk.email}: M-Pesa is down", "Turn deposits on")
    phone.dial().shows("Deposits are paused for now.")
    world.moves(minutes=11)
    desk.sends(f"{SETTINGS}/switches/deposits/start", why="it is back").refuses()
    phone.dial().shows("Deposits are paused for now.")
    desk.sends(f"{SETTINGS}/switches/deposits/start", why="it is back", **desk.proof()).shows(
        "It runs again.", "Deposits on"
    )
    phone.dial().lacks("paused")
    assert world.count("audit_event WHERE act IN ('switch.stopped', 'switch.started')") == 2


def test_a_switch_is_turned_with_a_reason_or_not_at_all(desk: Desk, world: World) -> None:
    desk.signs_in(Role.OWNER)
    desk.sends(f"{SETTINGS}/switches/bets/stop", why=" ").refuses("The reason is a text")
    assert world.count("switch WHERE stopped_at IS NOT NULL") == 0


def test_who_may_only_read_sees_no_button(desk: Desk, world: World) -> None:
    desk.signs_in(Role.SUPPORT)
    desk.opens(SETTINGS).shows("Switches", "What counts now").shows_not("Turn", "Propose")
    assert desk.sends(f"{SETTINGS}/switches/bets/stop", why="x").status == 403
    assert desk.sends(f"{SETTINGS}/values").status == 403
    assert world.count("switch WHERE stopped_at IS NOT NULL") == 0


@pytest.mark.parametrize("name", Dated)
def test_each_value_is_read_as_it_is_written(name: Dated) -> None:
    assert name_in_words(name)[0].isupper()
    least, most = BOUNDS[name]
    for value in {max(least, 1), most}:
        told = value_in_words(name, value).removesuffix("s").removesuffix(" hour")
        assert parse_value(name, told) == value


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (Dated.WALLET_MAX_KES, 0, "no limit"),
        (Dated.SMS_STAKE_DAILY_MAX_KES, 0, "none"),
        (Dated.STAKE_MAX_KES, 20_000, "KES 20,000"),
        (Dated.PLATFORM_FEE_BPS, 1_025, "10.25%"),
        (Dated.RESOLUTION_DEADLINE_HOURS, 168, "168 hours"),
    ],
)
def test_values_are_told_in_their_unit(name: Dated, value: int, words: str) -> None:
    assert value_in_words(name, value) == words


@pytest.mark.parametrize("raw", ["", "-1", "1e9", "1E999999999", "٣", "1.23456", "0x10", "9" * 13])
def test_what_is_no_number_of_its_unit_is_refused(raw: str) -> None:
    for name in (Dated.STAKE_MAX_KES, Dated.EXCISE_BPS):
        with pytest.raises(InvalidValue):
            parse_value(name, raw)
