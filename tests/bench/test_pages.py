"""The papers beside the crowd's books fit their tables, and what a page asked is read rightly."""

from bench.books.cashier import withdraw
from bench.books.crowd import gather
from bench.pages.papers import file_papers
from bench.pages.statements import Statement, plan_of, read_statements
from bench.pages.visitor import Seen, shape_of
from core.money import kes
from tests.world import World

LOG = """\
2026-11-25 11:05:00.001 UTC [7] LOG:  duration: 0.010 ms  statement: BEGIN
2026-11-25 11:05:00.002 UTC [7] LOG:  duration: 1.500 ms  parse _pg3_0: SELECT id
	FROM player WHERE phone = $1 AND name = $2
2026-11-25 11:05:00.003 UTC [7] LOG:  duration: 0.250 ms  bind _pg3_0: SELECT id
	FROM player WHERE phone = $1 AND name = $2
2026-11-25 11:05:00.003 UTC [7] DETAIL:  Parameters: $1 = '+254700000001', $2 = 'O''Hara'
2026-11-25 11:05:00.004 UTC [7] LOG:  duration: 0.250 ms  execute _pg3_0: SELECT id
	FROM player WHERE phone = $1 AND name = $2
2026-11-25 11:05:00.004 UTC [7] DETAIL:  Parameters: $1 = '+254700000001', $2 = 'O''Hara'
2026-11-25 11:05:00.005 UTC [7] LOG:  duration: 3.000 ms  statement: SELECT 1
2026-11-25 11:05:00.005 UTC [7] LOG:  checkpoint starting: time
2026-11-25 11:05:00.006 UTC [7] LOG:  duration: 0.010 ms  statement: ROLLBACK
"""


def test_papers_lie_beside_a_crowds_books(world: World) -> None:
    crowd = gather(world.owner, size=20, each=kes(100), progress=lambda _done: None)
    withdraw(world.owner, crowd=crowd, players=5, each=kes(100), progress=lambda _done: None)
    file_papers(world.owner, crowd=crowd)

    assert world.count("provider_callback") == 25
    assert world.count("status_question") == 5
    assert world.count("sms_out") == 40
    assert world.count("sms_in") == 2
    assert world.count("audit_event WHERE act = 'deposit.succeeded'") == 20


def test_statements_are_read_with_their_values_and_their_planning() -> None:
    asked, other = read_statements(LOG)
    assert asked == Statement(
        "SELECT id\n\tFROM player WHERE phone = '+254700000001' AND name = 'O''Hara'", 2.0
    )
    assert other == Statement("SELECT 1", 3.0)


def test_a_statement_is_explained_and_does_nothing(world: World) -> None:
    world.has_player()
    written = Statement("UPDATE player SET full_name = 'Nobody' WHERE id > '0'", 1.0)
    assert "Update on player" in plan_of(world.owner, written)
    assert world.player("+254700000001").full_name == "Wanjiru Kamau"
    assert plan_of(world.owner, Statement("VACUUM", 1.0)).startswith("no plan: ")


def test_pages_of_a_kind_are_one() -> None:
    links = Seen(
        200,
        '<a href="/admin/players/7?tab=bets&amp;before=9">7</a> <a href="/admin/players/8">8</a>'
        '<section data-live="/admin/live/home"><link href="/admin/static/staff.css?v=1">'
        '<a href="/admin/players/9?before=3&amp;tab=sms">9</a><a href="https://kibeezy.test/">',
        1.0,
    ).links()
    assert [shape_of(link) for link in links] == [
        "/admin/players/#?before&tab",
        "/admin/players/#",
        "/admin/live/home",
        "/admin/players/#?before&tab",
    ]
