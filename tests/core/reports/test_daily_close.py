"""A day's close: every account from opening to closing, and the figures that lead there."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.database import now
from core.money import Money, kes
from core.reports import daily_close
from core.reports.days import NotYet, midnight
from core.reports.figures import Moved, Place, gaming_tax, sums_of
from core.reports.table import BooksDiffer
from core.reports.trial_balance import trial_balance
from core.seal.head import last_blocks
from core.text import Language
from tests.core.reports.played_day import PlayedDay, lines_of, total


def test_the_figures_of_a_played_day(day: PlayedDay) -> None:
    close = day.close()
    figures = {line["name"]: line for line in lines_of(close, "figures")}
    told = {name: (line["transfers"], line["amount_kes"]) for name, line in figures.items()}
    assert told["deposits"] == (1, kes(1000))
    assert told["deposits_credited"] == (None, kes(1000))
    assert told["paybill"] == (1, kes(500))
    assert told["suspense_in"] == (1, kes(300))
    assert told["suspense_out"] == (0, kes(0))
    assert told["withdrawals"] == (1, kes(500))
    assert told["withdrawals_fees"] == (None, kes(5))
    assert told["withdrawals_withholding"] == (None, kes(25))
    assert told["withdrawals_net"] == (None, kes(470))
    assert told["stakes"] == (3, kes(400))
    assert told["payouts"] == (2, kes(360))
    assert told["fees"] == (1, kes(40))
    assert told["gross_gaming_revenue"] == (None, kes(40))
    assert told["gaming_tax_at_0_bps"] == (None, kes(0))
    assert told["users_money"] == (None, kes(560 + 400 + 300))
    assert told["at_mpesa"] == (None, kes(1800 - 470))
    assert told["beyond_users_money"] == (None, kes(40 + 5 + 25))
    assert not [name for name in told if name.startswith("other_")]
    assert (close.head["breaks"], close.head["open_alarms"]) == (0, 0)
    assert close.head["complete"] is True


def test_each_account_goes_from_opening_to_closing_by_its_movements(day: PlayedDay) -> None:
    day.world.gives("+254700000001", kes(10))
    for date in (day.day, day.day + timedelta(days=1)):
        close = day.close(date)
        accounts = lines_of(close, "accounts")
        movements = lines_of(close, "movements")
        for line in accounts:
            opened = line["opening_kes"] + line["credit_kes"] - line["debit_kes"]
            assert opened == line["closing_kes"]
            moved = [each for each in movements if each["account"] == line["account"]]
            assert total(moved, "debit_kes") == line["debit_kes"]
            assert total(moved, "credit_kes") == line["credit_kes"]
        assert total(accounts, "closing_kes") == kes(0)
    yesterday, today = day.close(), day.close(day.day + timedelta(days=1))
    assert [line["closing_kes"] for line in lines_of(yesterday, "accounts")] == [
        line["opening_kes"] for line in lines_of(today, "accounts")
    ]
    assert today.head["complete"] is False


def test_a_close_names_the_last_block_of_its_day(day: PlayedDay) -> None:
    assert "sealed_block" not in day.close().head
    day.world.seals()
    today = day.day + timedelta(days=1)
    assert "sealed_block" not in day.close().head, "that block belongs to the day after"
    with day.world.database.connect() as connection:
        [last] = last_blocks(connection, limit=1)
    head = day.close(today).head
    assert (head["sealed_block"], head["sealed_hash"]) == (last.number, last.hash)


def test_gaming_tax_is_due_at_the_rate_of_the_day(day: PlayedDay) -> None:
    with day.world.owner.begin() as connection:
        # Dated values are known by their names; this one may be older than the code.
        connection.execute(
            text(
                "INSERT INTO dated_value (name, value, effective_from, source, approved_at)"
                " VALUES ('gaming_tax_bps', 1500, :since, 'test', :since)"
            ),
            {"since": midnight(day.day)},
        )
    figures = {line["name"]: line for line in lines_of(day.close(), "figures")}
    assert figures["gaming_tax_at_1500_bps"]["amount_kes"] == kes(6)
    assert gaming_tax(Money(-1999), bps=1500) == Money(-299)


def test_a_kind_of_transfer_without_a_figure_has_a_line_of_its_own() -> None:
    moved = {
        Place("gift", "player_available"): Moved(0, 700),
        Place("gift", "rounding"): Moved(700, 0),
    }
    [*_known, other] = sums_of(moved, transfers={"gift": 3})
    assert (other.name, other.transfers, other.amount) == ("other_gift", 3, kes(7))


def test_a_day_to_come_has_no_close(day: PlayedDay) -> None:
    with pytest.raises(NotYet):
        day.close(day.day + timedelta(days=2))


def test_an_account_that_is_not_its_opening_and_movements_is_named() -> None:
    moved = {Place("fee", "fee_revenue"): Moved(0, 40), Place("fee", "market_side"): Moved(40, 0)}
    day = daily_close._Day({"market_side": 40}, {"market_side": 5, "fee_revenue": -5}, moved)
    with pytest.raises(BooksDiffer) as refused:
        daily_close._ensure_closed(day)
    assert "opening and movements are not closing" in refused.value.text.in_(Language.ENGLISH)


def test_a_day_whose_closing_balances_do_not_cancel_out_is_not_reported(day: PlayedDay) -> None:
    """Somebody has touched the books."""
    with day.world.owner.connect() as connection:
        connection.execute(text("ALTER TABLE entry DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE entry SET cents = cents + 1 WHERE cents = 4000"))
        with pytest.raises(BooksDiffer):
            daily_close.daily_close(connection, day=day.day)
        connection.rollback()


def test_the_trial_balance_of_a_played_day(day: PlayedDay) -> None:
    balance = day.trial_balance()
    *lines, totals = lines_of(balance)
    told = {line["kind"]: (line["debit_kes"], line["credit_kes"]) for line in lines}
    assert told["player_available"] == (kes(0), kes(560 + 400))
    assert told["mpesa_collection"] == (kes(1800), kes(0))
    assert told["mpesa_payout"] == (kes(0), kes(470))
    assert told["mpesa_suspense"] == (kes(0), kes(300))
    assert told["fee_revenue"] == (kes(0), kes(45))
    assert total(lines, "debit_kes") == total(lines, "credit_kes") == totals["debit_kes"]
    assert totals["credit_kes"] == kes(1800)
    with day.world.owner.connect() as connection:
        connection.execute(text("ALTER TABLE entry DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE entry SET cents = cents + 1 WHERE cents = 4000"))
        with pytest.raises(BooksDiffer):
            trial_balance(connection, as_of=now(connection))
        connection.rollback()
