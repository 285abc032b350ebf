"""The audit trail is read page by page, and reading it leaves a trace as well."""

import csv
import json
from getpass import getuser
from io import StringIO

from core.money import kes
from tests.admin.operator import MISUSED, Operator
from tests.phone import Phone
from tests.world import ASHA, BARAKA, PIN, World

PLAYER = "+254700000001"


def test_a_market_s_life_is_told_with_before_and_after(operator: Operator, world: World) -> None:
    market_id = world.has_market()
    world.settles(market_id, "void")
    events = operator.reads(f"audit list --subject market:{market_id} --json")
    assert [(one["act"], one["actor"]) for one in reversed(events)] == [
        ("market.created", ASHA),
        ("market.approved", BARAKA),
        ("market.closed", ASHA),
        ("market.proposed", ASHA),
        ("market.resolved", BARAKA),
        ("market.settled", "system"),
    ]
    changes = [
        (one["details"].get("before", {}).get("status"), one["details"]["after"]["status"])
        for one in reversed(events)
    ]
    statuses = ["draft", "open", "closed", "proposed", "voiding", "voided"]
    assert changes == [*zip([None, *statuses], statuses, strict=False)]
    assert events[0]["at"].endswith("+03:00")
    shown = operator.types(f"audit list --subject market:{market_id} --act market.approved")
    assert "status: draft to open" in " ".join(shown.split())


def test_what_is_wanted_is_found_and_no_more(operator: Operator, world: World) -> None:
    world.has_market()
    world.has_player(PLAYER)
    acts = [one["act"] for one in operator.reads("audit list --act 'market.*' --json")]
    assert acts == ["market.approved", "market.created"]
    [approved] = operator.reads(f"audit list --actor {BARAKA} --act market.approved --json")
    assert approved["actor"] == BARAKA
    assert operator.reads("audit list --act market_created --json") == [], "no star, no pattern"
    assert operator.reads("audit list --act 'm%' --json") == []
    world.moves(hours=3)
    assert operator.reads("audit list --since 2h --act 'market.*' --json") == []
    assert len(operator.reads("audit list --since 4h --act 'market.*' --json")) == 2
    assert operator.types("audit list --act nothing") == "No events.\n"
    assert "90m, 24h or 7d" in operator.is_refused("audit list --since soon", status=MISUSED)


def test_pages_follow_each_other_without_gap(operator: Operator, world: World) -> None:
    for _number in range(3):
        world.has_market()
    everything = [one["id"] for one in operator.reads("audit list --act 'market.*' --json")]
    first = operator.reads("audit list --act 'market.*' --limit 4 --json")
    rest = operator.reads(f"audit list --act 'market.*' --before {first[-1]['id']} --json")
    assert [one["id"] for one in (*first, *rest)] == everything
    page = operator.types("audit list --act 'market.*' --limit 4")
    assert page.endswith(f"Older ones: --before {first[-1]['id']}\n")


def test_a_spreadsheet_reads_it_and_runs_nothing(operator: Operator, world: World) -> None:
    market_id = world.has_market()
    operator.types(f"market propose {market_id} void --evidence seen --by {ASHA}")
    sheet = operator.types("audit list --act market.proposed --csv")
    [row] = csv.DictReader(StringIO(sheet))
    assert json.loads(row["details"])["evidence"] == "seen"
    assert (row["actor"], row["subject"]) == (ASHA, f"market:{market_id}")
    operator.is_refused("audit list --actor '=1+1' --by nobody@kibeezy.test")
    operator.types("audit list --subject '=1+1'")
    looks = csv.DictReader(StringIO(operator.types("audit list --act audit.read --csv")))
    assert "'=1+1" in {row["subject"] for row in looks}


def test_each_look_up_of_a_person_leaves_a_trace(operator: Operator, world: World) -> None:
    world.has_admin(ASHA)
    player = world.has_player(PLAYER, balance=kes(10))
    operator.types(f"player show {PLAYER}")
    operator.types(f"player show {PLAYER} --by {ASHA}")
    for listing in ("deposit list", "withdrawal list", "suspense list"):
        operator.types(f"{listing} --by {ASHA}")
    assert "admin" in operator.is_refused(f"player show {PLAYER} --by nobody@kibeezy.test")
    looks = operator.reads(f"audit list --subject player:{player.id} --act player.shown --json")
    assert [one["actor"] for one in looks] == [ASHA, f"operator:{getuser()}"]
    listed = operator.reads("audit list --act '*.listed' --json")
    assert [one["act"] for one in reversed(listed)] == [
        "deposit.listed",
        "withdrawal.listed",
        "suspense.listed",
    ]
    reads = operator.reads("audit list --act audit.read --json")
    assert len(reads) == 2, "and reading the trail itself"


def test_a_player_s_acts_are_all_there_and_no_secret_is(
    operator: Operator, world: World, phone: Phone
) -> None:
    market_id = world.has_market(label="Rain")
    player = world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("My account").choose("Balance").type("1111")
    phone.choose("Try again").type(PIN).shows("KES 500")
    phone.dial().choose("Bet").choose("Rain").choose("YES").type("100").type(PIN)
    phone.dial().choose("My account").choose("Language").choose("Kiswahili")
    events = operator.reads(f"audit list --subject player:{player.id} --json")
    assert [one["act"] for one in reversed(events)] == [
        "player.registered",
        "code.asked",
        "pin.wrong",
        "pin.proven",
        "pin.proven",
        "player.language",
    ]
    assert {one["actor"] for one in events} == {f"player:{player.id}"}
    wrong = next(one for one in events if one["act"] == "pin.wrong")
    assert wrong["details"] == {"wrong_tries": 1, "locked_until": None}
    assert not {PIN, "1111"} & set(json.dumps([one["details"] for one in events]).split('"'))
    assert market_id
