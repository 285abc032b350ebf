"""A credit that only a callback vouches for, and something that says otherwise."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.database import in_transaction
from core.deposits.answers import Paid
from core.deposits.judge_status import judge_deposit_status
from core.deposits.record_answer import Outcome
from core.deposits.records import Deposit
from core.ledger.book import InsufficientFunds
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Side
from core.money import Money, kes
from core.provider.status_answers import Fate, StatusAnswer
from tests.chaos.street import eventually
from tests.core.deposits.purse import CANCELLED, Purse
from tests.core.deposits.test_request_deposit import somebody_waits
from tests.phone import Phone
from tests.world import PIN

NOTHING = kes(0)

CONTRADICTIONS: dict[str, Callable[[Purse, Deposit], object]] = {
    "a query says failed": lambda purse, one: purse.is_answered(one, CANCELLED),
    "a callback says failed": lambda purse, one: purse.hears(one, CANCELLED),
    "a second receipt": lambda purse, one: purse.hears(one, Paid(), receipt="SECOND7"),
    "another amount": lambda purse, one: purse.hears(one, Paid(), amount=kes(1)),
    "the push had another id": lambda purse, one: purse.is_accepted(one, checkout="another"),
}


def credited(purse: Purse) -> Deposit:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    return purse.now(deposit)


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_contradicted_credit_is_frozen_flagged_and_asked_about(purse: Purse, what: str) -> None:
    deposit = credited(purse)
    CONTRADICTIONS[what](purse, deposit)
    now = purse.now(deposit)
    assert (purse.money, purse.held, now.frozen) == (NOTHING, kes(1000), kes(1000))
    assert (now.state, now.confirmed_at) == ("succeeded", None)
    assert now.review is not None
    assert purse.unconfirmed == NOTHING, "what is frozen cannot be withdrawn anyhow"
    assert purse.alarms() == ["deposit_contradicted"]
    assert purse.asked_for("deposit_status") == 1
    assert len(purse.messages()) == 1, "the player is told nothing of it"


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_the_same_contradiction_again_freezes_no_more(purse: Purse, what: str) -> None:
    deposit = credited(purse)
    CONTRADICTIONS[what](purse, deposit)
    purse.world.gives(purse.phone, kes(300))
    CONTRADICTIONS[what](purse, deposit)
    assert (purse.money, purse.held) == (kes(300), kes(1000))
    assert purse.asked_for("deposit_status") == 1


def test_what_the_player_has_spent_is_not_frozen(purse: Purse) -> None:
    deposit = credited(purse)
    purse.spends(kes(400))
    purse.is_answered(deposit, CANCELLED)
    assert (purse.money, purse.held) == (NOTHING, kes(600))
    assert purse.now(deposit).frozen == kes(600)
    assert purse.unconfirmed == kes(400)


def test_no_more_than_the_deposit_is_frozen(purse: Purse) -> None:
    deposit = credited(purse)
    purse.world.gives(purse.phone, kes(50))
    purse.is_answered(deposit, CANCELLED)
    assert (purse.money, purse.held) == (kes(50), kes(1000))


def test_where_nothing_is_left_nothing_is_frozen_until_there_is(purse: Purse) -> None:
    deposit = credited(purse)
    purse.spends(kes(1000))
    purse.is_answered(deposit, CANCELLED)
    assert purse.now(deposit).review is not None
    assert purse.held == NOTHING
    purse.world.gives(purse.phone, kes(70))
    purse.is_answered(deposit, CANCELLED)
    assert (purse.money, purse.held) == (NOTHING, kes(70))


def test_a_confirmed_credit_is_only_flagged(purse: Purse) -> None:
    deposit = credited(purse)
    purse.is_answered(deposit, Paid())
    purse.is_answered(deposit, CANCELLED)
    assert purse.now(deposit).review is not None
    assert (purse.money, purse.held) == (kes(1000), NOTHING)
    assert purse.alarms() == ["deposit_review"]


def test_a_failure_before_the_credit_freezes_nothing(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, CANCELLED)
    purse.hears(deposit, Paid())
    assert (purse.money, purse.held) == (kes(1000), NOTHING)


def test_frozen_money_cannot_be_staked(purse: Purse) -> None:
    purse.is_answered(credited(purse), CANCELLED)
    with pytest.raises(InsufficientFunds):
        purse.spends(kes(100))


def test_the_player_sees_less_money_and_what_is_held(
    purse: Purse, phone_of: Callable[[str], Phone]
) -> None:
    deposit = credited(purse)
    purse.world.gives(purse.phone, kes(50))
    purse.is_answered(deposit, CANCELLED)
    phone = phone_of(purse.phone)
    phone.dial().choose("My account").choose("Balance").type(PIN).shows("Your balance is KES 50")
    phone.type("0").choose("Statement").shows("Held -1,000").choose("Held").shows("-KES 1,000")
    purse.proves(deposit)
    phone.dial().choose("My account").choose("Balance").type(PIN).shows("KES 1,050")
    phone.type("0").choose("Statement").shows("Given back +1,000")


def test_a_bet_that_is_being_placed_meanwhile_keeps_its_stake(purse: Purse) -> None:
    deposit = credited(purse)
    world, market_id = purse.world, purse.world.has_market()
    player_id = purse.player_id
    with ThreadPoolExecutor(1) as pool, world.database.connect() as other:
        place_bet(
            other,
            player_id=player_id,
            market_id=market_id,
            side=Side.YES,
            stake=kes(300),
            key=Key("test", "race"),
            settings=world.settings,
        )
        freezing = pool.submit(purse.is_answered, deposit, CANCELLED)
        eventually(lambda: somebody_waits(world))
        other.commit()
        assert freezing.result() == "review"
    assert (purse.money, purse.held) == (NOTHING, kes(700))
    assert world.pool(market_id, "yes") == kes(300)


def hears_status(purse: Purse, deposit: Deposit, answer: StatusAnswer) -> Outcome:
    return in_transaction(
        purse.world.database,
        lambda c: judge_deposit_status(c, deposit_id=deposit.id, answer=answer),
    )


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        (StatusAnswer(Fate.COMPLETED, "Completed", amount=kes(1000)), NOTHING),
        (StatusAnswer(Fate.COMPLETED, "Completed"), kes(1000)),
        (StatusAnswer(Fate.COMPLETED, "Completed", "ANOTHER1", kes(1000)), kes(1000)),
        (StatusAnswer(Fate.LIVE, "Initiated", amount=kes(1000)), kes(1000)),
        (StatusAnswer(Fate.UNCLEAR, "2032"), kes(1000)),
    ],
)
def test_transaction_status_ends_a_freeze_by_proof_alone(
    purse: Purse, answer: StatusAnswer, held: Money
) -> None:
    deposit = credited(purse)
    purse.is_answered(deposit, CANCELLED)
    hears_status(purse, deposit, answer)
    assert (purse.money, purse.held) == (kes(1000) - held, held)
    assert (purse.now(deposit).confirmed_at is None) == bool(held)
    assert hears_status(purse, deposit, answer) == "unchanged", "a repeat, or no proof"


def test_transaction_status_that_knows_of_no_payment_freezes(purse: Purse) -> None:
    deposit = credited(purse)
    hears_status(purse, deposit, StatusAnswer(Fate.FAILED, "Cancelled"))
    assert (purse.money, purse.held) == (NOTHING, kes(1000))


def test_the_failure_of_another_receipt_freezes_nothing(purse: Purse) -> None:
    deposit = credited(purse)
    hears_status(purse, deposit, StatusAnswer(Fate.FAILED, "Cancelled", "ANOTHER1"))
    assert (purse.money, purse.now(deposit).review) == (kes(1000), None)


def test_transaction_status_leaves_alone_what_was_never_credited(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    assert hears_status(purse, deposit, StatusAnswer(Fate.FAILED, "Cancelled")) == "unchanged"
    assert (purse.state(deposit), purse.now(deposit).review) == ("pending", None)


def test_a_receipt_that_comes_after_the_contradiction_is_asked_about(purse: Purse) -> None:
    deposit = purse.asks()
    purse.is_pushed(deposit)
    purse.is_accepted(deposit)
    purse.world.moves(minutes=2)
    purse.is_answered(deposit, Paid())
    purse.is_accepted(deposit, checkout="another")
    assert (purse.held, purse.asked_for("deposit_status")) == (kes(1000), 0)
    purse.is_accepted(deposit)
    purse.hears(deposit, Paid())
    assert purse.now(deposit).receipt is not None
    assert purse.asked_for("deposit_status") == 1


def test_a_person_is_called_once_to_what_nobody_knows_after_a_day(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    for _ in range(2):
        purse.is_left_alone(deposit)
    assert purse.state(deposit) == "unresolved"
    assert purse.alarms() == ["deposit_unresolved"]


def test_a_credit_that_nobody_confirmed_in_a_day_is_asked_about_by_its_receipt(
    purse: Purse,
) -> None:
    purse.is_left_alone(credited(purse))
    assert purse.asked_for("deposit_status") == 1
    assert (purse.money, purse.held) == (kes(1000), NOTHING)
