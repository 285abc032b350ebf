"""The story of a payment, as it is read by whoever must decide about it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import event

from core.database import in_transaction
from core.deposits.records import get_deposit
from core.deposits.timeline import timeline as deposit_timeline
from core.money import kes
from core.paybill.timeline import timeline as paybill_timeline
from core.provider.timeline import Event
from core.withdrawals.records import get_withdrawal
from core.withdrawals.timeline import timeline as withdrawal_timeline
from tests.payments.cashier import Cashier, status_body
from tests.payments.daraja import Daraja
from tests.payments.paybill import RECEIPT, Paybill, confirmation
from tests.payments.till import PHONE, Till


def whats(events: Sequence[Event]) -> list[str]:
    """What has happened so far, without what is still due."""
    return [each.what for each in events if each.what != "look due"]


def one(events: Sequence[Event], what: str) -> Event:
    [found] = [each for each in events if each.what == what]
    return found


def told_by_withdrawal(cashier: Cashier, asked_id: int) -> list[Event]:
    return in_transaction(
        cashier.world.database,
        lambda c: withdrawal_timeline(c, get_withdrawal(c, withdrawal_id=asked_id)),
    )


def test_a_withdrawal_from_the_question_to_the_receipt(cashier: Cashier, daraja: Daraja) -> None:
    asked = cashier.pays_out()
    cashier.world.moves(minutes=3)
    cashier.works()
    cashier.answers(daraja.asked[-1], status_body(asked, "Completed", conversation="AG_Q1"))
    events = told_by_withdrawal(cashier, asked.id)
    assert whats(events) == [
        "asked for",
        "transfer",
        "withdrawal.queued",
        "withdrawal.sent",
        "withdrawal.accepted",
        "Transaction Status asked",
        "look",
        "Transaction Status answered",
        "transfer",
        "withdrawal.paid",
    ]
    assert events[0].details == f"KES 500, KES 500 of it to the phone, reference {asked.reference}"
    answer = one(events, "Transaction Status answered")
    assert answer.details == "paid"
    assert json.loads(answer.raw or "")["Result"]["ConversationID"] == "AG_Q1"
    holds, pays = [each for each in events if each.what == "transfer"]
    owner = f"of player {cashier.world.player(PHONE).id}"
    assert [str(line) for line in holds.lines] == [
        f"-KES 500 player_available {owner}",
        f"KES 500 player_held {owner}",
    ]
    assert [str(line) for line in pays.lines] == [
        f"-KES 500 player_held {owner}",
        "KES 500 mpesa_payout",
    ]
    assert one(events, "look").details == "0", "the place in the schedule, without the sending"


def test_a_result_is_told_as_it_was_kept(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked)
    heard = one(told_by_withdrawal(cashier, asked.id), "callback")
    assert heard.details == "paid"
    raw = heard.raw or ""
    assert json.loads(raw)["Result"]["OriginatorConversationID"] == asked.originator_id
    assert "254708374149" not in raw, "the number is masked"


def test_a_paybill_payment_tells_its_confirmation_and_its_proof(paybill: Paybill) -> None:
    paybill.is_paid()
    paid = paybill.now
    paybill.is_told(confirmation(receipt="ANOTHERONE"))
    paybill.is_told(b"not JSON at all")
    events = in_transaction(paybill.world.database, lambda c: paybill_timeline(c, paid))
    assert [what for what in whats(events) if what != "look"] == [
        "paid",
        "callback",
        "heard of",
        "Transaction Status asked",
        "Transaction Status answered",
        "transfer",
        "paybill.credited",
    ]
    heard = one(events, "callback")
    assert (heard.details, json.loads(heard.raw or "")["TransID"]) == ("heard", RECEIPT)
    told = f"KES 500 for account {paid.account}, receipt {RECEIPT}"
    assert one(events, "heard of").details == told


def test_a_deposit_tells_the_prompts_answer_as_it_was_kept(till: Till) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.works()
    events = in_transaction(
        till.world.database,
        lambda c: deposit_timeline(c, get_deposit(c, deposit_id=deposit.id)),
    )
    heard = one(events, "callback")
    assert json.loads(heard.raw or "")["Body"]["stkCallback"]["ResultCode"] == 0
    credited = one(events, "transfer")
    assert sum((line.amount for line in credited.lines), kes(0)) == kes(0)


def test_the_looks_at_one_payment_are_found_without_reading_all_jobs(cashier: Cashier) -> None:
    asked = cashier.pays_out()
    looks: list[tuple[str, Mapping[str, object]]] = []

    def notice(*call: Any) -> None:  # noqa: ANN401 - what SQLAlchemy hands over
        statement, parameters = call[2:4]
        if "FROM outbox" in statement:
            looks.append((statement, parameters))

    with cashier.world.owner.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO outbox (kind, key) SELECT 'stk_query', 'stk_query:' || n || ':0'"
            " FROM generate_series(1, 20000) n"
        )
        connection.exec_driver_sql("ANALYZE outbox")
        found = get_withdrawal(connection, withdrawal_id=asked.id)
        event.listen(connection, "before_cursor_execute", notice)
        withdrawal_timeline(connection, found)
        [(statement, parameters)] = looks
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
        assert "outbox_looks" in "\n".join(plan)
