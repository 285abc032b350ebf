"""M-Pesa tells of a paid prompt twice, on two channels: the money comes once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.database import in_transaction
from core.deposits.records import Deposit
from core.money import kes
from core.outbox.records import Job
from core.paybill.judge_status import judge_payment_status
from core.provider.status_answers import Fate, StatusAnswer
from tests.payments.daraja import Daraja, accepted
from tests.payments.paybill import Paybill, confirmation
from tests.payments.till import RECEIPT, callback_body

THOUSAND = kes(1000)


@pytest.fixture
def deposit(paybill: Paybill) -> Deposit:
    """A prompt of KES 1,000 on the player's phone."""
    asked = paybill.till.asks(THOUSAND)
    paybill.till.works()
    return asked


def told(deposit: Deposit, **others: object) -> dict[str, object]:
    """The confirmation that follows a paid prompt: same receipt, our reference as the account."""
    fields: dict[str, object] = {"receipt": RECEIPT, "amount": "1000.00", **others}
    return confirmation(**{"account": deposit.reference, **fields})


def test_an_echo_after_the_callback_is_not_even_asked_about(
    paybill: Paybill, deposit: Deposit
) -> None:
    paybill.till.posts(deposit)
    paybill.till.works()
    paybill.is_told(told(deposit))
    assert paybill.stands() == ("echo", None)
    assert paybill.now.deposit_id == deposit.id
    paybill.world.moves(hours=25)
    paybill.till.works()
    assert paybill.world.count("status_question WHERE paybill_id IS NOT NULL") == 0
    assert paybill.wallet == THOUSAND


def test_an_echo_that_is_first_waits_for_the_callback(paybill: Paybill, deposit: Deposit) -> None:
    paybill.is_told(told(deposit))
    assert paybill.stands() == ("heard", None)
    paybill.till.posts(deposit)
    paybill.till.works()
    paybill.world.moves(seconds=6)
    paybill.till.works()
    assert paybill.stands() == ("echo", None)
    assert paybill.asked == []
    assert paybill.wallet == THOUSAND


@pytest.mark.parametrize(
    "spelled", [str.lower, lambda reference: f" {reference[:4]} {reference[4:]} "]
)
def test_a_push_whose_callback_is_lost_is_credited_by_the_proof_of_its_echo(
    paybill: Paybill, deposit: Deposit, spelled: object
) -> None:
    assert callable(spelled)
    paybill.is_told(told(deposit, account=spelled(deposit.reference)))
    paybill.asks()
    paybill.is_answered(amount=1000, receipt=RECEIPT)
    found = paybill.till.now(deposit)
    assert (found.state, found.receipt, paybill.wallet) == ("succeeded", RECEIPT, THOUSAND)
    assert found.confirmed_at is not None
    assert paybill.stands() == ("echo", None)
    paybill.till.posts(deposit)
    paybill.till.works()
    assert paybill.wallet == THOUSAND
    assert paybill.messages() == []
    assert len(paybill.till.messages()) == 1


def test_an_echo_proves_a_deposit_that_only_a_callback_vouched_for(
    paybill: Paybill, deposit: Deposit
) -> None:
    paybill.is_told(told(deposit))
    paybill.asks()
    paybill.till.posts(deposit)
    paybill.till.works()
    assert paybill.till.now(deposit).confirmed_at is None
    paybill.is_answered(amount=1000, receipt=RECEIPT)
    assert paybill.till.now(deposit).confirmed_at is not None
    assert paybill.stands() == ("echo", None)
    assert paybill.wallet == THOUSAND


def test_one_receipt_with_the_phone_as_account_on_both_channels(
    paybill: Paybill, deposit: Deposit
) -> None:
    """Fault 7: the paybill was faster; the deposit goes to a person, the money comes once."""
    paybill.is_told(told(deposit, account="0708374149"))
    paybill.asks()
    paybill.is_answered(amount=1000, receipt=RECEIPT)
    assert paybill.stands() == ("credited", None)
    paybill.till.posts(deposit)
    paybill.till.works()
    assert paybill.wallet == THOUSAND
    assert paybill.till.now(deposit).review is not None


def test_an_old_reference_typed_by_hand_is_money_of_its_own(
    paybill: Paybill, deposit: Deposit
) -> None:
    paybill.till.posts(deposit)
    paybill.till.works()
    paybill.is_told(told(deposit, receipt="TYPEDAGAIN"))
    paybill.asks()
    paybill.is_answered(amount=1000, receipt="TYPEDAGAIN")
    assert paybill.stands() == ("suspense", "does not fit its deposit")
    assert paybill.till.now(deposit).review is None
    assert paybill.wallet == THOUSAND
    assert "We must check it with M-Pesa first." in paybill.messages()[0]


