"""What staff do for a player who calls; each with a reason, and the player is told by SMS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from flask import Response, render_template, request
from sqlalchemy import Connection

from admin.access import PEOPLE
from admin.drawing.asked_days import asked_days
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.pages.players import Players
from admin.site import Site, me
from core.audit_trail.records import record
from core.database import begin_snapshot
from core.markets.close_account import close_for_player
from core.players.lock_account import lock_account
from core.players.records import Player, get_player
from core.players.throw_pin_away import throw_pin_away
from core.players.unlock_account import unlock_account
from core.reports.days import EmptyPeriod, Period
from core.reports.player_statement import player_statement
from core.reports.spreadsheet import csv_lines
from core.reports.table import Line, Report

# A page that a person reads; the file has them all.
MOST_LINES: Final = 500


@dataclass(frozen=True)
class PlayerActs:
    """The acts, and the statement that a player may ask for."""

    site: Site

    def register(self) -> None:
        """Add them."""
        on = Players(self.site).player
        acts = (
            (
                "lock",
                self.lock_player,
                "Locked. Nobody gets in; the player was told by SMS.",
                False,
            ),
            ("unlock", self.unlock_player, "Unlocked. The player was told by SMS.", True),
            (
                "reset-pin",
                self.reset_pin,
                "The PIN is thrown away, and withdrawals wait. The player was told by SMS.",
                True,
            ),
            ("close", self.close_player, "Closed. The player was told by SMS.", True),
        )
        # A lock cannot wait, and another undoes it; the rest is what a thief of a session wants.
        for name, view, said, is_fresh in acts:
            rule = f"/players/<int:player_id>/{name}"
            self.site.act(rule, view, roles=PEOPLE, on=on, done=said, fresh=is_fresh)
        statement = "/players/<int:player_id>/statement"
        self.site.page(statement, self.player_statement, roles=PEOPLE)
        self.site.page(f"{statement}.csv", self.player_statement_csv, roles=PEOPLE)

    def lock_player(self, player_id: int) -> Response:
        """Keep everybody out."""
        return self._does(lock_account, player_id)

    def unlock_player(self, player_id: int) -> Response:
        """Let the player in again."""
        return self._does(unlock_account, player_id)

    def reset_pin(self, player_id: int) -> Response:
        """Throw the PIN away."""
        return self._does(throw_pin_away, player_id)

    def close_player(self, player_id: int) -> Response:
        """Close the account for good."""
        return self._does(close_for_player, player_id)

    def player_statement(self, player_id: int) -> str:
        """Every movement of some days, to print or to read out."""
        player = self._note(player_id)
        period = _asked()
        with self.site.database.connect() as connection:
            report = _report(connection, player, period)
            lines: list[Line] = list(islice(report.parts[0].lines, MOST_LINES + 1))
        return render_template(
            "staff/player_statement.html",
            player=player,
            head=report.head,
            lines=lines[:MOST_LINES],
            is_cut=len(lines) > MOST_LINES,
        )

    def player_statement_csv(self, player_id: int) -> Response:
        """The same as a file, whole."""
        player = self._note(player_id)
        name = f"statement-{player.phone.removeprefix('+')}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(self._lines(player, _asked()), mimetype="text/csv", headers=headers)

    def _lines(self, player: Player, period: Period) -> Iterator[str]:
        with self.site.database.connect() as connection:
            yield from csv_lines(_report(connection, player, period).parts[0])

    def _note(self, player_id: int) -> Player:
        """Whose statement it is; that it was read is written down first."""
        given = {name: request.args.get(name) or None for name in ("since", "until")}

        def note(connection: Connection) -> Player:
            player = get_player(connection, player_id=player_id)
            subject = f"player:{player_id}"
            record(connection, actor=me().email, act="player.statement", subject=subject, **given)
            return player

        return self.site.write(note)

    def _does(self, act: Callable[..., object], player_id: int) -> Response:
        self.site.write(partial(act, player_id=player_id, why=typed("why"), by=me()))
        return done("player", player_id=player_id)


def _asked() -> Period:
    begins, ends = asked_days()
    if begins is not None and ends is not None and begins >= ends:
        raise EmptyPeriod
    return Period(begins, ends)


def _report(connection: Connection, player: Player, period: Period) -> Report:
    begin_snapshot(connection)
    return player_statement(connection, phone=player.phone, period=period)
