"""What keeps a proposed result from being paid is said, and holds."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from admin.pages import market_resolving
from core.markets.rules import MarketStatus, Outcome, Ruling
from core.outbox.deliver import Worker
from core.staff.records import Role
from core.switches.rules import Switch
from core.switches.start import start
from core.switches.stop import stop
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.resolving.steps import (
    AMINA,
    WINDOW,
    confirms,
    page,
    sends_all_the_same,
    settling,
    status,
    wallets,
)
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, rules, third_admin, works
from tests.world import World


def halt(world: World) -> None:
    with world.database.begin() as connection:
        stop(connection, kind=Switch.SETTLEMENTS, why="Books differ", by="watch")


def test_other_words_than_the_number_and_the_outcome_move_nothing(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int
) -> None:
    assert market == 101
    bookmaker.proposes(market, Outcome.YES)
    had = wallets(world)
    desk.signs_in(Role.OWNER)
    for words in ("", "YES", "101", "101 NO", "102 YES", "101YES", "101 VOID"):
        confirms(desk, market, words).refuses("Type 101 YES to confirm. Nothing was paid.")
    assert (status(world, market), wallets(world)) == (MarketStatus.PROPOSED, had)
    confirms(desk, market, " 101  yes ").shows("Resolved.")


def test_a_proposal_that_was_replaced_meanwhile_is_not_resolved(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    desk.signs_in(Role.RESOLVER)
    read = desk.opens(page(market))
    bookmaker.proposes(market, Outcome.VOID)
    for words in (f"{market} YES", f"{market} VOID"):
        confirms(desk, market, words, looked_at=read).refuses(
            "The proposal has changed since you opened this page", "Proposal: VOID"
        )
    assert status(world, market) == MarketStatus.PROPOSED


def test_who_proposed_is_told_that_another_must_resolve(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int
) -> None:
    desk.signs_in(Role.RESOLVER)
    bookmaker.proposes(market, Outcome.YES, by=bookmaker.admin(desk.email))
    shown = desk.opens(page(market)).shows("Not for you, or not now.", "must do this", "Payouts")
    assert 'name="words"' not in shown.html
    sends_all_the_same(desk, bookmaker, market).refuses(
        "Another admin than the one who proposed the result must do this."
    )
    assert status(world, market) == MarketStatus.PROPOSED


def test_while_players_may_dispute_it_nobody_resolves(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.proposes(market, Outcome.YES, window=WINDOW)
    desk.signs_in(Role.RESOLVER)
    shown = desk.opens(page(market)).shows("The result may be disputed until", "Payouts")
    assert 'name="words"' not in shown.html
    sends_all_the_same(desk, bookmaker, market).refuses("The result may be disputed until")
    for _ in range(6):
        world.moves(minutes=10)
        desk.opens("/admin/")
    confirms(desk, market, f"{market} YES").refuses("One-time code")
    sends_all_the_same(desk, bookmaker, market, **desk.proof()).shows("Resolved.")


def test_a_disputed_result_waits_for_its_ruling_and_for_another_than_who_ruled(
    desk: Desk, new_desk: Callable[[], Desk], world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.proposes(market, Outcome.YES, window=timedelta(minutes=5))
    disputes(world, market, AMINA)
    world.moves(minutes=6)
    zawadi = third_admin(world)
    judge = new_desk().signs_in(email=zawadi.email)
    judge.opens(page(market)).shows("The result is disputed: a third admin must rule first.")
    rules(world, market, Ruling.DISMISSED, by=zawadi)
    judge.opens(page(market)).shows("Another admin than the one who ruled on its dispute")
    confirms(desk.signs_in(Role.RESOLVER), market, f"{market} YES").shows("Resolved.")


def test_while_settlements_are_stopped_nothing_is_resolved_or_paid(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int, worker: Worker
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    desk.signs_in(Role.RESOLVER)
    read = desk.opens(page(market))
    halt(world)
    desk.opens(page(market)).shows("Settlements are paused for now.")
    confirms(desk, market, f"{market} YES", looked_at=read).refuses("Settlements are paused")
    boss = world.has_admin("boss@kibeezy.test", Role.OWNER)
    with world.database.begin() as connection:
        start(connection, kind=Switch.SETTLEMENTS, why="They agree", by=boss)
    confirms(desk, market, f"{market} YES").shows("Resolved.")
    halt(world)
    works(worker)
    desk.opens(settling(market)).shows("Settlements are switched off", "0 of 3 bets")


def test_what_is_not_proposed_cannot_be_resolved_and_says_so(
    desk: Desk, market: int, world: World
) -> None:
    desk.signs_in(Role.RESOLVER)
    desk.opens(page(market)).shows("This market is closed, and no result is proposed.")
    desk.sends(page(market), words=f"{market} YES").refuses(f"Market {market} is closed.")
    assert status(world, market) == MarketStatus.CLOSED
    assert desk.opens(page(999)).status == 404
    assert desk.opens(settling(999)).status == 404


def test_a_preview_that_takes_too_long_says_so_and_offers_nothing(
    desk: Desk, bookmaker: Bookmaker, market: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    desk.signs_in(Role.RESOLVER)
    monkeypatch.setattr(market_resolving, "PREVIEW_SECONDS", 0.0)
    shown = desk.opens(page(market)).shows("could not be added up within a minute")
    assert (shown.status, 'name="words"' in shown.html) == (200, False)
