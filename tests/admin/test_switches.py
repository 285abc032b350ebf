"""Money is stopped and started from the command line, and alarms get a name."""

from core.staff.records import Role
from tests.admin.operator import MISUSED, Operator
from tests.world import ASHA, BARAKA, World


def test_a_kind_is_stopped_its_alarm_taken_and_it_runs_again(
    operator: Operator, world: World
) -> None:
    world.has_admin(ASHA, Role.OWNER)
    assert operator.types("alarm list") == "No alarms.\n"
    stop = f"switch off withdrawals --reason 'Holds do not match.' --by {ASHA}"
    assert operator.types(stop) == "Withdrawals are stopped.\n"
    assert operator.types(stop) == "Withdrawals were stopped already.\n"
    bets, deposits, settlements, withdrawals = operator.reads("switch list --json")
    assert (bets["kind"], settlements["kind"]) == ("bets", "settlements")
    assert deposits == {"kind": "deposits", "stopped_at": None, "why": None, "by": None}
    assert (withdrawals["why"], withdrawals["by"]) == ("Holds do not match.", ASHA)
    assert "Holds do not match." in operator.types("switch list")

    [alarm] = operator.reads("alarm list --json")
    assert (alarm["kind"], alarm["subject"], alarm["times"]) == (
        "switch",
        "switch:withdrawals",
        1,
    )
    taken = operator.types(f"alarm take {alarm['id']} --by {ASHA}")
    assert taken.startswith(f"Alarm {alarm['id']} is taken.")
    assert operator.reads("alarm list --json") == []
    [known] = operator.reads("alarm list --all --json")
    assert known["taken_by"] == ASHA
    assert "Holds" in operator.types("alarm list --all")

    start = f"switch on withdrawals --reason 'Put right.' --by {ASHA}"
    assert operator.types(start) == "Withdrawals run again.\n"
    assert operator.types(start) == "Withdrawals ran already.\n"


def test_nothing_is_resolved_while_settlements_are_stopped(
    operator: Operator, world: World
) -> None:
    world.has_admin("finance@kibeezy.test", Role.FINANCE)
    market_id = world.has_market()
    operator.types(f"market propose {market_id} void --evidence seen --by {ASHA}")
    operator.types("switch off settlements --reason Books --by finance@kibeezy.test")
    assert operator.is_refused(f"market resolve {market_id} --by {BARAKA}") == (
        "Error: Settlements are paused for now. What is resolved is paid once they run again."
    )
    operator.types("switch on settlements --reason Mended --by finance@kibeezy.test")
    assert "is voided" in operator.types(f"market resolve {market_id} --by {BARAKA}")


def test_what_is_refused_is_said_in_a_line(operator: Operator, world: World) -> None:
    world.has_admin(ASHA, Role.SUPPORT)
    world.has_admin(BARAKA, Role.FINANCE)
    for command in ("switch off deposits --reason x", "switch on deposits --reason x"):
        assert "role support" in operator.is_refused(f"{command} --by {ASHA}")
    assert "role support" in operator.is_refused(f"alarm take 1 --by {ASHA}")
    assert "There is no alarm 1." in operator.is_refused(f"alarm take 1 --by {BARAKA}")
    assert "--reason" in operator.is_refused(f"switch off deposits --by {BARAKA}", status=MISUSED)
    assert "deposits" in operator.is_refused(
        f"switch off everything --reason x --by {BARAKA}", status=MISUSED
    )
