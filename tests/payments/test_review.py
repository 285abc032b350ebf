"""A deposit under review: nobody's word but a matching callback's moves its money."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from core.database import in_transaction
from core.deposits.answers import Paid
from core.deposits.reconcile import Summary, reconcile
from core.deposits.record_answer import record_answer
from core.deposits.records import Deposit
from core.money import kes
from core.settings import Settings
from payments.mpesa.budget import QueryBudget
from payments.reconcile import patient_query
from tests.payments.daraja import Answer, Daraja, accepted, result
from tests.payments.till import CHECKOUT, MERCHANT, RECEIPT, Till, callback_body

SECOND_PHONE, SECOND_CHECKOUT = "+254711000002", "ws_CO_221120261300001711000002"
EVIL = "ws_CO_evil"
STRANGER = {"REMOTE_ADDR": "203.0.113.7"}
# Whatever id it is asked about.
PAID: Answer = (200, {"ResponseCode": "0", "ResultCode": "0"})


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The test client's own address is trusted, others are strangers."""
    return settings.model_copy(update={"callback_allowed_ips": (ip_network("127.0.0.0/8"),)})


def is_under_review(till: Till, deposit: Deposit) -> bool:
    return till.now(deposit).review is not None


def reconciles(till: Till) -> Summary:
    budget = QueryBudget(settings=till.settings, redis_client=till.redis_client)
    return reconcile(
        till.world.database,
        since=timedelta(days=2),
        query=patient_query(mpesa=till.mpesa, budget=budget),
        progress=lambda _one, _outcome: None,
    )


def test_one_receipt_pays_for_one_deposit_whatever_a_query_says(till: Till, daraja: Daraja) -> None:
    till.world.has_player(SECOND_PHONE)
    first = till.asks()
    till.works()
    daraja.answers_push(accepted(SECOND_CHECKOUT, "other-merchant-id"))
    second = till.asks(phone=SECOND_PHONE)
    till.works()
    till.posts(first)
    same_receipt = callback_body(
        checkout=SECOND_CHECKOUT, merchant="other-merchant-id", phone=254711000002
    )
    till.posts(second, same_receipt)
    till.works()
    daraja.answers_query(PAID)
    till.world.moves(minutes=2)
    till.works()
    assert {sent["CheckoutRequestID"] for sent in daraja.queried} == {CHECKOUT, SECOND_CHECKOUT}
    assert till.wallet == kes(1000)
    assert till.now(first).confirmed_at is not None
    assert till.world.wallet(SECOND_PHONE) == kes(0)
    assert till.state(second) == "pending"
    assert RECEIPT in (till.now(second).review or "")


def test_one_shilling_does_not_buy_a_thousand_by_a_query(till: Till, daraja: Daraja) -> None:
    deposit = till.asks(kes(1000))
    till.works()
    till.posts(deposit, callback_body(amount=1.0))
    till.works()
    daraja.answers_query(PAID)
    for minutes in (0.6, 0.7, 1, 3):
        till.world.moves(minutes=minutes)
        till.works()
    assert len(daraja.queried) >= 4
    assert till.wallet == kes(0)
    assert till.state(deposit) == "pending"
    assert till.now(deposit).confirmed_at is None


def test_what_is_under_review_is_left_to_a_person_after_a_day(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(amount=1.0))
    till.works()
    daraja.answers_query(PAID)
    till.world.moves(hours=24, minutes=1)
    till.works()
    assert till.state(deposit) == "unresolved"
    assert till.wallet == kes(0)


def test_a_callback_that_matches_is_still_credited(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(amount=1.0))
    till.posts(deposit)
    till.works()
    assert till.wallet == kes(1000)
    daraja.answers_query(PAID)
    till.world.moves(minutes=2)
    till.works()
    assert till.wallet == kes(1000)
    assert till.unconfirmed == kes(1000), "nobody confirms it before a person has looked"


def test_a_stranger_s_contradiction_is_flagged_and_freezes_nothing(till: Till) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.posts(deposit, callback_body(amount=1.0), environ_overrides=STRANGER)
    till.works()
    assert is_under_review(till, deposit)
    assert (till.wallet, till.held) == (kes(1000), kes(0))
    assert till.world.count("alarm") == 0, "who knows the address cannot call people at will"


