"""Results of payouts as Daraja posts them: listed or not, twice, wrong, late, from nowhere."""

from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from threading import Barrier
from typing import Any

import pytest

from core.money import kes
from core.switches.rules import Stopped
from tests.payments.cashier import RECEIPT, Cashier, result_body
from tests.payments.daraja import Daraja
from tests.payments.till import PHONE

OURS = ("1", "11", "21", "2001", "2006", "2028", "8006", "TP40153")
THEIRS = {
    "2": "M-Pesa could not pay now.",
    "3": "M-Pesa could not pay now.",
    "4": "It would pass your M-Pesa limit for today.",
    "8": "Your M-Pesa account is full.",
    "2040": "This number has no M-Pesa account.",
    "SFC_IC0003": "This number has no M-Pesa account.",
}
NO_PROOF: dict[str, dict[str, Any]] = {
    "an unlisted code": {"code": 31337},
    "no code": {"code": None},
    "an empty code": {"code": ""},
    "true for a code": {"code": True},
    "another type": {"code": 2001, "kind": 1},
    "no type": {"code": 0, "kind": None},
    "paid, without a receipt": {"receipt": None},
    "paid, with no receipt's letters": {"receipt": "n/a"},
    "paid, without an amount": {"amount": None},
    "paid, a fraction of a cent": {"amount": "500.001"},
}
NO_RESULT = {
    "nothing": b"",
    "html": b"<html></html>",
    "truncated": b'{"Result": {"ResultCode": 0, "Resu',
    "another shape": b'{"Body": {"stkCallback": {"ResultCode": 0}}}',
    "a list": b'{"Result": []}',
    "too deep": b'{"a":' * 3000,
}


def asked_about(daraja: Daraja) -> int:
    return len(daraja.asked)


@pytest.mark.parametrize("spell", [int, str])
def test_a_payment_is_booked_once_with_its_receipt(
    cashier: Cashier, spell: type[int] | type[str]
) -> None:
    asked = cashier.pays_out()
    body = result_body(asked, code=spell(0), kind=spell(0), amount=spell(500))
    for _repeat in range(3):
        cashier.hears(asked, body)
    now = cashier.now(asked)
    assert (now.state, now.receipt, cashier.held, cashier.wallet) == (
        "paid",
        RECEIPT,
        kes(0),
        kes(500),
    )
    assert cashier.verdicts() == ["paid", "repeated", "repeated"]
    [message] = cashier.messages()
    assert message.startswith("KES 500 sent to your M-Pesa, receipt SG632NMUAB.")
    assert asked.reference in message


def test_a_payment_of_one_parameter_alone_is_read_and_asked_about(
    cashier: Cashier, daraja: Daraja
) -> None:
    asked = cashier.pays_out()
    body = result_body(asked)
    alone = {"Key": "TransactionAmount", "Value": 500}
    body["Result"]["ResultParameters"] = {"ResultParameter": alone}
    cashier.hears(asked, body)
    # The receipt stands beside the parameters, too.
    assert (cashier.state(asked), asked_about(daraja)) == ("paid", 0)


@pytest.mark.parametrize("code", OURS)
def test_a_fault_of_ours_gives_the_money_back_and_stops_withdrawals(
    cashier: Cashier, code: str
) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked, result_body(asked, code=int(code) if code.isdigit() else code))
    assert (cashier.state(asked), cashier.wallet) == ("failed", kes(1000))
    assert cashier.now(asked).receipt is None, "a failure names a transaction that moved nothing"
    assert cashier.is_stopped()
    assert cashier.alarms() == ["switch"]
    assert cashier.messages()[0].startswith("KES 500 is back with you. M-Pesa could not pay now.")
    with pytest.raises(Stopped):
        cashier.asks()


@pytest.mark.parametrize(("code", "reason"), THEIRS.items())
def test_a_fault_of_the_number_or_the_amount_stops_nobody_else(
    cashier: Cashier, code: str, reason: str
) -> None:
    asked = cashier.pays_out()
    for _repeat in range(2):
        cashier.hears(asked, result_body(asked, code=code))
    assert (cashier.state(asked), cashier.wallet, cashier.held) == ("failed", kes(1000), kes(0))
    assert not cashier.is_stopped()
    [message] = cashier.messages()
    assert message.startswith(f"KES 500 is back with you. {reason}")


@pytest.mark.parametrize("changes", NO_PROOF.values(), ids=NO_PROOF)
def test_what_proves_nothing_leads_to_a_question(
    cashier: Cashier, daraja: Daraja, changes: dict[str, Any]
) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked, result_body(asked, **changes))
    assert (cashier.held, cashier.messages()) == (kes(500), [])
    assert cashier.state(asked) in {"accepted", "unknown"}
    [question] = daraja.asked
    assert question["OriginalConversationID"] == asked.originator_id


@pytest.mark.parametrize("body", NO_RESULT.values(), ids=NO_RESULT)
def test_a_body_that_is_no_result_leads_to_a_question(
    cashier: Cashier, daraja: Daraja, body: bytes
) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked, body)
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    assert asked_about(daraja) == 1


