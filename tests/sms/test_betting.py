"""Bets by SMS: one answer, which is the receipt; and no money without one."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.config.rules import Dated
from core.ledger.transfer import Key
from core.markets.cancel_bet import CANCELLED_A_DAY
from core.markets.rules import PayoutRule, Side
from core.money import kes
from core.notices.inbox import record_inbound
from core.notices.kinds import KINDS
from core.players.account import take_break
from sms.betting import Order, Reply, bet_by_sms
from sms.desk import Desk
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_races import at_once
from tests.sms.exchange import Exchange
from tests.sms.writer import PHONE, Writer, english, reference_in
from tests.world import World

RIVAL = "+254700000002"


@pytest.fixture
def writer(world: World) -> Writer:
    world.has_player(PHONE, balance=kes(5000))
    return Writer(world)


def test_the_answer_is_the_receipt_and_there_is_no_other(writer: Writer) -> None:
    writer.world.has_player(RIVAL, balance=kes(500))
    Bookmaker(writer.world).bets(RIVAL, writer.market, Side.NO, 100)
    receipts = writer.world.count("sms_out")
    writer.world.comes_to(14, 30)
    told = writer.bets(100)
    reference = reference_in(told)
    assert english(told) == (
        f"Bet placed: KES 100 YES, {writer.market} Gor Mahia win, may pay 180. Balance KES 4,900."
        f" Ref {reference}. CANCEL {reference} by 14:35"
    )
    assert told.kind == "bet_placed"
    assert told.kind in KINDS
    assert writer.world.count("sms_out") == receipts


def test_an_equal_market_promises_nothing(writer: Writer) -> None:
    market = writer.world.has_market("Who knows?", payout_rule=PayoutRule.EQUAL)
    assert ", equal shares. Balance" in english(writer.bets(100, market=market))


def test_where_the_market_closes_sooner_that_ends_the_time_to_cancel(writer: Writer) -> None:
    writer.world.comes_to(14, 30)
    market = writer.world.has_market(closes_in=timedelta(minutes=2))
    told = writer.bets(100, market=market)
    assert english(told).endswith(f"CANCEL {reference_in(told)} by 14:32")
    writer.world.moves(minutes=2)
    assert writer.cancels(reference_in(told)).kind == "answer"


def test_a_message_delivered_five_times_is_one_bet(writer: Writer) -> None:
    first, *others = (writer.bets(100, message="ATXid_again") for _ in range(5))
    assert others == [first] * 4
    assert (writer.world.wallet(PHONE), writer.world.count("bet")) == (kes(4900), 1)


def test_five_deliveries_at_once_are_one_bet(writer: Writer) -> None:
    at_once(*[lambda: writer.bets(100, message="ATXid_again")] * 5)
    assert (writer.world.wallet(PHONE), writer.world.count("bet")) == (kes(4900), 1)


def test_a_repeat_is_told_of_its_bet_though_bets_by_sms_are_off_by_now(writer: Writer) -> None:
    first = writer.bets(100, message="ATXid_again")
    writer.limits(0)
    assert writer.bets(100, message="ATXid_again") == first


def test_the_same_bet_by_another_message_is_refused_for_two_minutes(writer: Writer) -> None:
    reference = reference_in(writer.bets(100))
    told = english(writer.bets(100))
    assert told.startswith(f"You placed this bet a moment ago: Ref {reference}. No money was taken")
    assert "Bet placed" in english(writer.bets(100, Side.NO)), "another side is another bet"
    writer.world.moves(minutes=2, seconds=1)
    assert "Bet placed" in english(writer.bets(100))


def test_the_same_bet_by_two_messages_at_once_is_placed_once(writer: Writer) -> None:
    told = at_once(*[lambda: writer.bets(100)] * 4)
    assert sorted(each.kind for each in told if isinstance(each, Reply)) == [
        *["answer"] * 3,
        "bet_placed",
    ]
    assert writer.world.wallet(PHONE) == kes(4900)


def test_a_cancelled_bet_may_be_placed_again_at_once(writer: Writer) -> None:
    writer.cancels(reference_in(writer.bets(100)))
    assert writer.bets(100).kind == "bet_placed"


def test_a_thousand_a_day_in_nairobi(writer: Writer) -> None:
    writer.bets(600)
    assert english(writer.bets(401)) == (
        "You may bet KES 1,000 a day by SMS. No money was taken. Bet on the menu."
    )
    # What is staked on the menu does not count, and neither does what was taken back.
    Bookmaker(writer.world).bets(PHONE, writer.market, Side.NO, 2000)
    writer.cancels(reference_in(writer.bets(400)))
    assert writer.bets(399).kind == "bet_placed"
    writer.world.moves(days=1)
    assert writer.bets(1000).kind == "bet_placed"


def test_the_day_of_the_limit_begins_at_midnight_in_nairobi(writer: Writer) -> None:
    writer.world.comes_to(23, 58)
    writer.bets(1000)
    writer.world.comes_to(23, 59)
    assert writer.bets(20).kind == "answer"
    writer.world.comes_to(0, 1)
    assert writer.bets(1000).kind == "bet_placed"
    writer.world.comes_to(3, 1)
    assert writer.bets(20).kind == "answer", "midnight in London begins no day"


def test_the_same_bet_on_both_sides_of_midnight_is_one(writer: Writer) -> None:
    writer.world.comes_to(23, 59)
    writer.world.moves(seconds=30)
    reference = reference_in(writer.bets(100))
    writer.world.moves(minutes=1)
    assert english(writer.bets(100)).startswith(
        f"You placed this bet a moment ago: Ref {reference}"
    )


def test_two_bets_at_once_do_not_pass_the_limit_together(writer: Writer) -> None:
    told = at_once(*[lambda s=stake: writer.bets(s) for stake in (600, 601, 602)])
    assert sum(each.kind == "bet_placed" for each in told if isinstance(each, Reply)) == 1


def test_a_limit_of_one_s_own_takes_the_place_of_everybody_s(writer: Writer) -> None:
    assert writer.limits(3000) == timedelta(hours=24), "more than everybody's is a raise"
    assert writer.bets(1001).kind == "answer"
    writer.world.moves(hours=24)
    assert writer.bets(3000).kind == "bet_placed"
    assert writer.limits(100) == timedelta(0)
    writer.world.moves(days=1)
    assert writer.bets(101).kind == "answer"


def test_who_turned_them_off_places_none_and_waits_a_day_to_turn_them_on(writer: Writer) -> None:
    assert writer.limits(0) == timedelta(0)
    off = "Bets by SMS are off. No money was taken. Bet on the menu."
    assert english(writer.bets(100)) == off
    assert writer.limits(500) == timedelta(hours=24)
    assert english(writer.bets(100)) == off
    writer.world.moves(hours=24)
    assert writer.bets(100).kind == "bet_placed"


def test_the_operator_turns_them_off_for_everybody(writer: Writer) -> None:
    writer.world.always_had(Dated.SMS_STAKE_DAILY_MAX_KES, 0)
    writer.limits(500)
    writer.world.moves(hours=25)
    assert english(writer.bets(100)).startswith("Bets by SMS are off.")


def test_an_own_limit_is_never_above_the_largest_bet(writer: Writer) -> None:
    writer.world.always_had(Dated.STAKE_MAX_KES, 1500)
    writer.limits(4000)
    writer.world.moves(hours=24)
    assert writer.bets(1400).kind == "bet_placed"
    assert "may bet KES 1,500 a day" in english(writer.bets(101))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("kyc_verified_at = NULL", "Verify your number first. No money was taken."),
        ("locked_at = kibeezy_now()", "Your account is locked. No money was taken."),
        ("closed_at = kibeezy_now()", "Your account is closed. No money was taken."),
    ],
)
def test_who_may_not_play_is_told_why(writer: Writer, state: str, words: str) -> None:
    with writer.world.owner.begin() as connection:
        connection.execute(text(f"UPDATE player SET {state}"))
    assert english(writer.bets(100)) == words


def test_a_break_is_a_break_by_sms_too(writer: Writer) -> None:
    with writer.world.database.begin() as connection:
        player_id = writer.world.player(PHONE).id
        take_break(connection, player_id=player_id, length=timedelta(days=1))
    assert "No money was taken" in english(writer.bets(100))


def test_a_refusal_leaves_the_message_on_record(writer: Writer) -> None:
    """It is rolled back by itself: what the transaction has done before stands."""
    world = writer.world
    desk, player = Desk(world.database, world.pepper, world.settings), world.player(PHONE)
    with world.database.begin() as connection:
        record_inbound(connection, provider_id="ATXid_small", phone=PHONE, body="BET 101 YES 1")
        order = Order(writer.market, Side.YES, kes(1))
        told = bet_by_sms(
            connection, desk=desk, player=player, order=order, key=Key("sms", "ATXid_small")
        )
    assert "Bet from KES 20" in english(told)
    assert (world.count("sms_in"), world.count("transfer")) == (1, 1)


def test_a_market_that_is_not_there(writer: Writer) -> None:
    for number in (999, 0, 2**31, 10**12):
        told = english(writer.bets(100, market=number))
        assert told == "There is no such market. Send MARKETS for the list. No money was taken."


def test_cancelled_by_sms_whatever_the_bet_was_placed_by(writer: Writer) -> None:
    by_menu = Bookmaker(writer.world).bets(PHONE, writer.market, Side.NO, 200).reference
    told = writer.cancels(by_menu)
    assert told.kind == "bet_cancelled"
    assert told.kind in KINDS
    assert english(told).startswith(
        f"Bet {by_menu} on {writer.market} Gor Mahia win cancelled: KES 200 is back."
        " Balance KES 5,000. Ref "
    )
    again = writer.cancels(by_menu)
    assert again.kind == "answer"
    reversal = english(told)[-7:-1]
    assert english(again) == (
        f"Bet {by_menu} is cancelled already: KES 200 went back, Ref {reversal}. No money was moved"
        " now."
    )


def test_what_cannot_be_cancelled_is_told_with_what_became_of_the_money(writer: Writer) -> None:
    reference = reference_in(writer.bets(100))
    writer.world.moves(minutes=5)
    for told in (writer.cancels(reference), writer.cancels("ABCDEF"), writer.cancels("")):
        assert told.kind == "answer"
        assert "No money was moved" in english(told)


def test_one_cancelling_too_many_is_refused_and_moves_nothing(writer: Writer) -> None:
    writer.world.comes_to(10)
    for _ in range(CANCELLED_A_DAY):
        assert writer.cancels(reference_in(writer.bets(100))).kind == "bet_cancelled"
    told = writer.cancels(reference_in(writer.bets(100)))
    assert told.kind == "answer"
    assert "This one stands. No money was moved" in english(told)
    assert (writer.world.wallet(PHONE), writer.world.count("bet")) == (kes(4900), 1)


def test_a_cancelling_that_comes_too_late_is_answered(exchange: Exchange, writer: Writer) -> None:
    told = exchange.asks(f"BET {writer.market} YES 100")
    writer.world.moves(minutes=5)
    [reference] = re.findall(r"CANCEL (\w+)", told)
    assert exchange.asks(f"CANCEL {reference}").startswith(
        "A bet can be cancelled for 5 minutes only. Yours stands."
    )
    assert (writer.world.wallet(PHONE), writer.world.count("bet")) == (kes(4900), 1)
