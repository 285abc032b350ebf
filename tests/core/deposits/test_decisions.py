"""Two people decide about a deposit that the provider left unclear."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.database import in_transaction
from core.deposits.answers import Paid
from core.deposits.records import Deposit, lock_deposit
from core.deposits.reverse_deposit import reverse_deposit
from core.deposits.rules import WrongDepositState
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Side
from core.money import kes
from core.provider.decide import DecisionOutcome, NotOpen
from core.provider.receipts import NotAReceipt, ReceiptTaken
from tests.chaos.street import eventually
from tests.core.deposits.purse import CANCELLED, JUMA, NEEMA, Purse
from tests.core.deposits.test_proof import is_in_suspense, with_state
from tests.core.deposits.test_request_deposit import somebody_waits

NOTHING = kes(0)
CONFIRMED, REVERSED, FAILED = (
    DecisionOutcome.CONFIRMED,
    DecisionOutcome.REVERSED,
    DecisionOutcome.FAILED,
)
ALLOWED = {
    CONFIRMED: {"submit_unknown", "pending", "failed", "unresolved"},
    REVERSED: set[str](),
    FAILED: {"unresolved"},
}
UNCREDITED = ("created", "rejected", "submitting", "submit_unknown", "pending", "failed")


def frozen(purse: Purse) -> Deposit:
    """Credited by a callback, denied by a query."""
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.is_answered(deposit, CANCELLED)
    return purse.now(deposit)


@pytest.mark.parametrize("state", [*UNCREDITED, "unresolved"])
@pytest.mark.parametrize("outcome", ALLOWED)
def test_a_decision_fits_the_deposit(purse: Purse, outcome: DecisionOutcome, state: str) -> None:
    deposit = with_state(purse, state)
    if state not in ALLOWED[outcome]:
        with pytest.raises(WrongDepositState):
            purse.is_proposed(deposit, outcome, receipt="SGR7ABC123")
        return
    purse.is_decided(deposit, outcome, receipt="sgr7abc123 ")
    now = purse.now(deposit)
    if outcome is CONFIRMED:
        assert (now.state, now.receipt) == ("succeeded", "SGR7ABC123")
        assert now.confirmed_at is not None
        assert purse.money == kes(1000)
    else:
        assert (now.state, purse.money) == ("failed", NOTHING)
        assert "M-Pesa has no payment of it." in purse.messages()[-1]


def test_a_credit_that_nothing_contradicts_needs_nobody_s_confirmation(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    for outcome in (CONFIRMED, FAILED):
        with pytest.raises(WrongDepositState):
            purse.is_proposed(deposit, outcome)


def test_nothing_moves_before_the_second_person(purse: Purse) -> None:
    deposit = frozen(purse)
    purse.is_proposed(deposit, CONFIRMED)
    assert (purse.money, purse.held) == (NOTHING, kes(1000))
    purse.is_approved(deposit)
    now = purse.now(deposit)
    assert (purse.money, purse.held, now.review) == (kes(1000), NOTHING, None)
    assert now.confirmed_at is not None
    with pytest.raises(NotOpen):
        purse.is_approved(deposit)


@pytest.mark.parametrize("receipt", [None, "", "short", "no receipt"])
def test_what_was_paid_has_a_receipt(purse: Purse, receipt: str | None) -> None:
    deposit = with_state(purse, "unresolved")
    with pytest.raises(NotAReceipt):
        purse.is_proposed(deposit, CONFIRMED, receipt=receipt)


def test_a_deposit_has_one_receipt_for_good(purse: Purse) -> None:
    with pytest.raises(ReceiptTaken):
        purse.is_proposed(frozen(purse), CONFIRMED, receipt="SGR7ABC123")


def test_a_receipt_of_another_payment_is_refused(purse: Purse) -> None:
    is_in_suspense(purse, receipt="PAYBILL7")
    with pytest.raises(ReceiptTaken):
        purse.is_proposed(with_state(purse, "unresolved"), CONFIRMED, receipt="PAYBILL7")


def test_a_receipt_that_was_paid_out_since_the_proposal_is_refused(purse: Purse) -> None:
    deposit = with_state(purse, "unresolved")
    purse.is_proposed(deposit, CONFIRMED, receipt="PAYBILL7")
    is_in_suspense(purse, receipt="PAYBILL7")
    with pytest.raises(ReceiptTaken):
        purse.is_approved(deposit)
    assert (purse.state(deposit), purse.money) == ("unresolved", NOTHING)


def test_what_has_moved_on_since_the_proposal_is_refused(purse: Purse) -> None:
    deposit = with_state(purse, "unresolved")
    purse.is_proposed(deposit, FAILED)
    purse.hears(deposit, Paid())
    with pytest.raises(WrongDepositState):
        purse.is_approved(deposit)
    assert purse.money == kes(1000)


def test_a_reversal_takes_back_the_frozen_the_available_and_then_a_debt(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.spends(kes(600))
    purse.is_answered(deposit, CANCELLED)
    purse.world.gives(purse.phone, kes(250))
    assert (purse.money, purse.held) == (kes(250), kes(400))
    purse.is_decided(deposit, REVERSED)
    now = purse.now(deposit)
    assert (now.state, now.frozen, now.review) == ("reversed", NOTHING, None)
    assert (purse.money, purse.held, purse.owed) == (NOTHING, NOTHING, kes(350))
    told = purse.messages()[-1]
    assert "deposit of KES 1,000 was reversed. You owe Kibeezy KES 350. Balance KES 0." in told


def test_a_reversal_that_the_wallet_covers_leaves_no_debt(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.world.gives(purse.phone, kes(250))
    purse.is_decided(deposit, REVERSED)
    assert (purse.money, purse.owed) == (kes(250), NOTHING)
    told = purse.messages()[-1]
    assert "deposit of KES 1,000 was reversed. Balance KES 250." in told


def test_a_reversal_names_both_people_in_the_ledger(purse: Purse) -> None:
    deposit = frozen(purse)
    purse.is_decided(deposit, REVERSED)
    query = "SELECT actor, second_actor, reason FROM transfer WHERE kind = 'reversal'"
    with purse.world.database.connect() as connection:
        [row] = connection.exec_driver_sql(query)
    assert tuple(row) == (NEEMA, JUMA, "M-Pesa portal, page 7")


def is_reversed(purse: Purse, deposit: Deposit) -> bool:
    """As the provider's own statement has it."""
    return in_transaction(
        purse.world.database,
        lambda c: reverse_deposit(
            c,
            lock_deposit(c, deposit_id=deposit.id),
            actor="statement",
            second_actor=None,
            reason="reversal RVR7ABC123",
        ),
    )


