"""What is left of a budget is spent once, however many ask for it at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from core.notices.budget import Budget, spend

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
