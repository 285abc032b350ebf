"""Charts say what the books say, in words and numbers as well as in lines."""

import re
from datetime import datetime, timedelta

from admin.drawing.axes import amounts, short, times
from admin.drawing.handset import handset
from core.clock import NAIROBI
from core.markets.market import get_pool
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.resolving.steps import AMINA
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World


def charts(market_id: int) -> str:
    return f"/admin/markets/{market_id}/charts"


def test_a_viewer_sees_the_pools_of_the_books(desk: Desk, world: World, market: int) -> None:
    desk.signs_in(Role.VIEWER)
    shown = desk.opens(charts(market))
    with world.database.connect() as connection:
        pool = get_pool(connection, market_id=market)
    yes, no = pool.yes.shillings, pool.no.shillings
    shown.shows(f"Pool YES {yes}", f"Pool NO {no}", f"YES, {yes}", f"NO, {no}", "Bets 3")
    assert f"YES grows to {yes}, NO to {no}" in shown.html
    probability = f"{100 * yes / (yes + no):.0f}\N{NO-BREAK SPACE}%"
    assert f"YES, {probability} in the end" in shown.html
    newest = re.search(r"<tbody>\s*<tr>(.*?)</tr>", shown.html, re.DOTALL)
    assert newest
    cells = re.findall(r"<td[^>]*>(.*?)</td>", newest[1])
    assert cells[:3] == [str(yes), str(no), probability]


def test_the_charts_are_three_figures_with_words_and_no_style_or_script(
    desk: Desk, market: int
) -> None:
    shown = desk.signs_in().opens(charts(market))
    assert shown.html.count('<svg class="chart-frame" role="img"') == 3
    assert len(re.findall(r"<desc id=", shown.html)) == 3
    assert "style=" not in shown.html
    assert "<script>" not in shown.html
    assert 'class="line no"' in shown.html


def test_a_market_without_bets_and_one_that_is_not_there_say_so(
    desk: Desk, bookmaker: Bookmaker, world: World
) -> None:
    world.has_player(AMINA)
    empty = world.has_market("Will nobody bet?")
    desk.signs_in()
    desk.opens(charts(empty)).shows("Nobody has bet on this market yet").shows_not("as a table")
    assert desk.opens(charts(999)).status == 404
    assert bookmaker.market(empty).takes_bets


def test_amounts_are_round_and_reach_the_largest() -> None:
    for largest, marks in (
        (0, (0, 1)),
        (4, (0, 1, 2, 3, 4)),
        (0.2, (0, 0.05, 0.1, 0.15, 0.2)),
        (77_550, (0, 20_000, 40_000, 60_000, 80_000)),
        (1_250_000, (0, 250_000, 500_000, 750_000, 1_000_000, 1_250_000)),
    ):
        found = amounts(largest)
        assert [round(mark, 6) for mark in found] == list(marks)
    assert [short(n) for n in (950, 12_000, 1_250_000, 3e9, 0.05)] == [
        "950",
        "12k",
        "1.25M",
        "3bn",
        "0.05",
    ]


def test_times_are_round_in_nairobi_and_the_day_is_named_when_it_changes() -> None:
    noon = datetime(2026, 11, 26, 11, 40, tzinfo=NAIROBI)
    marks = [(time, day) for _, time, day in times(noon, noon + timedelta(hours=26))]
    assert marks == [
        ("12:00", "26 Nov"),
        ("18:00", ""),
        ("00:00", "27 Nov"),
        ("06:00", ""),
        ("12:00", ""),
    ]
    days = [(time, day) for _, time, day in times(noon, noon + timedelta(days=5))]
    assert days == [("", f"{n} Nov") for n in range(27, 31)] + [("", "1 Dec")]


def test_the_handset_shows_the_page_as_text_whatever_it_holds() -> None:
    drawn = handset("Gor <b>wins</b>?\n1. Yes\n2. No", title="The market's page")
    assert "Gor &lt;b&gt;wins&lt;/b&gt;?\n1. Yes\n2. No" in drawn
    assert "<figcaption>The market&#39;s page</figcaption>" in drawn
    assert drawn.count('aria-hidden="true"') == 5
