"""A draft is changed before anybody approves it, and never by who approves it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.audit_trail.list_events import Wanted, list_events
from core.database import in_transaction, now
from core.ledger.audit import verify
from core.markets.approve_market import approve_market
from core.markets.create_market import write_draft
from core.markets.draft_terms import Written
from core.markets.edit_market import edit_market
from core.markets.market import Market
from core.markets.rules import (
    BetInMarket,
    DraftChanged,
    MarketStatus,
    Outcome,
    PayoutRule,
    RunsTheMarket,
    Side,
    WrongState,
)
from core.markets.terms import InvalidClosingTime, InvalidQuestion, InvalidTerms
from core.money import kes
from core.staff.records import Admin, NotAllowed, Role
from core.staff.rules import SameAdmin
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.intruder import CHECKED, STANDS, TWO_PEOPLE, attacks, says
from tests.core.markets.life import third_admin
from tests.world import ASHA, BARAKA, World

WANJIRU = "+254700000001"


@pytest.fixture
def asha(world: World) -> Admin:
    return world.has_admin(ASHA)


@pytest.fixture
def baraka(world: World) -> Admin:
    return world.has_admin(BARAKA, phone=WANJIRU)


@pytest.fixture
def written(world: World) -> Written:
    return Written(
        question="Will it rain?",
        closes_at=in_transaction(world.database, now) + timedelta(hours=1),
        fee_bps=1000,
        payout_rule=PayoutRule.PRO_RATA,
    )


@pytest.fixture
def draft(world: World, asha: Admin, written: Written) -> Market:
    return in_transaction(world.database, lambda c: write_draft(c, written=written, by=asha))


def edits(world: World, draft: Market, written: Written, by: Admin) -> Market:
    return in_transaction(
        world.database,
        lambda c: edit_market(
            c, market_id=draft.id, written=written, revision=draft.revision, by=by
        ),
    )


def approves(world: World, draft: Market, by: Admin) -> Market:
    return in_transaction(
        world.database,
        lambda c: approve_market(c, market_id=draft.id, revision=draft.revision, by=by),
    )


def test_what_changes_is_written_down_with_who_changed_it(
    world: World, draft: Market, written: Written, baraka: Admin
) -> None:
    changed = edits(world, draft, replace(written, question="Will it snow?", fee_bps="500"), baraka)
    assert (changed.question, changed.label, changed.fee_bps) == (
        "Will it snow?",
        "Will it snow",
        500,
    )
    assert (changed.closes_at, changed.edited_by) == (draft.closes_at, (baraka.id,))
    with world.database.connect() as connection:
        [event] = list_events(connection, wanted=Wanted(act="market.edited"), limit=2)
    assert (event.actor, event.subject) == (BARAKA, f"market:{draft.id}")
    names = {"question", "label", "fee_bps"}
    assert event.details["before"].keys() == event.details["after"].keys() == names
    assert event.details["after"]["question"] == "Will it snow?"


def test_who_changes_nothing_edited_nothing(
    world: World, draft: Market, written: Written, baraka: Admin
) -> None:
    assert edits(world, draft, written, baraka).edited_by == ()
    assert approves(world, draft, baraka).status is MarketStatus.OPEN


def test_neither_who_wrote_nor_who_edited_approves_but_a_third(
    world: World, draft: Market, written: Written, asha: Admin, baraka: Admin
) -> None:
    changed = edits(world, draft, replace(written, label="Rain"), baraka)
    for admin in (asha, baraka):
        with pytest.raises(SameAdmin):
            approves(world, changed, admin)
    # Nor when another edited after.
    again = edits(world, changed, replace(written, label="Rains"), asha)
    with pytest.raises(SameAdmin):
        approves(world, again, baraka)
    assert approves(world, again, third_admin(world)).status is MarketStatus.OPEN


def test_nobody_approves_or_overwrites_what_they_have_not_read(
    world: World, draft: Market, written: Written, asha: Admin, baraka: Admin
) -> None:
    edits(world, draft, replace(written, label="Rain"), asha)
    with pytest.raises(DraftChanged):
        approves(world, draft, baraka)
    with pytest.raises(DraftChanged):
        edits(world, draft, replace(written, label="Snow"), baraka)


def test_only_a_draft_is_edited_by_its_roles_and_within_the_rules(
    world: World, draft: Market, written: Written, asha: Admin, baraka: Admin
) -> None:
    with pytest.raises(NotAllowed):
        edits(world, draft, written, world.has_admin("viewer@kibeezy.test", Role.VIEWER))
    passed = in_transaction(world.database, now)
    for wrong, refusal in (
        (replace(written, question=""), InvalidQuestion),
        (replace(written, fee_bps="10001"), InvalidTerms),
        (replace(written, fee_bps="-1"), InvalidTerms),
        (replace(written, fee_bps="ten"), InvalidTerms),
        (replace(written, closes_at=passed), InvalidClosingTime),
    ):
        with pytest.raises(refusal):
            edits(world, draft, wrong, asha)
    opened = approves(world, draft, baraka)
    with pytest.raises(WrongState):
        edits(world, opened, replace(written, label="Rain"), asha)


def test_an_editor_has_no_bet(
    world: World, draft: Market, written: Written, asha: Admin, baraka: Admin, bookmaker: Bookmaker
) -> None:
    changed = edits(world, draft, replace(written, label="Rain"), baraka)
    world.has_player(WANJIRU, balance=kes(500))
    approves(world, changed, third_admin(world))
    with pytest.raises(RunsTheMarket):
        bookmaker.bets(WANJIRU, draft.id, Side.YES, 100)
    # Who bet before the number was known as an editor's cannot hide behind that.
    with world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE admin SET phone = NULL WHERE phone IS NOT NULL")
    bookmaker.bets(WANJIRU, draft.id, Side.YES, 100)
    with world.owner.begin() as connection:
        connection.exec_driver_sql(f"UPDATE admin SET phone = '{WANJIRU}' WHERE id = {baraka.id}")
    bookmaker.closes(draft.id, by=asha)
    with pytest.raises(BetInMarket):
        bookmaker.proposes(draft.id, Outcome.YES, by=asha)
    assert bookmaker.proposes(draft.id, Outcome.VOID, by=asha).status is MarketStatus.PROPOSED


def test_the_database_holds_it_too(
    world: World, draft: Market, written: Written, baraka: Admin
) -> None:
    """As somebody who speaks SQL with the application's login would try it."""
    nameless = {"question": "Will it snow?"}
    assert says(world, draft.id, nameless) == TWO_PEOPLE
    assert says(world, draft.id, {**nameless, "edited_by": "{NULL}"}) == TWO_PEOPLE
    changed = edits(world, draft, replace(written, label="Rain"), baraka)
    for rewritten in ("{}", "{1,2}", f"{{{baraka.id},1,2}}", f"{{1,{baraka.id}}}"):
        assert says(world, draft.id, {"edited_by": rewritten}) == TWO_PEOPLE, rewritten
    opening = {"status": "open", "approved_by": BARAKA}
    assert says(world, draft.id, opening) == CHECKED
    approves(world, changed, third_admin(world))
    assert says(world, draft.id, {"edited_by": f"{{{baraka.id},1}}"}) == TWO_PEOPLE
    assert says(world, draft.id, {"approved_by": BARAKA}) in {STANDS, CHECKED}
    assert attacks(world, "UPDATE market SET label = label") is None


def test_an_approval_by_an_editor_is_seen_where_the_guard_was_away(
    world: World, draft: Market, written: Written, baraka: Admin
) -> None:
    changed = edits(world, draft, replace(written, label="Rain"), baraka)
    third_id = approves(world, changed, third_admin(world)).approved_by
    with world.owner.begin() as connection:
        connection.exec_driver_sql(
            "ALTER TABLE market DROP CONSTRAINT market_approver_edited_nothing;"
            "ALTER TABLE market DISABLE TRIGGER market_terms_frozen;"
            f"UPDATE market SET approved_by = {baraka.id}"
        )
    with world.database.connect() as connection:
        assert [broken for broken in verify(connection) if "by one person" in str(broken)]
    with world.owner.begin() as connection:
        connection.exec_driver_sql(f"UPDATE market SET approved_by = {third_id}")
