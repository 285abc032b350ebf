"""Markets on the staff page: found, looked at, and led through their lives by two people."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from admin.pages import markets
from core.markets.rules import Outcome, PayoutRule, Side
from core.money import kes
from core.settings import Settings
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.market_forms import QUESTION, writes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes
from tests.world import World

ONE = "/admin/markets/101"
WANJIRU = "+254700000001"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With ten minutes to dispute a result."""
    return settings.model_copy(update={"challenge_window_minutes": 10})


@pytest.fixture
def bookmaker(world: World) -> Bookmaker:
    return Bookmaker(world)


def read_proposal(desk: Desk) -> dict[str, str]:
    """The proposal that the market's page shows, as the form of a ruling sends it."""
    found = re.search(r'name="proposed_at" value="([^"]+)"', desk.opens(ONE).html)
    assert found is not None
    return {"proposed_at": found[1]}


def test_a_market_from_draft_to_proposed_by_two_desks(
    desk: Desk, new_desk: Callable[[], Desk], world: World, bookmaker: Bookmaker
) -> None:
    asha, baraka = desk.signs_in(Role.RESOLVER), new_desk().signs_in()
    writes(asha).shows("Approve and open : Another admin than the one who created it")
    baraka.opens("/admin/markets?mine=1").shows(QUESTION)
    asha.opens("/admin/markets?mine=1").shows_not(QUESTION)
    baraka.opens(ONE).shows("By approving you attest: no pending court case")
    baraka.sends(f"{ONE}/approve", revision=0, approval_ref="GRA/7").shows(
        "The market is open: it takes bets.", "GRA/7", f"Approved {baraka.email}"
    )
    world.has_player(WANJIRU, balance=kes(500))
    bookmaker.bets(WANJIRU, 101, Side.YES, 200)
    bookmaker.bets(WANJIRU, 101, Side.NO, 100)
    asha.opens(ONE).shows("Pool 300", "YES 200", "NO 100", "Bets 2", "YES 67 %")
    asha.sends(f"{ONE}/suspend", reason="").refuses("The reason is a text")
    asha.sends(f"{ONE}/suspend", reason="A rumour").shows("suspended", "A rumour")
    baraka.sends(f"{ONE}/resume", reason="It was false").shows("It takes bets again.")
    asha.sends(f"{ONE}/propose", outcome="yes", evidence="Seen").refuses("close it first")
    asha.sends(f"{ONE}/close").shows("It takes no more bets.", "every stake goes back")
    asha.sends(f"{ONE}/propose", outcome="", evidence="x").refuses("yes, no or void")
    kept = asha.sends(f"{ONE}/propose", outcome="yes", evidence="Seen it", late_on="2026-01-01")
    assert "Seen it" in kept.refuses("Choose a day and a time.").html
    asha.sends(f"{ONE}/propose", outcome="yes", evidence="The referee's report").shows(
        "Proposed. Another admin must resolve it.",
        "proposed YES",
        "The referee's report",
        "Players may dispute it until",
        "Resolve : Another admin than the one who proposed the result must do this.",
    )


