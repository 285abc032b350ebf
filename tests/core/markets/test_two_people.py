"""Nobody decides alone, nobody decides with a bet, and no market skips a step."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction, now, sql_state
from core.markets.approve_market import approve_market
from core.markets.close_market import close_on_time
from core.markets.create_market import create_market
from core.markets.jobs import jobs
from core.markets.rules import (
    BetInMarket,
    InChallengeWindow,
    MarketStatus,
    Outcome,
    PayoutRule,
    Side,
    StillOpen,
    WrongState,
)
from core.markets.terms import InvalidClosingTime
from core.money import kes
from core.outbox.deliver import Worker
from core.staff.records import Admin, NotAllowed, Role
from core.staff.rules import SameAdmin
from tests.core.markets.bookmaker import Bookmaker
from tests.world import ASHA, World

WANJIRU, OTIENO = "+254700000001", "+254700000002"


def draft(world: World, by: Admin) -> int:
    return in_transaction(
        world.database,
        lambda c: create_market(
            c,
            question="Will it rain?",
            closes_at=now(c) + timedelta(hours=1),
            fee_bps=1000,
            payout_rule=PayoutRule.PRO_RATA,
            by=by,
        ),
    ).id


def approve(world: World, market_id: int, by: Admin) -> None:
    in_transaction(world.database, lambda c: approve_market(c, market_id=market_id, by=by))


def test_the_creator_cannot_approve(world: World) -> None:
    asha = world.has_admin(ASHA)
    market_id = draft(world, asha)
    with pytest.raises(SameAdmin):
        approve(world, market_id, asha)


def test_an_old_draft_cannot_be_approved(world: World) -> None:
    market_id = draft(world, world.has_admin(ASHA))
    world.moves(hours=2)
    with pytest.raises(InvalidClosingTime):
        approve(world, market_id, world.has_admin("baraka@kibeezy.test"))


@pytest.mark.parametrize("role", [Role.FINANCE, Role.SUPPORT, Role.VIEWER])
def test_other_roles_make_no_markets(world: World, role: Role) -> None:
    with pytest.raises(NotAllowed):
        draft(world, world.has_admin(ASHA, role))


def test_the_proposer_cannot_resolve(world: World, bookmaker: Bookmaker) -> None:
    market_id = world.has_market()
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    with pytest.raises(SameAdmin):
        bookmaker.resolves(market_id, by=bookmaker.asha)


def test_a_result_needs_a_closed_market_a_void_does_not(world: World, bookmaker: Bookmaker) -> None:
    market_id = world.has_market()
    with pytest.raises(StillOpen):
        bookmaker.proposes(market_id, Outcome.YES)
    assert bookmaker.proposes(market_id, Outcome.VOID).status is MarketStatus.PROPOSED


def test_a_result_after_the_closing_time_closes_first(world: World, bookmaker: Bookmaker) -> None:
    market_id = world.has_market(closes_in=timedelta(hours=1))
    world.moves(hours=1)
    assert bookmaker.proposes(market_id, Outcome.NO).status is MarketStatus.PROPOSED


def test_a_void_replaces_a_wrong_proposal_and_nothing_else_does(
    world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    with pytest.raises(WrongState):
        bookmaker.proposes(market_id, Outcome.NO)
    bookmaker.proposes(market_id, Outcome.VOID, by=bookmaker.baraka)
    with pytest.raises(SameAdmin):
        bookmaker.resolves(market_id, by=bookmaker.baraka)
    bookmaker.resolves(market_id, by=bookmaker.asha)
    bookmaker.pays(market_id)
    assert bookmaker.market(market_id).status is MarketStatus.VOIDED


def test_nothing_is_resolved_inside_the_challenge_window(
    world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    bookmaker.closes(market_id)
    proposed = bookmaker.proposes(market_id, Outcome.YES)
    assert proposed.proposed_at is not None
    window = timedelta(minutes=30)
    world.moves(minutes=29)
    with pytest.raises(InChallengeWindow) as refusal:
        bookmaker.resolves(market_id, window=window)
    assert refusal.value.ends_at == proposed.proposed_at + window
    world.moves(minutes=1)
    bookmaker.resolves(market_id, window=window)
    bookmaker.pays(market_id)


def test_who_has_a_bet_neither_proposes_nor_resolves(world: World, bookmaker: Bookmaker) -> None:
    gambler = world.has_admin("chebet@kibeezy.test", phone=WANJIRU)
    world.has_player(WANJIRU, balance=kes(100))
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.closes(market_id)
    with pytest.raises(BetInMarket):
        bookmaker.proposes(market_id, Outcome.YES, by=gambler)
    bookmaker.proposes(market_id, Outcome.YES)
    with pytest.raises(BetInMarket):
        bookmaker.resolves(market_id, by=gambler)
    for column in ("proposed_by", "resolved_by"):
        assert _database_says(world, market_id, {column: gambler.id}) == "KB007"


def test_the_worker_closes_on_time_and_settles_what_was_left(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(100))
    market_id = world.has_market(closes_in=timedelta(hours=1))
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    worker = Worker(world.database, {**jobs(database=world.database)})
    in_transaction(world.database, lambda c: close_on_time(c, market_id=market_id))
    assert bookmaker.market(market_id).status is MarketStatus.OPEN
    world.moves(hours=1)
    worker.run_due()
    assert bookmaker.market(market_id).status is MarketStatus.CLOSED
    bookmaker.proposes(market_id, Outcome.YES)
    bookmaker.resolves(market_id)
    worker.run_due()
    assert bookmaker.market(market_id).status is MarketStatus.SETTLING
    world.moves(seconds=11)
    worker.run_due()
    assert bookmaker.market(market_id).status is MarketStatus.SETTLED
    assert world.wallet(WANJIRU) == kes(100)


# What the use cases refuse, the database refuses too.
@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"question": "Another?"}, "KB005"),
        ({"fee_bps": 0}, "KB005"),
        ({"payout_rule": "equal"}, "KB005"),
        ({"closes_at": "2099-01-01T00:00+00:00"}, "KB005"),
        ({"approved_by": None}, "KB005"),
        ({"status": "settled"}, "KB006"),
        ({"status": "draft"}, "KB006"),
        ({"status": "settling", "outcome": "yes"}, "KB006"),
        ({"status": "proposed", "proposed_outcome": "yes", "proposed_by": 1}, "KB006"),
        ({"status": "proposed", "proposed_outcome": "void"}, "23514"),
        ({"resolved_by": 1}, "23514"),
        ({"closes_at": "2026-01-01T00:00+00:00"}, None),
    ],
)
def test_the_database_keeps_terms_and_steps(
    world: World, change: dict[str, object], state: str | None
) -> None:
    assert _database_says(world, world.has_market(), change) == state


def test_the_database_wants_two_people(world: World, bookmaker: Bookmaker) -> None:
    asha = world.has_admin(ASHA)
    market_id = draft(world, asha)
    alone = {"status": "open", "approved_by": asha.id}
    assert _database_says(world, market_id, alone) == "23514"
    assert _database_says(world, market_id, {"status": "open"}) == "23514"
    other = world.has_market()
    bookmaker.closes(other)
    bookmaker.proposes(other, Outcome.YES)
    alone = {"status": "settling", "outcome": "yes", "resolved_by": asha.id}
    assert _database_says(world, other, alone) == "23514"
    changed = {"status": "settling", "outcome": "no", "resolved_by": bookmaker.baraka.id}
    assert _database_says(world, other, changed) == "KB006"
    rewritten = {**changed, "proposed_outcome": "no"}
    assert _database_says(world, other, rewritten) == "KB006"


def test_a_frozen_plan_is_not_rewritten(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(100))
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.ends(market_id, Outcome.VOID)
    for statement in (
        "UPDATE settlement_line SET payout_cents = payout_cents + 1",
        "UPDATE settlement_line SET kind = 'payout'",
        "UPDATE settlement_line SET version = 2",
        "UPDATE settlement SET fee_cents = 1",
        "UPDATE settlement SET finished_at = NULL",
    ):
        with world.database.connect() as connection, pytest.raises(DBAPIError) as refusal:
            connection.execute(text(statement))
        assert sql_state(refusal.value) == "KB005"


def _database_says(world: World, market_id: int, change: Mapping[str, object]) -> str | None:
    """Try the change as the application, past the use cases; then take it back."""
    values = ", ".join(f"{column} = :{column}" for column in change)
    statement = text(f"UPDATE market SET {values} WHERE id = :market_id")
    with world.database.connect() as connection:
        try:
            connection.execute(statement, {**change, "market_id": market_id})
        except DBAPIError as error:
            return sql_state(error)
    return None