def test_a_statement_that_is_read_twice_reverses_once(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.world.gives(purse.phone, kes(5000))
    assert is_reversed(purse, deposit)
    assert not is_reversed(purse, deposit)
    assert purse.money == kes(5000)
    assert len(purse.messages()) == 2


def test_what_was_never_credited_cannot_be_taken_back(purse: Purse) -> None:
    deposit = with_state(purse, "failed")
    with pytest.raises(WrongDepositState):
        is_reversed(purse, deposit)
    assert purse.state(deposit) == "failed"


def test_whatever_is_heard_after_a_reversal_brings_nothing_back(purse: Purse) -> None:
    deposit = frozen(purse)
    purse.is_decided(deposit, REVERSED)
    assert purse.hears(deposit, Paid()) == "repeated"
    purse.hears(deposit, CANCELLED)
    assert purse.now(deposit).review is None, "old news needs nobody"
    purse.is_answered(deposit, Paid())
    assert purse.proves(deposit) == "review"
    assert (purse.state(deposit), purse.money, purse.held) == ("reversed", NOTHING, NOTHING)


def test_a_bet_that_is_being_placed_meanwhile_becomes_a_debt(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.is_proposed(deposit, REVERSED)
    world, market_id, player_id = purse.world, purse.world.has_market(), purse.player_id
    purse.admin(JUMA)
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
        approving = pool.submit(purse.is_approved, deposit)
        eventually(lambda: somebody_waits(world))
        other.commit()
        approving.result()
    assert (purse.money, purse.owed) == (NOTHING, kes(300))
    assert world.pool(market_id, "yes") == kes(300)
