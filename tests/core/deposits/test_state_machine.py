"""Whatever arrives, how often and in which order: one credit for a success, none without."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import text

from core.deposits.answers import Answer, NoAnswer, Paid
from core.deposits.record_push import push_rejected
from core.deposits.records import Deposit
from core.money import kes
from tests.core.deposits.purse import CANCELLED, Purse
from tests.world import World

EVENTS = (
    "push",
    "ack",
    "ack of another id",
    "callback paid",
    "callback failed",
    "callback unknown",
    "callback of another amount",
    "query paid",
    "query failed",
    "query unknown",
    "a minute",
    "an hour",
)
ANSWERS: dict[str, Answer] = {"paid": Paid(), "failed": CANCELLED, "unknown": NoAnswer("31337")}
FINAL = {"succeeded", "failed", "rejected", "unresolved"}
_phones = count(254_722_000_000)


@given(events=st.lists(st.sampled_from(EVENTS), max_size=12))
@how(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_order_credits_at_most_once_and_keeps_success(world: World, events: list[str]) -> None:
    purse = Purse.of_a_new_player(world, phone=f"+{next(_phones)}")
    deposit = purse.asks(kes(700))
    pushed = succeeded = callback_paid = False
    for event in events:
        before = purse.now(deposit)
        _happen(event, purse, deposit)
        pushed = pushed or purse.now(deposit).pushed_at is not None
        callback_paid = callback_paid or (pushed and event == "callback paid")
        now = purse.now(deposit)
        assert not (succeeded and now.state != "succeeded"), f"success was lost by {event}"
        if before.review is not None and event.startswith("query"):
            assert now.confirmed_at == before.confirmed_at, "confirmed while under review"
            assert succeeded == (now.state == "succeeded"), "credited while under review"
        succeeded = now.state == "succeeded"
        assert purse.money == kes(700 if succeeded else 0)
        if callback_paid and now.review is None:
            assert succeeded, "a good callback was not credited"
    assert _posted(world, deposit.id) == int(succeeded)
    purse.is_left_alone(deposit)
    assert purse.state(deposit) in FINAL
    assert purse.money == kes(700 if succeeded else 0)


@pytest.mark.parametrize("first", ["credit", "fail"])
def test_an_unresolved_deposit_is_credited_but_never_failed(purse: Purse, first: str) -> None:
    deposit = purse.becomes_pending()
    with purse.world.database.begin() as connection:
        connection.execute(text("UPDATE deposit SET state = 'unresolved'"))
    if first == "fail":
        purse.hears(deposit, CANCELLED)
        purse.is_answered(deposit, CANCELLED)
        assert purse.state(deposit) == "unresolved"
    purse.hears(deposit, Paid())
    assert purse.money == kes(1000)


def test_a_success_for_a_rejected_deposit_goes_to_a_person(purse: Purse) -> None:
    deposit = purse.asks()
    purse.world.moves(minutes=11)
    assert purse.is_pushed(deposit) is None
    purse.hears(deposit, Paid())
    assert purse.state(deposit) == "rejected"
    assert purse.money == kes(0)
    assert purse.now(deposit).review is not None


def test_a_query_s_success_for_a_refused_push_goes_to_a_person(purse: Purse) -> None:
    deposit = purse.asks()
    purse.is_pushed(deposit)
    purse.hears(deposit, NoAnswer("31337"))
    with purse.world.database.begin() as connection:
        push_rejected(connection, deposit_id=deposit.id, code="1", reason=CANCELLED.reason)
    purse.world.moves(minutes=2)
    assert purse.is_answered(deposit, Paid()) == "review"
    assert purse.state(deposit) == "rejected"
    assert purse.money == kes(0)


@pytest.mark.parametrize("answer", [Paid(), CANCELLED])
def test_a_callback_before_any_push_leaves_nothing_but_a_flag(purse: Purse, answer: Answer) -> None:
    deposit = purse.asks()
    purse.hears(deposit, answer)
    now = purse.now(deposit)
    assert (now.state, now.checkout_request_id) == ("created", None)
    assert now.review is not None
    assert purse.money == kes(0)


def test_a_callback_is_judged_once(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    callback_id = purse.keeps(deposit)
    assert purse.judges(callback_id, None) is not None
    assert purse.judges(callback_id, None) is None


def test_a_player_hears_of_a_failure_once(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    for _ in range(3):
        purse.hears(deposit, CANCELLED)
        purse.is_answered(deposit, CANCELLED)
    with purse.world.database.connect() as connection:
        query = "SELECT count(*) FROM sms_out WHERE kind = 'deposit_failed'"
        assert connection.execute(text(query)).scalar_one() == 1


def _happen(event: str, purse: Purse, deposit: Deposit) -> None:
    pushed = purse.now(deposit).pushed_at is not None
    match event.split():
        case ["push"]:
            purse.is_pushed(deposit)
        case ["ack"] if pushed:
            purse.is_accepted(deposit)
        case ["ack", *_] if pushed:
            purse.is_accepted(deposit, checkout=f"another-{deposit.id}")
        case ["callback", "of", *_]:
            purse.hears(deposit, Paid(), amount=kes(1))
        case ["callback", word]:
            purse.hears(deposit, ANSWERS[word])
        case ["query", word] if pushed:
            purse.is_answered(deposit, ANSWERS[word])
        case [_, "minute"]:
            purse.world.moves(minutes=1)
        case [_, "hour"]:
            purse.world.moves(hours=1)
        case _:
            pass


def _posted(world: World, deposit_id: int) -> int:
    query = "SELECT count(*) FROM transfer WHERE scope = 'deposit' AND key = :key"
    with world.database.connect() as connection:
        return int(connection.execute(text(query), {"key": str(deposit_id)}).scalar_one())
