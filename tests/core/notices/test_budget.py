"""What is left of a budget is spent once, however many ask for it at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from core.database import in_transaction, now
from core.notices.budget import Budget, budgets_now, spend

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def budget(scope: str, most: int, *, since: datetime = NOON) -> Budget:
    return Budget(scope, since, since + timedelta(hours=1), most)


def spent(database: Engine, *budgets: Budget) -> Budget | None:
    with database.begin() as connection:
        return spend(connection, budgets=budgets)


def test_a_budget_is_spent_and_the_next_hour_has_its_own(database: Engine) -> None:
    two, later = budget("codes", 2), budget("codes", 2, since=NOON + timedelta(hours=1))
    assert [spent(database, two) for _ in range(4)] == [None, None, two, two]
    assert spent(database, later) is None


def test_a_raised_budget_counts_at_once(database: Engine) -> None:
    assert [spent(database, budget("codes", 1)) for _ in range(2)] == [None, budget("codes", 1)]
    assert spent(database, budget("codes", 2)) is None


@pytest.mark.parametrize("order", [("block", "day"), ("day", "block")])
def test_the_first_that_is_used_up_is_named(database: Engine, order: tuple[str, str]) -> None:
    budgets = [budget(scope, 1 if scope == "day" else 9) for scope in order]
    assert spent(database, *budgets) is None
    refused = spent(database, *budgets)
    assert refused is not None
    assert refused.scope == "day"


def amount(database: Engine, scope: str) -> int:
    query = text("SELECT spent FROM sms_budget WHERE scope = :scope")
    with database.connect() as connection:
        return int(connection.execute(query, {"scope": scope}).scalar_one())


@pytest.mark.parametrize(("held", "other"), [("block", "day"), ("day", "block")])
def test_what_one_budget_holds_counts_in_no_other(database: Engine, held: str, other: str) -> None:
    assert spent(database, budget(held, 1)) is None
    assert spent(database, budget(other, 9)) is None
    block_and_day = [budget(scope, 1 if scope == held else 9) for scope in ("block", "day")]
    for _ in range(3):
        assert spent(database, *block_and_day) == budget(held, 1)
    assert (amount(database, held), amount(database, other)) == (1, 1)


def test_a_budget_that_gave_its_first_back_is_not_listed(database: Engine) -> None:
    moment = in_transaction(database, now)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    full, wide = budget("block", 1, since=hour), budget("day", 9, since=hour)
    assert spent(database, full) is None
    assert spent(database, full, wide) == full
    listed = in_transaction(database, budgets_now)
    assert [(one.scope, one.spent) for one in listed] == [("block", 1)]
    assert spent(database, wide) is None
    assert amount(database, "day") == 1


def test_the_last_of_it_goes_to_one_of_five(database: Engine) -> None:
    last = budget("codes", 4)
    for _ in range(3):
        spent(database, last)
    together = threading.Barrier(5)

    def spends(_number: int) -> bool:
        with database.begin() as connection:
            connection.execute(select(1))
            together.wait(timeout=10)
            return spend(connection, budgets=[last]) is None

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(spends, range(5))) == 1
    with database.connect() as connection:
        assert connection.execute(text("SELECT spent FROM sms_budget")).scalar_one() == 4


def test_what_is_rolled_back_is_not_spent(database: Engine) -> None:
    with database.connect() as connection:
        spend(connection, budgets=[budget("codes", 1)])
    assert spent(database, budget("codes", 1)) is None
