"""Commands about players."""

import click
from sqlalchemy import Connection, Engine

from admin.commands.exporting import CSV, JSON, TABLE, Wanted, export, exported
from admin.commands.helping import add_helping
from admin.commands.looking import looking, note_look
from admin.commands.speaking import as_json, iso, plainly, say, show_json, show_table
from core.database import in_transaction
from core.errors import NoSuchThing
from core.ledger import book
from core.ledger.book import owed
from core.markets.my_bets import open_bets
from core.money import Money
from core.phone import parse_phone
from core.players.check_pin import is_pin_locked
from core.players.records import Player, Status, find_player
from core.reports.days import parse_period
from core.reports.player_statement import player_statement


def group(*, database: Engine) -> click.Group:
    """The group `player`."""

    @click.group("player")
    def player() -> None:
        """People who bet."""

    @player.command()
    @click.argument("phone")
    @as_json
    @looking
    @plainly
    def show(phone: str, *, wants_json: bool, looker: str | None) -> None:
        """Status, balance, when the number was verified, and open bets."""
        found = in_transaction(database, lambda c: _look_up(c, parse_phone(phone), looker))
        if wants_json:
            show_json(found)
        else:
            _show(found)

    @player.command()
    @click.argument("phone")
    @click.option("--since", help="The first day, like 2026-12-01; by default all.")
    @click.option("--until", help="The day after the last one.")
    @exported(TABLE, CSV, JSON)
    @plainly
    def statement(phone: str, *, since: str | None, until: str | None, wanted: Wanted) -> None:
        """Every movement of the player's money, with the balance after each."""
        number, period = parse_phone(phone), parse_period(since, until)
        export(
            database,
            wanted,
            lambda c: player_statement(c, phone=number, period=period),
            name=f"statement-{number.removeprefix('+')}",
        )

    add_helping(player, database)
    return player


def _look_up(connection: Connection, phone: str, looker: str | None) -> dict[str, object]:
    player = find_player(connection, phone=phone)
    if player is None:
        raise NoSuchThing(f"player {phone}")
    note_look(connection, looker=looker, act="player.shown", subject=f"player:{player.id}")
    return _describe(connection, player)


def _describe(connection: Connection, player: Player) -> dict[str, object]:
    return {
        "phone": player.phone,
        "name": player.full_name,
        "status": _status(connection, player).value,
        "language": player.language.value,
        "kyc_verified_at": iso(player.kyc_verified_at),
        "balance_cents": book.available(connection, player_id=player.id).cents,
        "held_cents": book.held(connection, player_id=player.id).cents,
        "owed_cents": owed(connection, player_id=player.id).cents,
        "open_bets": [
            {
                "ref": bet.reference,
                "market": bet.market_id,
                "side": bet.side.value,
                "stake_cents": bet.stake.cents,
            }
            for bet in open_bets(connection, player_id=player.id)
        ],
    }


def _status(connection: Connection, player: Player) -> Status:
    """The player's status; who is locked out by wrong PINs is locked, to whoever has to help."""
    playing = player.status in {Status.ACTIVE, Status.UNVERIFIED}
    if playing and is_pin_locked(connection, player_id=player.id):
        return Status.LOCKED
    return player.status


def _show(found: dict[str, object]) -> None:
    bets = found.pop("open_bets")
    assert isinstance(bets, list)
    for name in ("balance", "held", "owed"):
        cents = found.pop(f"{name}_cents")
        assert isinstance(cents, int)
        found[name] = Money(cents)
    show_table(("Player", str(found.pop("phone"))), [(name, found[name]) for name in found])
    if not bets:
        say("No open bets.")
        return
    rows = [(bet["ref"], bet["market"], bet["side"], Money(bet["stake_cents"])) for bet in bets]
    show_table(("Ref", "Market", "Side", "Stake"), rows, title="Open bets")