def test_disputes_are_ruled_on_by_a_third_who_proves_who_it_is(
    desk: Desk, new_desk: Callable[[], Desk], world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    world.has_player(WANJIRU, balance=kes(500))
    bookmaker.bets(WANJIRU, market_id, Side.NO, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES, window=timedelta(minutes=10))
    disputes(world, market_id, WANJIRU)
    desk.signs_in(Role.OWNER)
    viewer = new_desk().signs_in(Role.VIEWER)
    world.moves(minutes=11)
    desk.opens("/admin/markets?status=proposed").shows("disputed")
    desk.opens(ONE).shows("Disputes", "Player 1", "open", "Rule on the disputes")
    viewer.opens(ONE).shows("A player", "Your role reads markets").shows_not("Player 1", WANJIRU)
    ruling = {"ruling": "dismissed", "reason": "We saw the match", **read_proposal(desk)}
    desk.sends(f"{ONE}/rule", **ruling).refuses("That did not match")
    maybe = {**ruling, "ruling": "maybe"}
    assert desk.sends(f"{ONE}/rule", **maybe, **desk.proof()).status == 400
    # That was proof enough, although nothing came of it.
    ruled = desk.sends(f"{ONE}/rule", **ruling).shows("The disputes are ruled on.", "dismissed")
    ruled.shows("We saw the match", "Resolve : Another admin than the one who ruled")


def test_a_ruling_is_on_the_proposal_that_was_read(
    desk: Desk, world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    world.has_player(WANJIRU, balance=kes(500))
    bookmaker.bets(WANJIRU, market_id, Side.NO, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES, window=timedelta(minutes=10))
    disputes(world, market_id, WANJIRU)
    desk.signs_in(Role.OWNER)
    ruling = {"ruling": "dismissed", "reason": "We saw the match"}
    read = read_proposal(desk)
    bookmaker.proposes(market_id, Outcome.VOID, window=timedelta(minutes=10))
    disputes(world, market_id, WANJIRU)
    changed = "The proposal has changed since you read it. Read it again."
    desk.sends(f"{ONE}/rule", **ruling, **read).refuses(changed)
    desk.sends(f"{ONE}/rule", **ruling).refuses(changed)
    desk.sends(f"{ONE}/rule", **ruling, **read_proposal(desk)).shows("The disputes are ruled on.")


def test_a_second_person_proves_who_it_is(
    desk: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    writes(desk.signs_in(Role.RESOLVER))
    other = new_desk().signs_in()
    world.moves(minutes=11)
    other.opens(ONE).shows("Prove that it is you")
    other.sends(f"{ONE}/approve", revision=0).refuses()
    other.sends(f"{ONE}/approve", revision=0, **other.proof()).shows("The market is open")


def test_a_void_and_a_correction_are_proposed_and_one_is_taken_back(
    desk: Desk, new_desk: Callable[[], Desk], world: World, bookmaker: Bookmaker
) -> None:
    first, second = world.has_market(), world.has_market("Will it rain?")
    bookmaker.ends(second, Outcome.NO)
    desk.signs_in(Role.RESOLVER)
    other = new_desk().signs_in()
    voided = desk.sends(f"/admin/markets/{first}/void", evidence="The match is off")
    voided.shows("Void proposed.", "proposed VOID", "The match is off")
    there = f"/admin/markets/{second}"
    desk.opens(there).shows("settled NO", "Can be corrected until", "Correct the result")
    desk.sends(f"{there}/correct", outcome="no", evidence="x").refuses("has that result already")
    desk.sends(f"{there}/correct", outcome="yes", evidence="The video").shows(
        "correction to YES", "In force: NO", "Keep the result in force : Another admin"
    )
    other.sends(f"{there}/keep", reason="The video is old").shows("settled NO", "Kept")


def test_who_has_a_bet_is_told_why_nothing_can_be_done(
    desk: Desk, world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    world.has_player(WANJIRU, balance=kes(500))
    bookmaker.bets(WANJIRU, market_id, Side.NO, 100)
    bookmaker.closes(market_id)
    world.has_admin("better@kibeezy.test", Role.OWNER, phone=WANJIRU)
    desk.signs_in(email="better@kibeezy.test")
    desk.opens(ONE).shows("better@kibeezy.test has a bet in this market")
    desk.sends(f"{ONE}/propose", outcome="yes", evidence="x").refuses("has a bet in this market")


def test_the_list_is_found_through_by_filters_and_pages(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.signs_in(Role.VIEWER)
    desk.opens("/admin/markets").shows("There is no market yet.")
    world.has_market("Will it rain?", category="Weather")
    world.has_market("Will it snow?", payout_rule=PayoutRule.EQUAL)
    desk.opens("/admin/markets").shows("Will it rain?", "Will it snow?").shows_not("Mine to do")
    desk.opens("/admin/markets?words=rain&category=Weather").shows("Will it rain?").shows_not(
        "snow"
    )
    # What only others could do is nobody's of this role to do, so it is no filter for them.
    desk.opens("/admin/markets?mine=1").shows("Will it rain?", "Will it snow?")
    desk.opens("/admin/markets?words=102").shows("Will it snow?").shows_not("Will it rain?")
    desk.opens("/admin/markets?from=2020-01-01&to=2020-01-02").shows("No market is like that.")
    desk.opens("/admin/markets?from=2000-01-01&to=2999-12-31").shows("Will it rain?")
    desk.opens("/admin/markets/102").shows("invites splitting a stake over many phones")
    for wrong in ("from=x", "from=0001-01-01", "to=9999-12-31"):
        assert desk.opens(f"/admin/markets?{wrong}").shows("Write the day like").status == 422
    for unknown in ("status=x", "before=x", f"before={2**63 - 1}"):
        desk.opens(f"/admin/markets?{unknown}").shows("Will it rain?")
    monkeypatch.setattr(markets, "A_PAGE", 1)
    first = desk.opens("/admin/markets?words=will").shows("Will it snow?", "Older")
    assert "before=102" in first.html
    assert "words=will" in first.html
    last = desk.opens("/admin/markets?words=will&before=102").shows("Will it rain?")
    last.shows_not("Older", "snow")


def test_a_market_that_is_not_there_is_not_found(app: Flask, desk: Desk) -> None:
    assert app is not None
    desk.signs_in(Role.VIEWER)
    for path in (ONE, "/admin/markets/99999999999999", "/admin/live/markets/101"):
        assert desk.opens(path).shows("There is no market").status == 404