def test_a_second_receipt_keeps_the_first_from_being_confirmed(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.posts(deposit, callback_body(receipt="NLJ7RT61SX"))
    till.works()
    daraja.answers_query(PAID)
    till.world.moves(minutes=2)
    till.works()
    assert (till.wallet, till.held) == (kes(0), kes(1000))
    assert till.now(deposit).confirmed_at is None


def test_a_credit_that_nobody_confirmed_in_a_day_can_still_be_confirmed(
    till: Till, daraja: Daraja
) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.works()
    till.world.moves(hours=24, minutes=1)
    till.works()
    assert is_under_review(till, deposit)
    daraja.answers_query(PAID)
    assert reconciles(till) == Summary(asked=1, confirmed=1)
    assert not is_under_review(till, deposit), "the missing answer was all that was wrong"


def test_a_person_is_called_to_a_credit_that_nobody_ever_confirms(
    till: Till, daraja: Daraja
) -> None:
    """Else the player could never withdraw it, and nobody would know."""
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.works()
    for hours in (24.1, 0.1, 1, 2, 7, 25):
        till.world.moves(hours=hours)
        till.works()
        assert till.world.count("alarm") == 0, "the last question may still be answered"
    assert {sent["TransactionID"] for sent in daraja.asked} == {RECEIPT}
    asked = len(daraja.asked)
    for hours in (1.1, 30):
        till.world.moves(hours=hours)
        till.works()
    assert till.world.count("alarm WHERE kind = 'deposit_never_confirmed'") == 1
    assert len(daraja.asked) == asked
    assert is_under_review(till, deposit)


def test_a_contradiction_outlives_the_missing_confirmation(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.works()
    till.world.moves(hours=24, minutes=1)
    till.works()
    till.posts(deposit, callback_body(receipt="NLJ7RT61SX"))
    till.works()
    daraja.answers_query(PAID)
    assert reconciles(till) == Summary(asked=1, still_unknown=1)
    assert "NLJ7RT61SX" in (till.now(deposit).review or "")
    assert till.now(deposit).confirmed_at is None


def test_reconcile_leaves_what_is_under_review_to_a_person(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(amount=1.0))
    till.works()
    daraja.answers_query(PAID)
    till.world.moves(hours=24, minutes=1)
    assert reconciles(till) == Summary(asked=1, still_unknown=1)
    assert till.state(deposit) == "unresolved"
    assert till.wallet == kes(0)


def test_a_stranger_does_not_choose_which_id_is_asked_about(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()

    def a_stranger_is_faster() -> None:
        till.posts(deposit, callback_body(checkout=EVIL), environ_overrides=STRANGER)
        till.works()

    daraja.before_answer = a_stranger_is_faster
    daraja.answers_query(result("0"))
    till.works()
    assert till.now(deposit).checkout_request_id == CHECKOUT
    till.world.moves(minutes=2)
    till.works()
    assert {sent["CheckoutRequestID"] for sent in daraja.queried} == {CHECKOUT}
    assert till.wallet == kes(1000)


def test_a_stranger_names_no_id_for_a_push_whose_answer_was_lost(
    till: Till, daraja: Daraja
) -> None:
    deposit = till.asks()
    daraja.answers_push((200, "<html>"))
    daraja.answers_query(PAID)
    till.works()
    till.posts(deposit, callback_body(checkout=EVIL), environ_overrides=STRANGER)
    for hours in (1, 25):
        till.world.moves(hours=hours)
        till.works()
    assert daraja.queried == []
    assert till.wallet == kes(0)
    assert till.state(deposit) == "unresolved"


@pytest.mark.parametrize("checkout", [EVIL, CHECKOUT])
def test_the_push_s_own_answer_overrules_what_a_callback_named(
    till: Till, daraja: Daraja, checkout: str
) -> None:
    deposit = till.asks()

    def a_callback_is_faster() -> None:
        # Without a receipt it proves nothing, so it is asked about.
        till.posts(deposit, callback_body(checkout=checkout, merchant="evil", receipt=None))
        till.works()
        assert till.now(deposit).checkout_request_id == checkout

    daraja.before_answer = a_callback_is_faster
    till.works()
    now = till.now(deposit)
    assert (now.checkout_request_id, now.merchant_request_id) == (CHECKOUT, MERCHANT)
    assert now.state == "pending"
    assert now.review is not None
    daraja.answers_query(PAID)
    till.world.moves(minutes=2)
    till.works()
    assert daraja.queried[-1]["CheckoutRequestID"] == CHECKOUT
    assert till.wallet == kes(0)


def test_a_confirmation_of_another_id_confirms_nothing(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()

    def the_evil_id_is_credited() -> None:
        till.posts(deposit, callback_body(checkout=EVIL, merchant="evil", receipt=None))
        till.works()
        assert till.now(deposit).confirmed_at is not None

    daraja.before_answer = the_evil_id_is_credited
    daraja.answers_query(PAID)
    till.works()
    assert is_under_review(till, deposit)
    assert (till.wallet, till.held, till.unconfirmed) == (kes(0), kes(1000), kes(0))


def test_an_answer_about_an_id_that_was_replaced_meanwhile_says_nothing(
    till: Till,
) -> None:
    deposit = till.asks()
    till.works()
    till.world.moves(minutes=2)
    outcome = in_transaction(
        till.world.database,
        lambda c: record_answer(c, deposit_id=deposit.id, asked_about=EVIL, answer=Paid()),
    )
    assert outcome == "unchanged"
    assert till.wallet == kes(0)
