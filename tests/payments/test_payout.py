"""The one call that orders a payment: what Daraja may answer, and what each answer leaves."""

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from core.database import in_transaction
from core.money import kes
from core.staff.records import Role
from core.switches.rules import Switch
from core.switches.start import start
from core.switches.stop import stop
from tests.payments.cashier import RECEIPT, Cashier, result_body
from tests.payments.daraja import OAUTH, Answer, Daraja, error, taken
from tests.payments.till import PHONE
from tests.world import ASHA

NO_ROUTE = requests.ConnectionError(
    MaxRetryError(None, "", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
)
OURS: dict[str, Answer] = {
    "invalid initiator": error("400.002.02", "Bad Request - Invalid InitiatorName", 400),
    "not enabled": error("403.002.1001", "Forbidden", 403),
    "no such resource": error("404.001.01", "Resource not found", 404),
    "no header": error("404.001.04", "Invalid Authentication Header", 404),
    "wrong method": error("405.001", "Method Not Allowed", 405),
    "inside a 200": error("400.002.02", "Bad Request - Invalid ResultURL", 200),
}
UNKNOWN: dict[str, Answer] = {
    "duplicate": error("500.002.1001", "Duplicate OriginatorConversationID."),
    "internal": error("500.003.1001", "Internal Server Error"),
    "overloaded code": error("500.001.1001", "Transaction failed"),
    "overloaded, words of a push": error("500.001.1001", "Merchant does not exist"),
    "overloaded, a locked subscriber": error("500.001.1001", "Unable to lock subscriber"),
    "unlisted": error("400.999.99", "Bad Request", 400),
    "bad gateway": (502, "<html>Bad gateway</html>"),
    "html": (200, "<html>Welcome</html>"),
    "truncated": (200, '{"ConversationID": "AG_1", "Respo'),
    "a list": (200, []),
    "no code": (200, {"ConversationID": "AG_1"}),
    "another code": (200, {"ConversationID": "AG_1", "ResponseCode": "1"}),
    "another order": taken("AG_1", originator="SOMEBODYELSES"),
    "timeout": requests.ReadTimeout(),
    "reset": requests.ConnectionError("reset by peer"),
}
BUSY: dict[str, Answer] = {
    "busy": error("500.003.02", "System is busy. Please try again in few minutes."),
    "quota": error("500.003.03", "Quota Violation"),
    "throttled": (429, {"fault": {"faultstring": "Spike arrest violation. Allowed rate : ..."}}),
    "throttled, in html": (429, "<html>Slow down</html>"),
    "no connection": NO_ROUTE,
    "connecting takes too long": requests.ConnectTimeout(),
}


def test_the_order_is_as_daraja_wants_it(cashier: Cashier, daraja: Daraja) -> None:
    asked = cashier.pays_out()
    [order] = daraja.paid_out
    address = f"{cashier.till.settings.public_url}/payments/b2c/{asked.token}"
    assert order == {
        "OriginatorConversationID": asked.originator_id,
        "InitiatorName": "testapi",
        "SecurityCredential": "demo-credential",
        "CommandID": "BusinessPayment",
        "Amount": "500",
        "PartyA": "600992",
        "PartyB": PHONE.removeprefix("+"),
        "Remarks": f"Withdrawal {asked.reference}",
        "QueueTimeOutURL": f"{address}/timeout",
        "ResultURL": f"{address}/result",
        "Occassion": asked.reference,
    }
    assert (asked.state, asked.conversation_id) == ("accepted", f"AG_{asked.originator_id}")
    assert (cashier.wallet, cashier.held, cashier.messages()) == (kes(500), kes(500), [])


@pytest.mark.parametrize("answer", OURS.values(), ids=OURS)
def test_a_fault_of_ours_gives_the_money_back_and_stops_withdrawals(
    cashier: Cashier, daraja: Daraja, answer: Answer
) -> None:
    daraja.answers_pay_out(answer)
    asked = cashier.pays_out()
    assert (cashier.state(asked), cashier.wallet) == ("failed", kes(1000))
    assert cashier.is_stopped()
    assert cashier.alarms() == ["switch"]
    [message] = cashier.messages()
    assert message.startswith("KES 500 is back with you. M-Pesa is not available now.")


def test_a_number_that_cannot_be_paid_stops_nobody_else(cashier: Cashier, daraja: Daraja) -> None:
    daraja.answers_pay_out(error("400.002.02", "Bad Request - Invalid PartyB", 400))
    asked = cashier.pays_out()
    assert (cashier.state(asked), cashier.wallet) == ("failed", kes(1000))
    assert not cashier.is_stopped()
    assert cashier.alarms() == []


@pytest.mark.parametrize("answer", UNKNOWN.values(), ids=UNKNOWN)
def test_what_may_have_been_taken_is_held_and_never_sent_again(
    cashier: Cashier, daraja: Daraja, answer: Answer
) -> None:
    daraja.answers_pay_out(answer)
    asked = cashier.pays_out()
    assert (cashier.state(asked), cashier.held) == ("unknown", kes(500))
    daraja.answers_pay_out(taken("AG_2"))
    cashier.world.moves(minutes=10)
    cashier.works()
    assert len(daraja.paid_out) == 1
    assert (cashier.held, cashier.is_stopped()) == (kes(500), False)
    assert [each["OriginalConversationID"] for each in daraja.asked] == [asked.originator_id] * 2


@pytest.mark.parametrize("answer", BUSY.values(), ids=BUSY)
def test_what_was_surely_not_taken_is_sent_again_under_the_same_id(
    cashier: Cashier, daraja: Daraja, answer: Answer
) -> None:
    daraja.answers_pay_out(answer)
    asked = cashier.pays_out()
    assert (cashier.state(asked), cashier.held) == ("queued", kes(500))
    daraja.pay_out_answers.clear()
    cashier.world.moves(seconds=7)
    cashier.works()
    assert cashier.state(asked) == "accepted"
    assert [each["OriginatorConversationID"] for each in daraja.paid_out] == [
        asked.originator_id
    ] * 2
    # The schedule of questions begins anew: two minutes after the second call, not the first.
    cashier.world.moves(seconds=115)
    cashier.works()
    assert daraja.asked == []
    cashier.world.moves(seconds=6)
    cashier.works()
    assert len(daraja.asked) == 1


def test_sent_again_and_known_already_it_is_unknown(cashier: Cashier, daraja: Daraja) -> None:
    daraja.answers_pay_out(BUSY["busy"], UNKNOWN["duplicate"])
    asked = cashier.pays_out()
    cashier.world.moves(seconds=7)
    cashier.works()
    assert (cashier.state(asked), cashier.held) == ("unknown", kes(500))


@pytest.mark.parametrize(
    "dead", [error("401.002.01", "Error Occurred - Invalid Access Token", 401), (401, "")]
)
def test_a_dead_token_is_renewed_and_the_order_sent_again(
    cashier: Cashier, daraja: Daraja, dead: Answer
) -> None:
    daraja.answers_pay_out(dead, taken("AG_1"))
    asked = cashier.pays_out()
    assert (cashier.state(asked), daraja.tokens) == ("accepted", 2)
    assert {each["OriginatorConversationID"] for each in daraja.paid_out} == {asked.originator_id}
    assert len(daraja.paid_out) == 2


def test_a_token_that_stays_dead_keeps_the_order_in_the_queue(
    cashier: Cashier, daraja: Daraja
) -> None:
    daraja.answers_pay_out(error("401.002.01", "Invalid Access Token", 401))
    asked = cashier.pays_out()
    assert (cashier.state(asked), cashier.held) == ("queued", kes(500))


def test_no_token_means_no_call(cashier: Cashier, daraja: Daraja) -> None:
    daraja.wire.replace(responses.GET, OAUTH, status=400)
    asked = cashier.pays_out()
    assert (cashier.state(asked), daraja.paid_out) == ("queued", [])


def test_an_order_without_an_id_in_its_answer_is_accepted(cashier: Cashier, daraja: Daraja) -> None:
    daraja.answers_pay_out(taken(None))
    asked = cashier.pays_out()
    assert (asked.state, asked.conversation_id) == ("accepted", None)
    cashier.hears(asked)
    assert cashier.state(asked) == "paid"


@pytest.mark.parametrize("spelt", ["A\x00G", "x" * 101])
def test_an_id_that_no_table_should_hold_is_left_out(
    cashier: Cashier, daraja: Daraja, spelt: str
) -> None:
    daraja.answers_pay_out(taken(spelt))
    asked = cashier.pays_out()
    assert (asked.state, asked.conversation_id) == ("accepted", None)


def test_a_result_that_is_faster_than_the_answer_counts(cashier: Cashier, daraja: Daraja) -> None:
    asked = cashier.asks()
    heard: list[str] = []

    def result_first() -> None:
        if not heard:
            heard.append("once")
            cashier.hears(asked)

    daraja.before_answer = result_first
    cashier.works()
    assert (cashier.state(asked), cashier.held) == ("paid", kes(0))
    assert cashier.now(asked).conversation_id == f"AG_{asked.originator_id}"
    assert cashier.now(asked).receipt == RECEIPT
    assert cashier.till.waiting("b2c_send") == 0


def test_an_answer_under_another_id_than_the_result_is_looked_at(
    cashier: Cashier, daraja: Daraja
) -> None:
    daraja.answers_pay_out(BUSY["busy"], taken("AG_ANOTHER"))
    asked = cashier.pays_out()
    with cashier.world.database.begin() as connection:
        connection.exec_driver_sql("UPDATE withdrawal SET conversation_id = 'AG_FIRST'")
    cashier.world.moves(seconds=7)
    cashier.works()
    assert (cashier.now(asked).conversation_id, cashier.held) == ("AG_FIRST", kes(500))
    assert cashier.alarms() == ["withdrawal_review"]


def test_while_withdrawals_are_stopped_the_next_one_waits_until_a_person_lets_it_go(
    cashier: Cashier, daraja: Daraja
) -> None:
    daraja.answers_pay_out(OURS["invalid initiator"])
    waiting = cashier.asks(kes(200))
    with cashier.world.database.begin() as connection:
        stop(connection, kind=Switch.WITHDRAWALS, why="No float", by="test")
    for _minute in range(3):
        cashier.works()
        cashier.world.moves(minutes=1)
    assert (cashier.state(waiting), daraja.paid_out) == ("queued", [])
    assert cashier.held == kes(200)

    asha = cashier.world.has_admin(ASHA, Role.FINANCE)
    in_transaction(
        cashier.world.database,
        lambda c: start(c, kind=Switch.WITHDRAWALS, why="Topped up", by=asha),
    )
    daraja.pay_out_answers.clear()
    cashier.works()
    assert cashier.state(waiting) == "accepted"


def test_a_player_who_was_locked_meanwhile_is_not_paid(cashier: Cashier, daraja: Daraja) -> None:
    waiting = cashier.asks(kes(200))
    change = "UPDATE player SET locked_at = {}"
    with cashier.world.database.begin() as connection:
        connection.exec_driver_sql(change.format("kibeezy_now()"))
    cashier.works()
    cashier.world.moves(minutes=6)
    cashier.works()
    assert (cashier.state(waiting), daraja.paid_out, cashier.held) == ("queued", [], kes(200))
    assert cashier.alarms() == ["withdrawal_queued"]
    with cashier.world.database.begin() as connection:
        connection.exec_driver_sql(change.format("NULL"))
    cashier.world.moves(minutes=2)
    cashier.works()
    assert cashier.state(waiting) == "accepted"


def test_whoever_waits_five_minutes_is_told_that_we_wait_too(
    cashier: Cashier, daraja: Daraja
) -> None:
    daraja.answers_pay_out(UNKNOWN["timeout"])
    asked = cashier.pays_out()
    paid = cashier.asks(kes(100))
    daraja.pay_out_answers.clear()
    cashier.works()
    cashier.hears(paid, result_body(paid, amount=100, receipt="QUICKONE01"))
    told = len(cashier.messages())
    cashier.world.moves(minutes=5)
    cashier.works()
    [waits] = cashier.messages()[told:]
    assert waits.startswith("We wait for M-Pesa to pay your KES 500. Your money is safe.")
    assert asked.reference in waits
