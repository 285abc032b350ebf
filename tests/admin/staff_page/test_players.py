"""Staff find a player, see how the account stands, and help: each look is written down."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.config.in_force import read_config
from core.database import in_transaction
from core.deposits.request_deposit import request_deposit
from core.ledger.reference import reference_of
from core.ledger.transfer import Key
from core.markets.place_bet import Bet, place_bet
from core.markets.rules import Side
from core.money import kes
from core.paybill.records import get_payment
from core.players.limits import LimitKind, set_limit
from core.players.records import Player
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.core.paybill.payer import pays
from tests.phone import Phone
from tests.world import PIN, World


@pytest.fixture
def player(world: World) -> Player:
    return world.has_player(balance=kes(500))


@pytest.fixture
def support(desk: Desk) -> Desk:
    return desk.signs_in(Role.SUPPORT, "amina@kibeezy.test")


def bets(world: World, player: Player, market_id: int, key: str = "a bet") -> Bet:
    return in_transaction(
        world.database,
        lambda c: place_bet(
            c,
            player_id=player.id,
            market_id=market_id,
            side=Side.YES,
            stake=kes(100),
            key=Key("test", key),
            settings=world.settings,
        ),
    )


def trail(world: World, act: str) -> list[tuple[str, str]]:
    with world.owner.connect() as connection:
        query = text("SELECT actor, subject FROM audit_event WHERE act = :act ORDER BY id")
        return [(row.actor, row.subject) for row in connection.execute(query, {"act": act})]


@pytest.mark.usefixtures("player")
def test_a_number_in_any_spelling_opens_its_player(support: Desk) -> None:
    for typed in ("%2B254700000001", "0700 000-001", "254700000001", "700000001"):
        support.opens(f"/admin/players?find={typed}").shows(
            "Wanjiru Kamau open", "+254 700 000 001", "Can be withdrawn 500"
        )


def test_the_end_of_a_number_and_the_beginning_of_a_name_list_who_may_be_meant(
    support: Desk, world: World, player: Player
) -> None:
    world.has_player("+254700000002", name="Otieno Ouma")
    for typed in ("0001", "00 0001", "wanj", "WANJIRU  kam"):
        found = support.opens(f"/admin/players?find={typed}")
        found.shows("Players found", player.full_name).shows_not("Otieno")


@pytest.mark.usefixtures("player")
def test_what_names_nobody_finds_nobody(support: Desk) -> None:
    for typed in ("%25%25%25", "wa", "001", "_anj", "0799999999", "kamau"):
        found = support.opens(f"/admin/players?find={typed}")
        found.shows("Nobody found.").shows_not("Wanjiru")


def test_references_lead_to_their_player(support: Desk, world: World, player: Player) -> None:
    bet = bets(world, player, world.has_market())
    with world.database.begin() as connection:
        asked = request_deposit(
            connection,
            player_id=player.id,
            amount=kes(250),
            key=Key("test", "deposit"),
            config=read_config(connection, settings=world.settings),
            push_delay=timedelta(0),
        )
    with world.database.connect() as connection:
        paid = get_payment(connection, paybill_id=pays(world, account=player.phone))
    assert paid.transfer_id is not None
    told = reference_of(paid.transfer_id)
    for typed in (bet.reference, bet.reference.lower(), asked.reference, paid.receipt, told):
        support.opens(f"/admin/players?find={typed}").shows("Wanjiru Kamau open")
    nobody = reference_of(bet.transfer_id + 1_000)
    support.opens(f"/admin/players?find={nobody}").shows("Nobody found.")


def test_a_search_and_a_look_are_written_down(support: Desk, world: World, player: Player) -> None:
    support.opens("/admin/players?find=0700000001")
    assert trail(world, "player.searched") == [(support.email, "player:*")]
    assert trail(world, "player.shown") == [(support.email, f"player:{player.id}")]
    support.opens(f"/admin/players/{player.id}/bets")
    support.opens(f"/admin/players/{player.id}/statement")
    support.opens(f"/admin/players/{player.id}/statement.csv")
    looked = [(support.email, f"player:{player.id}")]
    assert trail(world, "player.bets_shown") == looked
    assert trail(world, "player.statement") == looked * 2


def test_the_page_says_how_the_account_stands(
    support: Desk, world: World, player: Player, phone: Phone
) -> None:
    market_id = world.has_market("Will it rain?", label="Rain")
    bet = bets(world, player, market_id)
    in_transaction(
        world.database,
        lambda c: set_limit(c, player_id=player.id, kind=LimitKind.DAILY_DEPOSIT, amount=kes(1000)),
    )
    phone.dial().choose("My account").choose("Balance").type("9999")
    support.opens(f"/admin/players/{player.id}").shows(
        "Available 400",
        "set, wrong tries: 1",
        "Deposits a day KES 1,000",
        "One bet none set",
        f"{bet.reference} {market_id} Rain YES 100 open",
        "bet placed waiting",
        "limit.daily_deposit",
    )


def test_a_number_of_ours_is_said_to_be_one(support: Desk, world: World, player: Player) -> None:
    world.has_admin("baraka@kibeezy.test", Role.FINANCE, phone=player.phone)
    support.opens(f"/admin/players/{player.id}").shows("belongs to one of us", "role finance")


def test_nobody_helps_the_own_account(desk: Desk, world: World, player: Player) -> None:
    world.has_admin("own@kibeezy.test", Role.OWNER, phone=player.phone)
    desk.signs_in(Role.OWNER, "own@kibeezy.test")
    desk.opens(f"/admin/players/{player.id}").shows("your own account").shows_not("Lock now")
    desk.sends(f"/admin/players/{player.id}/lock", why="mine").refuses("A colleague must do it.")


def test_a_locked_player_is_let_in_again_by_a_colleague(
    support: Desk, new_desk: Callable[[], Desk], player: Player, phone: Phone
) -> None:
    here = f"/admin/players/{player.id}"
    support.sends(f"{here}/lock", why="Stolen phone").shows(
        "Locked. Nobody gets in", "by amina@kibeezy.test: Stolen phone", "account locked waiting"
    )
    phone.dial().shows("account is locked").has_hung_up()
    support.sends(f"{here}/unlock", why="She came by").refuses("a colleague or an owner")
    colleague = new_desk().signs_in(Role.SUPPORT, "barasa@kibeezy.test")
    colleague.sends(f"{here}/unlock", why="She came by").shows("Unlocked.", "Wanjiru Kamau open")
    phone.dial().shows("1. Bet")


def test_a_reason_is_asked_for_and_what_was_typed_is_kept(support: Desk, player: Player) -> None:
    shown = support.sends(f"/admin/players/{player.id}/lock", why=" ")
    shown.refuses("The reason is a text of 1 to 500 characters.")
    too_long = "x" * 600
    shown = support.sends(f"/admin/players/{player.id}/lock", why=too_long)
    assert too_long in shown.html


def test_a_pin_that_was_thrown_away(support: Desk, player: Player, phone: Phone) -> None:
    here = f"/admin/players/{player.id}"
    support.sends(f"{here}/reset-pin", why="Forgotten").shows(
        "The PIN is thrown away", "a code by SMS and a new one at the next dial", "PIN thrown away"
    )
    phone.dial().shows("A code by SMS lets you choose a new one").lacks("1. Bet")
    phone.type("00").choose("My account").choose("Balance").type(PIN).shows("PIN locked")


def test_a_lock_cannot_wait_and_the_rest_asks_for_a_proof(
    support: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    player = world.has_player("+254700000009")
    colleague = new_desk().signs_in(Role.SUPPORT, "barasa@kibeezy.test")
    world.moves(minutes=10)
    here = f"/admin/players/{player.id}"
    support.sends(f"{here}/lock", why="Stolen phone").shows("Locked.")
    page = colleague.opens(here)
    for act in ("unlock", "reset-pin", "close"):
        form = page.html.split(f'action="{here}/{act}"')[1].split("</form>")[0]
        assert 'name="password"' in form
        colleague.sends(f"{here}/{act}", why="She came by").refuses("did not match")
    colleague.sends(f"{here}/unlock", why="She came by", **colleague.proof()).shows("Unlocked.")


def test_closing_says_what_is_left(support: Desk, world: World, player: Player) -> None:
    here = f"/admin/players/{player.id}"
    support.sends(f"{here}/close", why="She asked").refuses("still have money or open bets")
    other = world.has_player("+254700000009")
    here = f"/admin/players/{other.id}"
    support.sends(f"{here}/close", why="He asked").shows("Closed.", "Nothing changes here any more")


def test_bets_go_on_by_key(support: Desk, world: World, player: Player) -> None:
    world.gives(player.phone, kes(6000))
    market_id = world.has_market()
    placed = [bets(world, player, market_id, f"bet {number}") for number in range(51)]
    page = support.opens(f"/admin/players/{player.id}/bets")
    page.shows("Older", placed[-1].reference).shows_not(placed[0].reference)
    older = f"/admin/players/{player.id}/bets?before={placed[1].id}"
    assert older in page.html
    support.opens(older).shows(placed[0].reference).shows_not(placed[1].reference)


def test_a_statement_to_read_and_one_to_take_away(
    support: Desk, world: World, player: Player
) -> None:
    bets(world, player, world.has_market("Will it rain?", label="=Rain()"))
    here = f"/admin/players/{player.id}/statement"
    support.opens(here).shows("Opening balance", "Stake", "100", "Closing balance")
    sheet = support.opens(f"{here}.csv")
    assert sheet.response.headers["Content-Disposition"].startswith("attachment")
    assert "'=Rain()" in sheet.html
    assert len(sheet.html.splitlines()) == len(["head", "opening", "capital", "stake", "closing"])
    support.opens(f"{here}?since=2020-01-01&until=2020-01-02").shows_not("Stake")
    support.opens(f"{here}?since=nonsense").shows("Write the day like")
    support.opens(f"{here}?since=2020-01-02&until=2020-01-01").shows("ends before it begins")


def test_a_player_who_is_nobody(support: Desk) -> None:
    for page in ("", "/bets", "/statement", "/statement.csv"):
        shown = support.opens(f"/admin/players/999{page}")
        assert shown.status == 404
        shown.shows("There is no player 999.")
