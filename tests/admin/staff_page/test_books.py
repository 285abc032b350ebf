"""The ledger's page: what accounts stand at, what must hold, the seal, and single transfers."""

from sqlalchemy import text

from core.ledger.groups import INVARIANTS
from core.ledger.reference import reference_of
from core.markets.rules import Side
from core.money import kes
from core.reports.needs import NeedKind
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.core.reports.busy_evening import (
    OTIENO,
    WANJIRU,
    BusyEvening,
    all_is_looked_at,
)
from tests.world import World


def newest_transfer(world: World) -> int:
    with world.database.connect() as connection:
        return int(connection.execute(text("SELECT max(id) FROM transfer")).scalar_one())


def test_debits_and_credits_stand_side_by_side(desk: Desk, world: World) -> None:
    desk.signs_in(Role.VIEWER)
    world.has_player(WANJIRU, balance=kes(1_200))
    world.has_player(OTIENO, name="Otieno Odhiambo", balance=kes(34))
    page = desk.opens("/admin/ledger")
    page.shows("Players: available 1,234", "Operator's capital 1,234", "Total 1,234 1,234")


def test_what_holds_and_when_it_was_last_looked_at(desk: Desk, world: World) -> None:
    desk.signs_in(Role.VIEWER)
    total = len(INVARIANTS)
    desk.opens("/admin/ledger").shows(f"{total} of {total} invariants are not seen to hold now.")
    all_is_looked_at(world)
    page = desk.opens("/admin/ledger").shows(f"All {total} invariants hold.")
    page.shows(*INVARIANTS, "less than a minute ago")
    world.moves(minutes=2)
    desk.opens("/admin/ledger").shows("2 min ago")


def test_a_broken_invariant_is_told_with_what_breaks_it(desk: Desk, world: World) -> None:
    evening = BusyEvening.begins(world)
    desk.signs_in(Role.SUPPORT)
    all_is_looked_at(world)
    evening.trouble[NeedKind.INVARIANT_BROKEN]()
    page = desk.opens("/admin/ledger")
    page.shows("every transfer balances broken transfer 7 is 3 cents out", "2 in all")


def test_the_seal_is_shown_with_what_waits_for_it(desk: Desk, world: World) -> None:
    desk.signs_in(Role.VIEWER)
    world.has_player(WANJIRU, balance=kes(100))
    world.seals()
    desk.opens("/admin/ledger").shows("Every transfer is sealed.", "The last blocks")
    world.gives(WANJIRU, kes(1))
    world.moves(seconds=30)
    desk.opens("/admin/ledger").shows("what was posted in the last 30 s gets its block")
    world.moves(minutes=10)
    desk.opens("/admin/ledger").shows("The oldest transfer has waited 630 s for its block.")
    world.seals()


def test_a_transfer_is_found_by_what_people_have_of_it(desk: Desk, world: World) -> None:
    desk.signs_in(Role.SUPPORT)
    player = world.has_player(WANJIRU, balance=kes(1_234))
    number = newest_transfer(world)
    reference = reference_of(number)
    for typed in (str(number), reference, f" {reference[:3].lower()}-{reference[3:].lower()} "):
        page = desk.opens(f"/admin/ledger?transfer={typed}")
        page.shows(f"Operator's capital {reference}", f"Number {number}", "Sealed not yet")
        page.shows(f"Players: available player {player.id} 1,234", "By test")
    looked = f"act = 'transfer.looked_up' AND subject = 'transfer:{number}'"
    assert world.count(f"audit_event WHERE {looked} AND actor = '{desk.email}'") == 3


def test_what_is_no_transfer_is_said_on_the_page(desk: Desk) -> None:
    desk.signs_in(Role.VIEWER)
    for typed in ("999999", "7K3QXM", "no such thing", "9" * 30, "0"):
        page = desk.opens(f"/admin/ledger?transfer={typed}")
        page.shows(f"No transfer has the number or reference {typed}.", "Trial balance")
        assert f'value="{typed}"' in page.html


def test_whose_money_it_was_is_not_for_everybody(desk: Desk, world: World) -> None:
    desk.signs_in(Role.RESOLVER)
    player = world.has_player(WANJIRU, balance=kes(1_234))
    page = desk.opens(f"/admin/ledger/transfers/{newest_transfer(world)}")
    page.shows("Players: available 1,234", "Whose wallets these are is for owner")
    page.shows_not(f"player {player.id}", "By test")
    assert world.count("audit_event WHERE act = 'transfer.looked_up'") == 0


def test_a_transfer_that_was_undone_says_by_which(desk: Desk, world: World) -> None:
    evening = BusyEvening.begins(world)
    market_id = world.has_market()
    bet = evening.bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    evening.bookmaker.cancels(WANJIRU, bet.reference)
    undoing = newest_transfer(world)
    with world.database.connect() as connection:
        query = text("SELECT reverses FROM transfer WHERE id = :id")
        undone = connection.execute(query, {"id": undoing}).scalar_one()
    desk.signs_in(Role.VIEWER)
    desk.opens(f"/admin/ledger/transfers/{undone}").shows(f"It was undone by transfer {undoing}")
    page = desk.opens(f"/admin/ledger/transfers/{undoing}").shows(f"It undoes transfer {undone}")
    page.shows(f"market {market_id}")


def test_no_number_is_too_large_to_be_looked_for(desk: Desk) -> None:
    desk.signs_in(Role.VIEWER)
    assert desk.opens(f"/admin/ledger/transfers/{'9' * 40}").status == 404
