"""A settled market gets another result: what was paid goes back, what is due is paid."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction, sql_state
from core.ledger.book import owed
from core.ledger.check_receipt import check_receipt
from core.ledger.statement import StatementLine, read_statement
from core.ledger.transfer import AccountKind, TransferKind
from core.markets.close_account import DebtLeft, close_account
from core.markets.correction import FINAL_AFTER
from core.markets.my_bets import my_bets, open_bets
from core.markets.records import settlement
from core.markets.rules import (
    BetInMarket,
    InChallengeWindow,
    MarketStatus,
    NothingToCorrect,
    Outcome,
    PayoutRule,
    ResultIsFinal,
    Side,
    WrongState,
)
from core.markets.summary import Summary, preview_settlement
from core.markets.taken_back import TakenBack
from core.money import Money, kes
from core.notices.answers import receipt_told
from core.staff.rules import SameAdmin
from core.text import Language
from core.withdrawals.rules import NotWithdrawable
from core.withdrawals.withdrawable import withdrawable
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_settlement import (
    AMINA,
    OTIENO,
    WANJIRU,
    messages,
    system,
    three_players,
)
from tests.core.withdrawals.teller import Teller
from tests.world import World


def settled(world: World, bookmaker: Bookmaker, *, rule: PayoutRule = PayoutRule.PRO_RATA) -> int:
    """300 on YES, 100 on NO: YES it was, they said."""
    three_players(world)
    market = world.has_market(payout_rule=rule)
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(OTIENO, market, Side.YES, 200)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    bookmaker.ends(market, Outcome.YES)
    return market


def statement(world: World, player_id: int) -> list[StatementLine]:
    with world.database.connect() as connection:
        return read_statement(connection, player_id=player_id, limit=9)


def preview(world: World, market: int) -> Summary:
    with world.database.connect() as connection:
        return preview_settlement(connection, market_id=market)


def owes(world: World, phone: str) -> Money:
    player_id = world.player(phone).id
    return in_transaction(world.database, lambda c: owed(c, player_id=player_id))


def wallets(world: World) -> list[Money]:
    return [world.wallet(phone) for phone in (WANJIRU, OTIENO, AMINA)]


def test_the_other_side_is_paid_and_the_first_winners_give_back(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    assert wallets(world) == [kes(1020), kes(1040), kes(900)]
    summary = bookmaker.ends_anew(market, Outcome.NO)
    assert (summary.paid, summary.fee) == (kes(360), kes(40))
    assert wallets(world) == [kes(900), kes(800), kes(1260)]
    assert system(world, AccountKind.FEE_REVENUE) == kes(40)
    assert bookmaker.market(market).status is MarketStatus.SETTLED
    assert bookmaker.market(market).outcome is Outcome.NO


def test_a_void_that_was_wrong_is_settled_and_a_result_that_was_wrong_is_voided(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    bookmaker.ends_anew(market, Outcome.VOID)
    assert wallets(world) == [kes(1000)] * 3
    assert bookmaker.market(market).status is MarketStatus.VOIDED
    bookmaker.ends_anew(market, Outcome.NO)
    assert wallets(world) == [kes(900), kes(800), kes(1260)]
    assert bookmaker.market(market).version == 3


def test_equal_shares_are_corrected_too(world: World, bookmaker: Bookmaker) -> None:
    market = settled(world, bookmaker, rule=PayoutRule.EQUAL)
    assert wallets(world) == [kes(1080), kes(980), kes(900)]
    bookmaker.ends_anew(market, Outcome.NO)
    assert wallets(world) == [kes(900), kes(800), kes(1260)]


def test_what_a_winner_has_spent_is_owed_and_no_wallet_goes_below_zero(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    other = world.has_market("Will it rain?")
    bookmaker.bets(WANJIRU, other, Side.YES, 1000)
    bookmaker.ends_anew(market, Outcome.NO)
    # 120 were paid, 20 are left of them: the rest is owed.
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(100))
    assert (world.wallet(OTIENO), owes(world, OTIENO)) == (kes(800), kes(0))
    [told] = messages(world, WANJIRU, "bets_corrected")
    assert "corrected: NO. KES 120 taken back, KES 100 owed. Balance KES 0." in str(told)


def test_the_receipt_of_winnings_that_were_taken_back_says_so(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    winner = world.player(WANJIRU).id
    [won] = [line for line in statement(world, winner) if line.kind is TransferKind.PAYOUT]
    bookmaker.ends_anew(market, Outcome.NO)
    with world.database.connect() as connection:
        shown = check_receipt(connection, player_id=winner, typed=won.reference)
    [back] = [
        line for line in statement(world, winner) if line.kind is TransferKind.PAYOUT_REVERSAL
    ]
    assert shown.undone_by == back.transfer_id
    told = receipt_told(line=shown).in_(Language.ENGLISH)
    assert told.endswith(f". Undone since: ref {back.reference}.")


def test_the_summary_of_a_correction_says_what_is_taken_back_and_what_will_be_owed(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    assert preview(world, market).taken_back is None
    other = world.has_market("Will it rain?")
    bookmaker.bets(WANJIRU, other, Side.YES, 1000)
    bookmaker.corrects(market, Outcome.NO)
    # 120 and 240 were paid, and of Wanjiru's 120 there are 20 left.
    back = preview(world, market).taken_back
    assert back == TakenBack(reversed=kes(360), players=2, uncovered=kes(100))
    assert bookmaker.resolves(market).taken_back == back
    bookmaker.pays(market)
    assert owes(world, WANJIRU) == kes(100)


def test_a_debt_is_named_wherever_money_is_asked_for(world: World, bookmaker: Bookmaker) -> None:
    market = settled(world, bookmaker)
    teller = Teller(world, WANJIRU)
    teller.asks(kes(1000))
    bookmaker.ends_anew(market, Outcome.NO)
    world.gives(WANJIRU, kes(150))
    with pytest.raises(NotWithdrawable) as refused:
        teller.asks(kes(100))
    assert (
        refused.value.text.in_(Language.ENGLISH)
        == "No money was taken. You owe us KES 100, which is kept back: you can withdraw KES 50"
        " now."
    )
    player_id = world.player(WANJIRU).id
    with pytest.raises(DebtLeft) as stays:
        in_transaction(world.database, lambda c: close_account(c, player_id=player_id))
    said = stays.value.text.in_(Language.ENGLISH)
    assert said.startswith("You owe us KES 100, and still have money")


def test_a_winner_who_has_withdrawn_owes_it_and_can_withdraw_nothing_more(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    teller = Teller(world, WANJIRU)
    asked = teller.asks(kes(1000))
    bookmaker.ends_anew(market, Outcome.NO)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(100))
    world.gives(WANJIRU, kes(150))
    player_id = world.player(WANJIRU).id
    with world.database.connect() as connection:
        assert withdrawable(connection, player_id=player_id) == kes(50)
    assert asked.amount == kes(1000)


def test_who_wins_both_times_is_paid_before_anything_is_taken(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market, other = world.has_market(), world.has_market("Will it rain?")
    for side in Side:
        bookmaker.bets(WANJIRU, market, side, 400)
    bookmaker.bets(AMINA, market, Side.NO, 400)
    bookmaker.ends(market, Outcome.YES)
    # 1,080 of 1,200 were hers alone; now she shares them with Amina.
    bookmaker.bets(WANJIRU, other, Side.YES, 1000)
    bookmaker.ends_anew(market, Outcome.NO)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(260))
    assert world.wallet(AMINA) == kes(600) + kes(540)


def test_every_player_is_told_what_changed_and_nobody_else(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player("+254700000004", balance=kes(500))
    three_players(world)
    market = world.has_market(label="Gor Mahia")
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(AMINA, market, Side.NO, 100)
    for side in Side:
        bookmaker.bets("+254700000004", market, side, 100)
    bookmaker.ends(market, Outcome.YES)
    bookmaker.ends_anew(market, Outcome.NO)
    assert messages(world, "+254700000004", "bets_corrected") == []
    [taken] = messages(world, WANJIRU, "bets_corrected")
    assert f"Market {market} Gor Mahia corrected: result NO. KES 180 was taken back." in str(taken)
    [given] = messages(world, AMINA, "bets_corrected")
    assert "You get KES 180 more. Balance KES 1,080." in str(given)


def test_the_result_in_force_is_shown_until_the_next_one_is_paid(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    player_id = world.player(AMINA).id

    def mine() -> tuple[Outcome | None, Money | None, int]:
        with world.database.connect() as connection:
            [bet] = my_bets(connection, player_id=player_id, limit=5)
            return bet.outcome, bet.paid, len(open_bets(connection, player_id=player_id))

    assert mine() == (Outcome.YES, kes(0), 0)
    bookmaker.corrects(market, Outcome.NO)
    assert mine() == (Outcome.YES, kes(0), 0)
    bookmaker.resolves(market)
    assert mine() == (Outcome.YES, kes(0), 0)
    bookmaker.pays(market)
    assert mine() == (Outcome.NO, kes(360), 0)


def test_another_admin_must_agree_and_neither_has_a_bet(world: World, bookmaker: Bookmaker) -> None:
    gambler = world.has_admin("chebet@kibeezy.test", phone=AMINA)
    market = settled(world, bookmaker)
    with pytest.raises(BetInMarket):
        bookmaker.corrects(market, Outcome.NO, by=gambler)
    bookmaker.corrects(market, Outcome.NO, window=timedelta(minutes=30))
    with pytest.raises(WrongState):
        bookmaker.corrects(market, Outcome.VOID)
    with pytest.raises(SameAdmin):
        bookmaker.resolves(market, by=bookmaker.asha)
    with pytest.raises(InChallengeWindow):
        bookmaker.resolves(market)
    world.moves(minutes=31)
    with pytest.raises(BetInMarket):
        bookmaker.resolves(market, by=gambler)
    bookmaker.resolves(market)
    bookmaker.pays(market)


def test_a_result_is_final_72_hours_after_the_first_settlement(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    world.moves(hours=71)
    bookmaker.ends_anew(market, Outcome.NO)
    world.moves(hours=1)
    first = select(settlement.c.finished_at).where(
        settlement.c.market_id == market, settlement.c.version == 1
    )
    with world.database.connect() as connection:
        settled_at = connection.execute(first).scalar_one()
    with pytest.raises(ResultIsFinal) as refusal:
        bookmaker.corrects(market, Outcome.YES)
    assert refusal.value.final_at == settled_at + FINAL_AFTER
    past_the_use_case = text(
        "UPDATE market SET status = 'proposed', version = version + 1, resolved_by = NULL,"
        " outcome = NULL, proposed_outcome = 'yes' WHERE id = :market"
    )
    with world.database.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(past_the_use_case, {"market": market})
    assert sql_state(refused.value) == "KB006"


def test_the_same_result_again_is_no_correction(world: World, bookmaker: Bookmaker) -> None:
    market = settled(world, bookmaker)
    with pytest.raises(NothingToCorrect):
        bookmaker.corrects(market, Outcome.YES)
    with pytest.raises(WrongState):
        bookmaker.corrects(world.has_market("Will it rain?"), Outcome.YES)
