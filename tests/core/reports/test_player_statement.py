"""A player's statement: from balance to balance, to the cent."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.database import in_transaction, now
from core.errors import NoSuchThing
from core.markets.rules import Outcome, Side
from core.money import kes
from core.reports.days import Period, midnight
from core.reports.player_statement import COLUMNS, player_statement
from core.reports.table import BooksDiffer, Report
from core.withdrawals.answers import PaidOut
from tests.core.markets.bookmaker import Bookmaker
from tests.core.reports.played_day import ALWAYS, OTIENO, WANJIRU, PlayedDay, lines_of, total
from tests.core.withdrawals.teller import NO_ACCOUNT, Teller
from tests.world import World


def test_each_movement_is_named_and_leads_to_the_next_balance(day: PlayedDay) -> None:
    statement = day.statement()
    opening, *lines, closing = lines_of(statement)
    assert tuple(opening) == COLUMNS
    assert [(line["movement"], line["in_kes"], line["out_kes"]) for line in lines] == [
        ("Deposit", kes(1000), None),
        ("Stake", None, kes(200)),
        ("Stake", None, kes(100)),
        ("Winnings", kes(240), None),
        ("Winnings", kes(120), None),
        ("Withdrawal: held", None, kes(500)),
        ("Withdrawal: paid", None, None),
    ]
    assert (opening["available_kes"], closing["available_kes"]) == (kes(0), kes(560))
    assert [line["held_kes"] for line in lines[-2:]] == [kes(500), kes(0)]
    assert lines[0]["mpesa_receipt"] == "2E45678901"
    assert lines[-1]["mpesa_receipt"].startswith("PAID")
    assert (lines[1]["market"], lines[1]["label"]) == (day.market_id, "=2+3")
    assert closing["available_kes"] == day.world.wallet(WANJIRU)


def test_a_paybill_payment_bears_its_receipt(day: PlayedDay) -> None:
    paid = lines_of(day.statement(OTIENO))[1]
    assert (paid["movement"], paid["in_kes"]) == ("Paybill payment", kes(500))
    assert paid["mpesa_receipt"].startswith("SIMPLE")


def test_a_day_begins_at_midnight_in_nairobi_and_the_last_one_is_not_part_of_it(
    day: PlayedDay,
) -> None:
    begins, ends = midnight(day.day), midnight(day.day + timedelta(days=1))
    before = lines_of(day.statement(period=Period(None, begins)))
    within = lines_of(day.statement(period=Period(begins, ends)))
    after = lines_of(day.statement(period=Period(ends, None)))
    assert (len(before), len(within), len(after)) == (2, 9, 2)
    assert within[0]["time"] == begins
    assert after[0]["available_kes"] == kes(560)


def test_what_is_posted_at_midnight_belongs_to_the_day_that_begins(day: PlayedDay) -> None:
    ends = midnight(day.day + timedelta(days=1))
    with day.world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE transfer DISABLE TRIGGER USER"))
        last = "(SELECT max(id) FROM transfer WHERE kind = 'withdrawal')"
        moved = text(f"UPDATE transfer SET posted_at = :ends WHERE id = {last}")
        connection.execute(moved, {"ends": ends})
        connection.execute(text("ALTER TABLE transfer ENABLE TRIGGER USER"))
    before = lines_of(day.statement(period=Period(None, ends)))
    after = lines_of(day.statement(period=Period(ends, None)))
    assert before[-1]["held_kes"] == after[0]["held_kes"] == kes(500)
    assert [line["movement"] for line in after[1:-1]] == ["Withdrawal: paid"]
    yesterday = lines_of(day.close(), "figures")
    assert [line["transfers"] for line in yesterday if line["name"] == "withdrawals"] == [0]


def test_what_is_owed_stands_beside_what_is_there(world: World) -> None:
    """M-Pesa pays what had been given back, and the player has spent it meanwhile."""
    phone = "+254700000003"
    teller = Teller.of_a_new_player(world, phone=phone, balance=kes(500))
    asked = teller.goes_out(kes(500))
    teller.hears(asked, NO_ACCOUNT)
    Bookmaker(world).bets(phone, world.has_market(), Side.YES, 400)
    teller.hears(asked, PaidOut())
    *_, last, closing = lines_of(_statement(world, phone))
    assert last["movement"] == "Withdrawal: paid after it was given back"
    assert (last["out_kes"], last["available_kes"]) == (kes(100), kes(0))
    assert (last["owed_kes"], closing["owed_kes"]) == (kes(400), kes(400))


def test_nobody_has_a_statement_who_never_registered(day: PlayedDay) -> None:
    with pytest.raises(NoSuchThing):
        day.statement("+254700000099")


def test_a_statement_that_does_not_add_up_is_not_finished(day: PlayedDay) -> None:
    """Outside of a snapshot money may move between the sums and the lines."""
    with day.world.database.connect() as connection:
        statement = player_statement(connection, phone=WANJIRU, period=ALWAYS)
        day.world.gives(WANJIRU, kes(1))
        with pytest.raises(BooksDiffer):
            list(statement.parts[0].lines)


def test_a_balance_that_is_not_its_entries_has_no_statement(day: PlayedDay) -> None:
    with day.world.owner.connect() as connection:
        connection.execute(text("UPDATE balance SET cents = cents + 1 WHERE cents > 0"))
        with pytest.raises(BooksDiffer):
            player_statement(connection, phone=WANJIRU, period=ALWAYS)
        connection.rollback()


STEPS = st.lists(
    st.sampled_from(["gift", "bet", "void", "pay", "fail", "night"]),
    min_size=3,
    max_size=12,
)


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS, cut=st.integers(0, 3))
def test_whatever_happened_the_sums_agree_with_the_balance(
    world: World, steps: list[str], cut: int
) -> None:
    phone = f"+2547{world.count('player'):08}"
    history = _History(world, phone)
    began = in_transaction(world.database, now)
    for step in steps:
        history.does(step)

    whole = _statement(world, phone)
    _adds_up(whole)
    _opening, *_lines, closing = lines_of(whole)
    assert closing["available_kes"] == world.wallet(phone)
    assert closing["held_kes"] == history.teller.held

    moment = began + timedelta(days=min(cut, steps.count("night")))
    first, rest = (
        _statement(world, phone, Period(None, moment)),
        _statement(world, phone, Period(moment, None)),
    )
    _adds_up(first)
    _adds_up(rest)
    assert len(lines_of(first)) + len(lines_of(rest)) == len(lines_of(whole)) + 2
    for column in ("available_kes", "held_kes", "owed_kes"):
        assert lines_of(first)[-1][column] == lines_of(rest)[0][column]
    history.does("night")


class _History:
    def __init__(self, world: World, phone: str) -> None:
        self.world = world
        self.phone = phone
        self.teller = Teller.of_a_new_player(world, phone=phone, balance=kes(1000))
        self.market_id = world.has_market(closes_in=timedelta(days=30))
        self.out = self.teller.goes_out(kes(50))
        self.is_open = True

    def does(self, step: str) -> None:
        match step:
            case "gift":
                self.world.gives(self.phone, kes(100))
            case "bet" if self.is_open and self.world.wallet(self.phone) >= kes(20):
                Bookmaker(self.world).bets(self.phone, self.market_id, Side.NO, 20)
            case "void" if self.is_open:
                Bookmaker(self.world).ends(self.market_id, Outcome.VOID)
                self.is_open = False
            case "pay":
                self.teller.hears(self.out, PaidOut())
            case "fail":
                self.teller.hears(self.out, NO_ACCOUNT)
            case "night":
                # Nothing may be in doubt for a day.
                self.teller.hears(self.out, NO_ACCOUNT)
                self.world.moves(days=1)
            case _:
                """Nothing to bet with, or on."""


def _statement(world: World, phone: str, period: Period | None = None) -> Report:
    return PlayedDay(world, date.max, 0).statement(phone, period or Period(None, None))


def _adds_up(statement: Report) -> None:
    opening, *lines, closing = lines_of(statement)
    moved = total(lines, "in_kes") - total(lines, "out_kes")
    assert opening["available_kes"] + moved == closing["available_kes"]
    held = total(lines, "held_in_kes") - total(lines, "held_out_kes")
    assert opening["held_kes"] + held == closing["held_kes"]
