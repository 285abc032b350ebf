"""Whoever decides about a row holds it first: while another has it, all that is done is to wait.

Each use case meets a row that somebody holds. It must wait in the statement that asks for the
lock, before it has read what it decides by, and not only in the one that writes.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from core.errors import Refused
from core.markets.rules import Outcome, Side
from core.money import kes
from core.outbox.records import claim
from core.paybill.hear_payment import Told, hear_payment
from core.provider.store_callback import CallbackKind, store_callback, store_confirmation
from core.staff.records import Role
from core.statements.records import lock_unmatched
from tests.core.markets.bookmaker import Bookmaker
from tests.core.waits import ADVISORY, WAITS, Stock
from tests.core.waits_of_markets import WAITS_OF_MARKETS
from tests.fuzz.switchboard import PHONE, Switchboard
from tests.world import World

# How a statement asks for a lock, or calls a function that does.
_ASKS: Final = re.compile(
    r"FOR (NO KEY )?UPDATE|UPDATE balance|pg_advisory|lock_market|bet_situation|hold_series"
)


@pytest.fixture
def stock(world: World, app: Flask) -> Stock:
    switchboard = Switchboard(world, app)
    admin = world.has_admin("wambui@kibeezy.test", Role.OWNER)
    bookmaker = Bookmaker(world)
    market, settled = world.has_market(), world.has_market()
    stake = bookmaker.bets(PHONE, market, Side.NO, 20).transfer_id
    bookmaker.bets(PHONE, settled, Side.YES, 20)
    bookmaker.closes(settled)
    bookmaker.proposes(settled, Outcome.YES)
    bookmaker.resolves(settled)
    with world.database.begin() as connection:
        for kind, token in switchboard.tokens.items():
            store_callback(connection, kind=_KINDS[kind], token=token, body="{}", trusted=True)
        store_confirmation(connection, body="{}", trusted=True)
        told = Told("TKMHEARD01", kes(100), PHONE)
        hear_payment(connection, told=told, settings=world.settings)
    with world.owner.begin() as connection:
        for statement in _AND_MORE:
            connection.execute(text(statement))
        ids = connection.execute(text(_IDS)).mappings().one()
    return Stock(world, admin, {**ids, "market": market, "settled": settled, "stake": stake})


_KINDS: Final = {
    "stk": CallbackKind.STK,
    "b2c": CallbackKind.B2C_RESULT,
    "status": CallbackKind.STATUS_RESULT,
}
_AND_MORE: Final = (
    "INSERT INTO receipt (receipt, deposit_id) SELECT 'TKMDEPOSI1', id FROM deposit",
    "INSERT INTO receipt (receipt, paybill_id) SELECT 'TKMPAYBIL1', id FROM paybill_payment",
    """
    INSERT INTO decision (deposit_id, player_id, outcome, evidence, proposed_by)
    SELECT id, player_id, 'confirmed', 'x', (SELECT min(id) FROM admin) FROM deposit
    """,
    """
    INSERT INTO statement_import (source, money, covers_from, covers_to, n_lines, n_new,
        imported_by)
    SELECT 'csv', 'in', now() - interval '1 day', now(), 0, 0, min(id) FROM admin
    """,
)
_IDS: Final = """
    SELECT (SELECT id FROM deposit) AS deposit, (SELECT id FROM withdrawal) AS withdrawal,
        (SELECT id FROM player) AS player, (SELECT id FROM paybill_payment) AS paybill_payment,
        (SELECT id FROM decision) AS decision, (SELECT min(id) FROM sms_out) AS sms_out,
        (SELECT id FROM statement_import) AS statement_import,
        (SELECT id FROM provider_callback WHERE kind = 'stk') AS stk,
        (SELECT id FROM provider_callback WHERE kind = 'b2c_result') AS b2c,
        (SELECT id FROM provider_callback WHERE kind = 'status_result') AS status,
        (SELECT id FROM provider_callback WHERE kind = 'c2b') AS c2b
"""


def test_all_of_them_wait_for_who_was_first(stock: Stock) -> None:
    wrong = {}
    for name, (whom, held, act) in (WAITS | WAITS_OF_MARKETS).items():
        with stock.world.owner.connect() as other, stock.world.database.connect() as connection:
            other.execute(text(held.format(whom)), {"id": stock.ids[whom]})
            connection.exec_driver_sql("SET LOCAL lock_timeout = 40")
            waited = _where_it_waited(lambda: act(connection, stock))  # noqa: B023 - called at once
            if not _ASKS.search(waited):
                wrong[name] = waited
            connection.rollback()
            other.rollback()

    assert wrong == {}


def _where_it_waited(act: Callable[[], object]) -> str:
    try:
        act()
    except DBAPIError as error:
        if sql_state(error) != "55P03":
            raise
        return f"{error.statement} {error.orig}"
    except Refused as refused:
        return f"not at all: {refused!r}"
    return "not at all"


def test_a_call_that_bets_cannot_be_given_up_meanwhile(stock: Stock) -> None:
    for function in ("give_up_bet", "give_up_withdrawal"):
        with stock.world.owner.connect() as other, stock.world.database.connect() as connection:
            asked = text(f"SELECT {function}(:player, 'test', 'call')")
            other.execute(text(ADVISORY.format("5, series_lock('test', 'call')")))
            assert connection.execute(asked, stock.ids).scalar() is None
            other.rollback()
            assert connection.execute(asked, stock.ids).scalar() == 0
            connection.rollback()


def test_a_job_and_a_line_that_somebody_has_are_passed_over(stock: Stock) -> None:
    with stock.world.database.begin() as connection:
        kept = connection.execute(text(_A_LINE)).scalar_one()
        kinds = connection.execute(text("SELECT DISTINCT kind FROM outbox")).scalars().all()
    with stock.world.owner.connect() as other, stock.world.database.connect() as connection:
        other.execute(text("SELECT FROM outbox FOR UPDATE"))
        other.execute(text("SELECT FROM statement_line FOR UPDATE"))
        connection.exec_driver_sql("SET LOCAL lock_timeout = 40")
        assert claim(connection, kinds=kinds, limit=9, lease=timedelta(minutes=1)) == []
        assert lock_unmatched(connection, line_id=kept) is None
        other.rollback()
        assert lock_unmatched(connection, line_id=kept) is not None
        assert claim(connection, kinds=kinds, limit=9, lease=timedelta(minutes=1)) != []


_A_LINE: Final = """
    WITH pulled AS (
        INSERT INTO statement_import (source, money, covers_from, covers_to, n_lines, n_new)
        VALUES ('pull', 'in', now() - interval '1 day', now(), 1, 1) RETURNING id)
    INSERT INTO statement_line (import_id, receipt, kind, amount_cents, completed_at)
    SELECT id, 'TKMLINE001', 'paid_in', 100, now() FROM pulled RETURNING id
"""