def test_another_amount_than_the_deposit_s_is_held_and_credits_nothing(
    paybill: Paybill, deposit: Deposit
) -> None:
    paybill.is_told(told(deposit, amount="999.00"))
    paybill.asks()
    paybill.is_answered(amount=999, receipt=RECEIPT)
    assert paybill.stands() == ("heard", None), "what was asked for speaks against it"
    assert paybill.alarms() == ["paybill_contested"]
    paybill.proves(amount=kes(999))
    assert paybill.stands() == ("suspense", "does not fit its deposit")
    assert paybill.till.state(deposit) == "pending"
    assert paybill.till.now(deposit).review is None, "its own prompt is still to be answered"
    assert paybill.wallet == kes(0)


def test_a_contested_receipt_pays_no_deposit(paybill: Paybill, deposit: Deposit) -> None:
    """Whoever knows the secret names a deposit of his own before the true confirmation comes."""
    paybill.is_told(told(deposit))
    paybill.is_told(told(deposit, account="0711000002"))
    paybill.asks()
    paybill.is_answered(amount=1000, receipt=RECEIPT)
    assert paybill.stands() == ("suspense", "told with another amount or account")
    assert paybill.till.state(deposit) == "pending"
    assert paybill.wallet == kes(0)


@pytest.mark.parametrize("account", ["0708374149", "its reference", "nobody"])
@pytest.mark.parametrize("_attempt", range(3))
def test_callback_and_proof_at_once_are_one_credit(
    paybill: Paybill, deposit: Deposit, account: str, _attempt: int
) -> None:
    typed = deposit.reference if account == "its reference" else account
    paybill.is_told(told(deposit, account=typed))
    paybill.till.posts(deposit)
    paybill_id, together = paybill.now.id, threading.Barrier(2)
    answer = StatusAnswer(Fate.COMPLETED, code="Completed", receipt=RECEIPT, amount=THOUSAND)
    database = paybill.world.database

    def call_back() -> None:
        newest = paybill.world.count("provider_callback")
        job = Job(0, "stk_callback", {"callback_id": newest}, 1, 1)
        together.wait()
        paybill.till.worker.handlers["stk_callback"](job)

    def prove() -> None:
        together.wait()
        in_transaction(
            database, lambda c: judge_payment_status(c, paybill_id=paybill_id, answer=answer)
        )

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(call_back), pool.submit(prove)]:
            done.result()
    state = paybill.now.state.value
    if account == "nobody" and state == "suspense":
        assert paybill.wallet == kes(0)
        assert paybill.till.now(deposit).review is not None
    else:
        assert paybill.wallet == THOUSAND
    assert paybill.world.count("receipt") == 1


def test_ten_proofs_at_once_are_one_credit(paybill: Paybill) -> None:
    paybill.is_told()
    paybill_id, together = paybill.now.id, threading.Barrier(10)
    answer = StatusAnswer(Fate.COMPLETED, code="Completed", amount=kes(500))

    def prove(_: int) -> str:
        together.wait()
        return in_transaction(
            paybill.world.database,
            lambda c: judge_payment_status(c, paybill_id=paybill_id, answer=answer),
        )

    with ThreadPoolExecutor(10) as pool:
        verdicts = list(pool.map(prove, range(10)))
    assert sorted(verdicts) == ["credited"] + ["repeated"] * 9
    assert paybill.wallet == kes(500)
    assert len(paybill.messages()) == 1


def test_the_same_player_s_payments_at_once_keep_the_daily_limit(paybill: Paybill) -> None:
    paybill.player_limits_itself(kes(500))
    receipts = [f"ATONCE{number:04}" for number in range(5)]
    ids = []
    for receipt in receipts:
        paybill.is_told(confirmation(receipt=receipt))
        ids.append(paybill.now.id)
    together = threading.Barrier(5)
    answer = StatusAnswer(Fate.COMPLETED, code="Completed", amount=kes(500))

    def prove(paybill_id: int) -> str:
        together.wait()
        return in_transaction(
            paybill.world.database,
            lambda c: judge_payment_status(c, paybill_id=paybill_id, answer=answer),
        )

    with ThreadPoolExecutor(5) as pool:
        verdicts = list(pool.map(prove, ids))
    assert sorted(verdicts) == ["credited"] + ["suspense"] * 4
    assert paybill.wallet == kes(500)


def test_a_lost_push_is_found_by_its_echo(paybill: Paybill, daraja: Daraja) -> None:
    daraja.answers_push((500, {"requestId": "1", "errorCode": "500.003.1001"}), accepted())
    asked = paybill.till.asks(THOUSAND)
    paybill.till.works()
    assert paybill.till.state(asked) == "submit_unknown"
    paybill.is_told(told(asked))
    paybill.asks()
    paybill.is_answered(amount=1000, receipt=RECEIPT)
    assert paybill.till.state(asked) == "succeeded"
    assert paybill.wallet == THOUSAND


def test_a_callback_of_a_receipt_in_suspense_credits_nothing(
    paybill: Paybill, deposit: Deposit
) -> None:
    paybill.is_told(told(deposit, account="nobody"))
    paybill.asks()
    paybill.is_answered(amount=1000, receipt=RECEIPT)
    paybill.till.posts(deposit, callback_body())
    paybill.till.works()
    assert paybill.stands() == ("suspense", "unknown account")
    assert paybill.wallet == kes(0)
    assert RECEIPT in (paybill.till.now(deposit).review or "")
