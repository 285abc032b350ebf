"""Whatever arrives, how often and in which order: one credit for a success, none without."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.config.rules import Dated
from core.database import sql_state
from core.deposits.answers import Answer, NoAnswer, Paid
from core.deposits.record_push import push_rejected
from core.deposits.records import Deposit
from core.deposits.reverse_deposit import reverse_deposit
from core.deposits.rules import CREDITABLE, DepositState, WrongDepositState
from core.money import Money, kes
from core.provider.decide import DecisionOutcome
from tests.core.deposits.purse import CANCELLED, JUMA, NEEMA, Purse
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
    "proof",
    "proof of another amount",
    "decided confirmed",
    "decided reversed",
    "a bet",
    "a minute",
    "an hour",
    "excise of 1 bps",
    "excise of 500 bps",
    "excise of 0 bps",
)
ANSWERS: dict[str, Answer] = {"paid": Paid(), "failed": CANCELLED, "unknown": NoAnswer("31337")}
AMOUNT, NOTHING = kes(700), kes(0)
CREDITED_ONCE = {"succeeded", "reversed"}
FINAL = CREDITED_ONCE | {"failed", "rejected", "unresolved"}
_phones = count(254_722_000_000)


@given(events=st.lists(st.sampled_from(EVENTS), max_size=14))
@how(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_credits_at_most_once_and_keeps_success(world: World, events: list[str]) -> None:
    purse = Purse.of_a_new_player(world, phone=f"+{next(_phones)}")
    deposit = purse.asks(AMOUNT)
    callback_paid = False
    rate, paid_before = purse.excise_bps, purse.excise_paid
    taken = 0
    for event in events:
        before = purse.now(deposit)
        _happen(event, purse, deposit)
        now = purse.now(deposit)
        if event.startswith("excise"):
            rate = int(event.split()[2])
        if before.transfer_id is None and now.transfer_id is not None:
            taken = AMOUNT.cents * rate // 10_000
        callback_paid = callback_paid or (now.pushed_at is not None and event == "callback paid")
        if callback_paid and now.review is None:
            assert now.state in CREDITED_ONCE, "a good callback was not credited"
        _keeps_success(event, before, now)
        _explains_the_money(purse, now, taken=Money(taken))
        _heeds_proof(event, before, now)
        is_kept = now.state == "succeeded"
        assert purse.excise_paid == paid_before + (Money(taken) if is_kept else NOTHING)
    purse.is_left_alone(deposit)
    purse.is_asked_about_in_vain(deposit)
    assert purse.state(deposit) in FINAL
    _explains_the_money(purse, purse.now(deposit), taken=Money(taken))


def _keeps_success(event: str, before: Deposit, now: Deposit) -> None:
    if before.state == "succeeded" and now.state != "succeeded":
        assert (now.state, event) == ("reversed", "decided reversed"), f"lost by {event}"
    if before.state == "reversed":
        assert now.state == "reversed", f"brought back by {event}"
    if before.review is not None and event.startswith("query"):
        assert now.confirmed_at == before.confirmed_at, "confirmed while under review"
        credited = [one.state in CREDITED_ONCE for one in (before, now)]
        assert credited[0] == credited[1], "credited while under review"


def _explains_the_money(purse: Purse, now: Deposit, *, taken: Money) -> None:
    """`taken` is the excise at the rate that counted when it was credited, whatever counts now."""
    worth = AMOUNT - taken if now.state == "succeeded" else NOTHING
    assert purse.money + purse.held + purse.staked - purse.owed == worth
    assert purse.held == now.frozen
    assert min(purse.money, purse.owed) == NOTHING, "who has money owes nothing of it"
    assert purse.posted("deposit") == int(now.state in CREDITED_ONCE)
    if now.frozen:
        assert (now.state, now.confirmed_at) == ("succeeded", None)
        assert now.review is not None, "a person looks at what is frozen"
    vouched_for_by_a_callback = now.state == "succeeded" and now.confirmed_at is None
    assert purse.unconfirmed == (worth - now.frozen if vouched_for_by_a_callback else NOTHING)


def _heeds_proof(event: str, before: Deposit, now: Deposit) -> None:
    match event.split():
        case ["proof"] if before.state in CREDITABLE | {DepositState.SUCCEEDED}:
            assert now.state == "succeeded"
            assert (now.review, now.frozen) == (None, NOTHING)
            assert now.confirmed_at is not None
            assert now.receipt is not None
        case ["proof", *_]:
            assert now.state == before.state, "nothing but a freeze moves"
            assert now.confirmed_at == before.confirmed_at
            assert now.review is not None
        case _:
            pass


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


@pytest.mark.parametrize(
    "change",
    [
        "state = 'pending'",
        "state = 'failed', transfer_id = NULL",
        "amount_cents = 100",
        "receipt = 'ANOTHER7'",
        "receipt = NULL",
        "transfer_id = reversal_transfer_id",
    ],
)
def test_the_database_lets_nobody_undo_a_credit(purse: Purse, change: str) -> None:
    """As somebody would who has the application's login and writes SQL by hand."""
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    with pytest.raises(DBAPIError) as refused, purse.world.database.begin() as connection:
        connection.execute(text(f"UPDATE deposit SET {change}"))
    assert sql_state(refused.value) == "KB006"


def test_what_was_taken_back_is_not_credited_again(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    stale = purse.now(deposit)
    purse.is_decided(deposit, DecisionOutcome.REVERSED)
    back = "UPDATE deposit SET state = 'succeeded', reversal_transfer_id = NULL"
    with pytest.raises(DBAPIError), purse.world.database.begin() as connection:
        connection.execute(text(back))
    # With as much in the wallet as then, the ledger takes the second reversal for the first.
    purse.world.gives(purse.phone, kes(1000))
    with pytest.raises(AssertionError), purse.world.database.begin() as connection:
        reverse_deposit(
            connection, stale, actor=NEEMA, second_actor=JUMA, reason="M-Pesa portal, page 7"
        )
    assert purse.money == kes(1000)


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
            _settle(event, purse, deposit)


def _settle(event: str, purse: Purse, deposit: Deposit) -> None:
    match event.split():
        case ["proof"]:
            purse.proves(deposit)
        case ["proof", *_]:
            purse.proves(deposit, amount=kes(1))
        case ["decided", word]:
            with suppress(WrongDepositState):
                own = f"RECEIPT{deposit.id}"
                purse.is_decided(deposit, DecisionOutcome(word), receipt=own)
        case ["excise", "of", bps, _]:
            purse.world.agrees_on(Dated.EXCISE_BPS, int(bps), counts_in=timedelta(minutes=2))
            purse.world.moves(minutes=2)
        case [_, "bet"] if purse.money >= kes(100):
            purse.spends(kes(100))
        case _:
            pass
