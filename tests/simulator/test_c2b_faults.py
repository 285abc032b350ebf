"""Each way in which the word of a paybill payment goes wrong, seen on the wire."""

from typing import Any

import pytest

from tests.simulator.remote import Remote
from tests.simulator.service import FakeService
from tests.simulator.test_c2b import one_confirmation, pay
from tests.simulator.treasurer import Treasurer, all_heard


def _faulty(remote: Remote, fault: str, **more: object) -> Any:  # noqa: ANN401 - JSON
    remote.put("/control/faults", c2b={"fault": fault, "times": 1} | more)
    return pay(remote)


@pytest.mark.parametrize(("fault", "times"), [("drop", 0), ("duplicate", 3)])
def test_a_confirmation_may_come_never_or_often(
    remote: Remote, service: FakeService, fault: str, times: int
) -> None:
    assert _faulty(remote, fault)["paid"]
    remote.settle()
    assert len(all_heard(service)) == times


def test_a_lost_confirmation_can_be_sent_by_a_script(remote: Remote, service: FakeService) -> None:
    paid = _faulty(remote, "drop")
    remote.settle()
    remote.post("/control/callbacks/1/repeat")
    assert one_confirmation(service)["TransID"] == paid["receipt"]


@pytest.mark.parametrize(("fault", "seconds"), [("delay", 90), ("after_hours", 21_600)])
def test_a_confirmation_may_be_late(
    remote: Remote, service: FakeService, fault: str, seconds: int
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    _faulty(remote, fault, seconds=90)
    remote.post("/control/clock/advance", seconds=seconds - 1)
    assert all_heard(service) == []
    remote.post("/control/clock/advance", seconds=1)
    one_confirmation(service)


def test_a_confirmation_may_tell_another_amount(remote: Remote, service: FakeService) -> None:
    _faulty(remote, "wrong_amount")
    assert one_confirmation(service)["TransAmount"] == "501.00"
    assert remote.handset()["mpesa_balance"] == 49_500


def test_a_confirmation_may_lack_the_account(remote: Remote, service: FakeService) -> None:
    _faulty(remote, "missing_item")
    assert "BillRefNumber" not in one_confirmation(service)


def test_a_confirmation_may_be_a_page(remote: Remote, service: FakeService) -> None:
    _faulty(remote, "html")
    assert service.callbacks.get(timeout=20).body.startswith("<html>")


def test_a_forged_confirmation_is_of_money_that_never_moved(
    remote: Remote, service: FakeService
) -> None:
    forged = _faulty(remote, "forged")
    assert not forged["paid"]
    assert one_confirmation(service)["TransID"] == forged["receipt"]
    assert remote.handset()["mpesa_balance"] == 50_000
    assert remote.get("/control/journal") == []


def _pushed_by_a_standing_clock(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> list[tuple[str, Any]]:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/settings", callback_delay_seconds=5)
    remote.set_handset(next_answer="approve")
    treasurer.sign_in()
    treasurer.push(CallBackURL=f"{service.url}/payments/stk/abc123")
    remote.post("/control/clock/advance", seconds=60)
    return all_heard(service)


def test_a_push_is_confirmed_as_a_payment_only_where_that_is_switched_on(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    assert len(_pushed_by_a_standing_clock(treasurer, remote, service)) == 1
    remote.post("/control/reset")
    remote.put("/control/settings", c2b_for_stk=True)
    [(_, callback), (path, told)] = _pushed_by_a_standing_clock(treasurer, remote, service)
    items = callback["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    receipts = [item["Value"] for item in items if item["Name"] == "MpesaReceiptNumber"]
    assert (path, [told["TransID"]]) == ("confirmation", receipts)
    assert (told["BillRefNumber"], told["TransAmount"]) == ("KB7F2M", "1000.00")
    assert len(remote.get("/control/journal")) == 1


def test_a_confirmation_may_come_before_the_callback_of_its_push(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", c2b_for_stk=True)
    remote.put("/control/faults", c2b="before_stk_callback", times=1)
    came = _pushed_by_a_standing_clock(treasurer, remote, service)
    assert [path for path, _ in came] == ["confirmation", "abc123"]
