"""Which withdrawal a line of money paid out proves paid, and when it proves none."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.money import kes
from core.provider.status_answers import Fate, StatusAnswer
from core.statements.lines import Flow
from core.withdrawals.judge_status import judge_withdrawal_status
from tests.core.statements.office import WANJIRU, WANJIRU_MASKED, Office
from tests.world import World

TWIN = "+254799999678"
OTHER = "+254700000002"


@pytest.fixture(autouse=True)
def _players(world: World) -> None:
    for phone in (WANJIRU, TWIN, OTHER):
        world.has_player(phone, balance=kes(1000))


def test_a_payout_whose_answer_was_lost_is_proven_paid(office: Office, world: World) -> None:
    asked = office.withdrawal(WANJIRU, kes(200))
    matched = office.explains(office.paid_out(kes(200), receipt="SKQ0000001"), money=Flow.OUT)
    assert matched.explained == 1
    now = office.withdrawal_now(asked)
    assert (now.state, now.receipt) == ("paid", "SKQ0000001")
    assert world.wallet(WANJIRU) == kes(800)
    assert office.breaks() == []


def test_a_payout_that_was_said_to_have_failed_is_money_paid_twice(
    office: Office, world: World
) -> None:
    asked = office.withdrawal(WANJIRU, kes(200))
    office.fails(asked)
    assert world.wallet(WANJIRU) == kes(1000)
    office.explains(office.paid_out(kes(200)), money=Flow.OUT)
    assert office.withdrawal_now(asked).state == "paid_after_release"
    assert world.wallet(WANJIRU) == kes(800)


@pytest.mark.parametrize("n_failed", [0, 1])
def test_a_payout_that_was_proven_without_a_receipt_gets_it(
    office: Office, world: World, n_failed: int
) -> None:
    for _ in range(n_failed):
        office.fails(office.withdrawal(WANJIRU, kes(200)))
    asked = office.withdrawal(WANJIRU, kes(200))
    answer = StatusAnswer(Fate.COMPLETED, "0", amount=kes(200))
    with world.database.begin() as connection:
        judge_withdrawal_status(connection, withdrawal_id=asked.id, answer=answer)
    assert office.withdrawal_now(asked).receipt is None
    office.explains(office.paid_out(kes(200), receipt="SKQ0000001"), money=Flow.OUT)
    now = office.withdrawal_now(asked)
    assert (now.state, now.receipt) == ("paid", "SKQ0000001")
    assert world.wallet(WANJIRU) == kes(800)
    assert office.breaks() == []


def test_the_line_of_a_paid_withdrawal_is_explained(office: Office) -> None:
    office.withdrawal(WANJIRU, kes(200))
    line = office.paid_out(kes(200))
    office.explains(line, money=Flow.OUT)
    assert office.explains(line, money=Flow.OUT).explained == 0
    assert office.breaks() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": kes(201)},
        {"party": "2547*****149"},
        {"party": None},
    ],
)
def test_amount_and_phone_must_fit(office: Office, wrong: dict[str, Any]) -> None:
    asked = office.withdrawal(WANJIRU, kes(200))
    line = replace(office.paid_out(kes(200)), **wrong)
    office.explains(line, money=Flow.OUT)
    assert office.withdrawal_now(asked).state == "unknown"
    assert office.why() == ["paid out, no withdrawals in doubt fit amount, phone and time"]


@pytest.mark.parametrize("moved", [timedelta(minutes=-2), timedelta(days=3, minutes=1)])
def test_a_payment_is_made_after_it_was_asked_for_and_within_days(
    office: Office, moved: timedelta
) -> None:
    asked = office.withdrawal(WANJIRU, kes(200))
    assert asked.sent_at is not None
    with office.world.database.begin() as connection:
        connection.exec_driver_sql("UPDATE withdrawal SET state = 'manual'")
    office.world.moves(days=5)
    line = office.paid_out(kes(200), completed_at=asked.sent_at + moved)
    office.imports(line, money=Flow.OUT, back=timedelta(days=6))
    office.matches()
    assert office.withdrawal_now(asked).state == "manual"
    assert office.why() == ["paid out, no withdrawals in doubt fit amount, phone and time"]


@pytest.mark.parametrize("phones", [(WANJIRU, WANJIRU), (WANJIRU, TWIN)])
def test_two_withdrawals_that_fit_are_left_to_a_person(
    office: Office, phones: tuple[str, str]
) -> None:
    asked = [office.withdrawal(phone, kes(200)) for phone in phones]
    office.explains(office.paid_out(kes(200)), money=Flow.OUT)
    assert [office.withdrawal_now(one).state for one in asked] == ["unknown", "unknown"]
    assert office.why() == ["paid out, 2 withdrawals in doubt fit amount, phone and time"]


def test_two_lines_that_fit_are_left_to_a_person(office: Office) -> None:
    asked = office.withdrawal(WANJIRU, kes(200))
    office.explains(office.paid_out(kes(200)), office.paid_out(kes(200)), money=Flow.OUT)
    assert office.withdrawal_now(asked).state == "unknown"
    assert office.why() == [f"paid out, 2 lines fit withdrawal {asked.id}"] * 2


def test_a_line_of_another_withdrawal_does_not_count_against_this_one(office: Office) -> None:
    first = office.withdrawal(WANJIRU, kes(200))
    line = office.paid_out(kes(200))
    office.explains(line, money=Flow.OUT)
    second = office.withdrawal(WANJIRU, kes(200))
    office.explains(line, office.paid_out(kes(200)), money=Flow.OUT)
    assert [office.withdrawal_now(one).state for one in (first, second)] == ["paid", "paid"]
    assert office.breaks() == []


def test_a_longer_number_tells_twins_apart(office: Office) -> None:
    mine, twin_s = office.withdrawal(WANJIRU, kes(200)), office.withdrawal(TWIN, kes(200))
    office.explains(office.paid_out(kes(200), party="254712***678"), money=Flow.OUT)
    assert office.withdrawal_now(mine).state == "paid"
    assert office.withdrawal_now(twin_s).state == "unknown"


def test_a_paid_withdrawal_s_line_of_another_amount_is_a_break(office: Office) -> None:
    asked = office.withdrawal(WANJIRU, kes(200))
    line = office.paid_out(kes(200), receipt="SKQ0000001")
    office.explains(line, money=Flow.OUT)
    with office.world.owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM statement_line")
    office.explains(replace(line, amount=kes(250)), money=Flow.OUT)
    [found] = office.breaks()
    assert (found.kind, found.why) == ("differs", f"paid out, withdrawal {asked.id} is of KES 200")


def test_a_payout_that_nobody_asked_for_is_a_break(office: Office) -> None:
    office.explains(office.paid_out(kes(200), party=WANJIRU_MASKED), money=Flow.OUT)
    [found] = office.breaks()
    assert found.kind == "not in our books"
    assert found.receipt is not None
    assert found.sentence.startswith(f"{found.receipt}, KES 200 of ")