def test_a_failure_that_names_no_order_gives_nothing_back(cashier: Cashier, daraja: Daraja) -> None:
    asked = cashier.pays_out()
    body = result_body(asked, code=2001)
    del body["Result"]["OriginatorConversationID"]
    cashier.hears(asked, body)
    assert (cashier.state(asked), cashier.held) == ("unknown", kes(500))
    assert (asked_about(daraja), cashier.is_stopped()) == (1, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 499},
        {"amount": 500.01},
        {"originator": "SOMEBODYELSES"},
        {"conversation": "AG_ANOTHER"},
        {"code": 2001, "originator": "SOMEBODYELSES"},
        {"code": 2001, "conversation": "AG_ANOTHER"},
    ],
)
def test_another_amount_or_id_moves_nothing_and_is_looked_at(
    cashier: Cashier, changes: dict[str, Any]
) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked, result_body(asked, **changes))
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    assert cashier.alarms() == ["withdrawal_review"]
    assert cashier.now(asked).review is not None
    assert cashier.messages() == []
    # Contradicted, it is not given back any more without a person; a payment is still booked.
    cashier.hears(asked, result_body(asked, code=2040))
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    cashier.hears(asked)
    assert cashier.state(asked) == "paid"


def test_a_failure_after_a_success_changes_nothing_and_is_looked_at(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked)
    cashier.hears(asked, result_body(asked, code=2001))
    assert (cashier.state(asked), cashier.wallet) == ("paid", kes(500))
    assert (cashier.verdicts(), cashier.alarms()) == (["paid", "disagrees"], ["withdrawal_review"])
    assert not cashier.is_stopped()


@pytest.mark.parametrize("spent", [0, 800, 1000])
def test_a_success_after_a_failure_takes_the_money_again_and_the_rest_is_owed(
    cashier: Cashier, spent: int
) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked, result_body(asked, code=2040))
    if spent:
        cashier.asks(kes(spent))
    for _repeat in range(2):
        cashier.hears(asked)
    now = cashier.now(asked)
    assert (now.state, now.receipt) == ("paid_after_release", RECEIPT)
    taken = min(500, 1000 - spent)
    assert cashier.wallet == kes(1000 - spent - taken)
    owed = cashier.column(
        "SELECT coalesce(-sum(cents), 0)::text FROM entry JOIN account a ON a.id = account_id"
        " WHERE a.kind = 'player_clawback'"
    )
    assert owed == [str((500 - taken) * 100)]
    assert cashier.alarms() == ["withdrawal_paid_after_release"]
    assert cashier.verdicts() == ["failed", "paid after release", "repeated"]
    assert "M-Pesa did send you KES 500 (SG632NMUAB)" in cashier.messages()[-1]


def test_a_second_receipt_is_looked_at(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked)
    cashier.hears(asked, result_body(asked, receipt="SECONDONE1"))
    assert (cashier.now(asked).receipt, cashier.wallet) == (RECEIPT, kes(500))
    assert cashier.alarms() == ["withdrawal_review"]


def test_a_receipt_pays_one_withdrawal_only(cashier: Cashier) -> None:
    first, second = cashier.pays_out(), cashier.pays_out(kes(300))
    cashier.hears(first)
    cashier.hears(second, result_body(second, amount=300))
    assert (cashier.state(second), cashier.held) == ("accepted", kes(300))
    assert (cashier.verdicts(), cashier.alarms()) == (["paid", "review"], ["withdrawal_review"])
    # The same of what was given back: the receipt proves another payment.
    third = cashier.pays_out(kes(100))
    cashier.hears(third, result_body(third, code=2040))
    cashier.hears(third, result_body(third, amount=100))
    assert cashier.state(third) == "failed"


def test_ten_results_at_once_book_one_payment(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    barrier = Barrier(10)

    def post(_: int) -> int:
        barrier.wait()
        return cashier.posts(asked, result_body(asked)).status_code

    def work(_: int) -> None:
        barrier.wait()
        cashier.works()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(post, range(10))) == {200}
        list(pool.map(work, range(10)))
    cashier.works()
    assert sorted(cashier.verdicts()) == ["paid", *["repeated"] * 9]
    assert (cashier.held, len(cashier.messages())) == (kes(0), 1)


def test_a_success_and_a_failure_at_once_end_in_a_payment_either_way(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    barrier = Barrier(2)
    for body in (result_body(asked), result_body(asked, code=2040)):
        cashier.posts(asked, body)

    def work(_: int) -> None:
        barrier.wait()
        cashier.till.worker.run_due()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    cashier.works()
    assert cashier.state(asked) in {"paid", "paid_after_release"}
    assert (cashier.wallet, cashier.held) == (kes(500), kes(0))


def test_a_result_for_nobody_is_not_taken(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    for token in ("0" * 32, "nonsense", asked.token.upper(), f"{asked.token}0"):
        path = f"/payments/b2c/{token}/result"
        assert cashier.till.app.test_client().post(path, json=result_body(asked)).status_code == 404
    assert cashier.world.count("provider_callback") == 0


def test_a_stranger_s_word_is_kept_and_asked_about(cashier: Cashier, daraja: Daraja) -> None:
    asked = cashier.pays_out()
    listed = {"callback_allowed_ips": (ip_network("196.201.214.0/24"),)}
    cashier.till.settings = cashier.till.settings.model_copy(update=listed)
    cashier.till.open_routes()
    for code in (0, 2001):
        cashier.hears(asked, result_body(asked, code=code))
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    assert asked_about(daraja) == 1
    cashier.hears(asked, environ_base={"REMOTE_ADDR": "196.201.214.200"})
    assert cashier.state(asked) == "paid"


def test_no_phone_number_is_kept_of_a_result(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked)
    bodies = cashier.column("SELECT body FROM provider_callback")
    assert PHONE.removeprefix("+") not in "".join(bodies)
