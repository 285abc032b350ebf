"""What a correction could not take back is owed, and repaid with the first money that is there."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction, sql_state
from core.deposits.answers import Paid
from core.deposits.repay_debt import repay_debt
from core.ledger import book
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.markets.close_account import close_account
from core.markets.rules import Outcome, Side
from core.markets.settle_market import settle_chunk
from core.money import Money, kes
from core.paybill.place_payment import approve_placement, propose_placement
from core.players.records import Status
from core.staff.records import Role
from core.withdrawals.withdrawable import withdrawable
from tests.core.deposits.purse import Purse
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_corrections import owes, settled, wallets
from tests.core.markets.test_settlement import AMINA, WANJIRU, messages, three_players
from tests.core.paybill.payer import is_heard, is_proven, pays
from tests.core.withdrawals.teller import Teller
from tests.world import CHEBET, DAUDI, World


def owing(world: World, bookmaker: Bookmaker) -> int:
    """Wanjiru has lost elsewhere what she was wrongly paid: she owes 120, and has nothing."""
    market, other = settled(world, bookmaker), world.has_market("Will it rain?")
    bookmaker.bets(WANJIRU, other, Side.YES, 1020)
    bookmaker.bets(AMINA, other, Side.NO, 20)
    bookmaker.ends(other, Outcome.NO)
    bookmaker.ends_anew(market, Outcome.NO)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(120))
    return market


def repays(world: World, phone: str) -> None:
    player_id = world.player(phone).id
    in_transaction(world.database, lambda c: repay_debt(c, player_id=player_id))


def may_withdraw(world: World, phone: str) -> Money:
    player_id = world.player(phone).id
    return in_transaction(world.database, lambda c: withdrawable(c, player_id=player_id))


def test_after_yes_no_and_yes_everybody_is_where_the_first_yes_left_them(
    world: World, bookmaker: Bookmaker
) -> None:
    market = owing(world, bookmaker)
    bookmaker.ends_anew(market, Outcome.YES)
    assert wallets(world)[:2] == [kes(0), kes(1040)]
    assert owes(world, WANJIRU) == kes(0)
    world.ledger_is_sound()


def test_a_correction_repays_what_it_can_and_tells_the_rest(
    world: World, bookmaker: Bookmaker
) -> None:
    market = owing(world, bookmaker)
    bookmaker.ends_anew(market, Outcome.VOID)
    # Her stake of 100 came back, and went into the debt.
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(20))
    [*_, told] = messages(world, WANJIRU, "bets_corrected")
    assert "KES 100 more, KES 20 owed. Balance KES 0." in str(told)
    world.ledger_is_sound()


def test_a_player_with_more_lines_than_a_chunk_repays_once_all_are_paid(
    world: World, bookmaker: Bookmaker
) -> None:
    three_players(world)
    market, other = world.has_market(), world.has_market("Will it rain?")
    for side in (Side.YES, Side.NO, Side.YES):
        bookmaker.bets(WANJIRU, market, side, 20)
    bookmaker.ends(market, Outcome.VOID)
    bookmaker.bets(WANJIRU, other, Side.YES, 1000)
    bookmaker.ends_anew(market, Outcome.YES)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(6))
    bookmaker.corrects(market, Outcome.VOID)
    bookmaker.resolves(market)
    owed_after_chunks = []
    while in_transaction(world.database, lambda c: settle_chunk(c, market_id=market, limit=2)):
        owed_after_chunks.append(owes(world, WANJIRU))
        world.ledger_is_sound()
    assert owed_after_chunks == [kes(6), kes(0)]
    bookmaker.pays(market)
    assert world.wallet(WANJIRU) == kes(0)


def test_confirmed_money_repays_and_what_may_be_withdrawn_stays_the_same(
    world: World, bookmaker: Bookmaker
) -> None:
    owing(world, bookmaker)
    world.gives(WANJIRU, kes(150))
    before = may_withdraw(world, WANJIRU)
    repays(world, WANJIRU)
    repays(world, WANJIRU)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(30), kes(0))
    assert may_withdraw(world, WANJIRU) == before == kes(30)
    [told] = messages(world, WANJIRU, "debt_repaid")
    assert str(told).startswith("KES 120 has repaid what you owed Kibeezy. Balance KES 30. Ref ")
    world.ledger_is_sound()


def test_what_repays_a_part_says_what_is_left(world: World, bookmaker: Bookmaker) -> None:
    owing(world, bookmaker)
    world.gives(WANJIRU, kes(50))
    repays(world, WANJIRU)
    [told] = messages(world, WANJIRU, "debt_repaid")
    assert str(told).startswith("KES 50 has repaid part of what you owe Kibeezy, KES 70 is left.")


def test_a_deposit_repays_when_it_is_confirmed_and_not_before(
    world: World, bookmaker: Bookmaker
) -> None:
    owing(world, bookmaker)
    purse = Purse(world, WANJIRU)
    deposit = purse.becomes_pending(kes(200))
    purse.hears(deposit, Paid())
    repays(world, WANJIRU)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(200), kes(120))
    purse.is_answered(deposit, Paid())
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(80), kes(0))
    world.ledger_is_sound()


def test_a_payment_to_the_paybill_repays(world: World, bookmaker: Bookmaker) -> None:
    owing(world, bookmaker)
    is_proven(world, is_heard(world, account="0700000001", amount=kes(200)))
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(80), kes(0))
    world.ledger_is_sound()


def test_what_two_people_place_repays(world: World, bookmaker: Bookmaker) -> None:
    owing(world, bookmaker)
    chebet, daudi = (world.has_admin(email, Role.FINANCE) for email in (CHEBET, DAUDI))
    stray = pays(world, account="0700 000 00l")
    with world.database.begin() as connection:
        propose_placement(connection, paybill_id=stray, phone=WANJIRU, evidence=None, by=chebet)
        approve_placement(connection, paybill_id=stray, by=daudi)
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(380), kes(0))
    world.ledger_is_sound()


def test_who_has_what_is_owed_can_leave(world: World, bookmaker: Bookmaker) -> None:
    owing(world, bookmaker)
    world.gives(WANJIRU, kes(120))
    world.moves(hours=72)
    player_id = world.player(WANJIRU).id
    in_transaction(world.database, lambda c: close_account(c, player_id=player_id))
    assert world.player(WANJIRU).status is Status.CLOSED
    assert owes(world, WANJIRU) == kes(0)


def test_a_withdrawal_repays_first(world: World, bookmaker: Bookmaker) -> None:
    owing(world, bookmaker)
    world.gives(WANJIRU, kes(1120))
    Teller(world, WANJIRU).asks(kes(1000))
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(0), kes(0))
    world.ledger_is_sound()


def test_two_who_repay_at_once_repay_once(world: World, bookmaker: Bookmaker) -> None:
    owing(world, bookmaker)
    world.gives(WANJIRU, kes(500))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(partial(repays, world), [WANJIRU] * 4))
    assert (world.wallet(WANJIRU), owes(world, WANJIRU)) == (kes(380), kes(0))
    world.ledger_is_sound()


def test_nobody_repays_more_than_is_owed(world: World, bookmaker: Bookmaker) -> None:
    owing(world, bookmaker)
    world.gives(WANJIRU, kes(500))
    player_id = world.player(WANJIRU).id

    def repay(cents: Money) -> str | None:
        with world.database.connect() as connection:
            wallet = book.available_account(connection, player_id=player_id)
            debt = book.clawback_account(connection, player_id=player_id)
            entries = (Entry(wallet, -cents), Entry(debt, cents))
            key = Key("repayment", "x")
            book.post(connection, Transfer(TransferKind.REPAYMENT, key, entries, actor="x"))
            try:
                connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            except DBAPIError as error:
                return sql_state(error)
        return None

    assert repay(kes(120)) is None
    assert repay(kes(121)) == "KB016"
