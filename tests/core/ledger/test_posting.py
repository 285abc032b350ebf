"""The posting function called with whatever an injected statement might call it with."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from core.money import kes
from tests.core.ledger.conftest import WANJIRU
from tests.world import World


@pytest.mark.parametrize(
    ("accounts", "cents", "refused_as"),
    [
        (["capital", "wallet"], [5, -6], "KB004"),
        (["capital", "wallet"], [0, 0], "23514"),
        (["capital", "capital"], [5, -5], "23505"),
        (["capital"], [0], "23514"),
        ([], [], "23514"),
        (["capital", "wallet"], [5], "23502"),
        (["capital", None], [5, -5], "23502"),
        (["capital", "nowhere"], [5, -5], "23503"),
    ],
)
def test_the_posting_function_takes_no_nonsense(
    stocked: World, accounts: list[str | None], cents: list[int], refused_as: str
) -> None:
    numbers = [_number(stocked, name) for name in accounts]
    assert _posted(stocked.owner, "capital", numbers, cents) == refused_as


@pytest.mark.parametrize(
    ("kind", "accounts", "cents"),
    [
        ("deposit", ["capital", "wallet"], [-5, 5]),
        ("deposit", ["collection", "wallet"], [5, -5]),
        ("stake", ["yes", "wallet"], [-5, 5]),
        ("stake", ["wallet", "fees"], [-5, 5]),
        ("payout", ["yes", "wallet"], [5, -5]),
        ("payout", ["fees", "wallet"], [-5, 5]),
        ("refund", ["yes", "wallet"], [5, -5]),
        ("fee", ["wallet", "fees"], [-5, 5]),
        ("fee", ["yes", "fees"], [5, -5]),
        ("fee", ["yes", "wallet"], [-5, 5]),
        ("capital", ["capital", "yes"], [-5, 5]),
        ("gift", ["capital", "wallet"], [-5, 5]),
    ],
)
@pytest.mark.parametrize("login", ["application", "owner"])
def test_money_goes_only_where_its_kind_may(
    stocked: World, login: str, kind: str, accounts: list[str], cents: list[int]
) -> None:
    stocked.has_market()
    engine = stocked.database if login == "application" else stocked.owner
    numbers = [_number(stocked, name) for name in accounts]
    assert _posted(engine, kind, numbers, cents) == "KB008"


def test_only_the_owner_gives_capital_away(stocked: World) -> None:
    numbers = [_number(stocked, name) for name in ("capital", "wallet")]
    assert _posted(stocked.database, "capital", numbers, [-5, 5]) == "KB008"
    stocked.gives(WANJIRU, kes(5))
    assert stocked.wallet(WANJIRU) == kes(105)


_ACCOUNTS = {
    "capital": "kind = 'operator_capital'",
    "collection": "kind = 'mpesa_collection'",
    "fees": "kind = 'fee_revenue'",
    "wallet": "kind = 'player_available'",
    "yes": "side = 'yes'",
}


def _number(world: World, name: str | None) -> int | None:
    if name is None or name == "nowhere":
        return None if name is None else 999_999
    with world.owner.connect() as connection:
        query = text(f"SELECT id FROM account WHERE {_ACCOUNTS[name]}")
        return int(connection.execute(query).scalar_one())


def _posted(engine: Engine, kind: str, accounts: list[int | None], cents: list[int]) -> str | None:
    """Post this and commit; the state PostgreSQL refuses it with, None if it stands."""
    posting = text(
        "SELECT post_transfer(:kind, 'attack', '1', sha256('x'), :accounts, :cents,"
        " 'thief', NULL, NULL, NULL)"
    )
    try:
        with engine.begin() as connection:
            connection.execute(posting, {"kind": kind, "accounts": accounts, "cents": cents})
    except DBAPIError as error:
        return sql_state(error)
    return None
