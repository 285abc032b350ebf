"""Players: found by number, name or reference, and all there is to know to help one."""

from dataclasses import dataclass
from typing import Final

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from admin.access import PEOPLE
from admin.drawing import message_words
from admin.drawing import player_words as words
from admin.drawing.paging import before_of, page_of
from admin.site import Site, me
from core.audit_trail.list_events import READS, Event, Wanted, list_events
from core.audit_trail.records import record
from core.audit_trail.words import in_words
from core.ledger import book
from core.markets.my_bets import MyBet, my_bets
from core.money import Money
from core.notices import list_messages as outgoing
from core.notices.list_inbox import Received, list_received
from core.notices.list_messages import Message
from core.phone import InvalidPhone, parse_phone
from core.players.find_players import FoundPlayers, find_players
from core.players.records import get_player
from core.players.standing import Standing, read_standing
from core.reports.payments_of_player import PaymentOfPlayer, payments_of_player
from core.reports.whose_reference import whose_reference
from core.withdrawals.withdrawable import withdrawable

MOST_FOUND: Final = 50
# Of each kind, on the page of one player; the rest is a page of its own.
A_FEW: Final = 8
# They fill the whole trail of a player; here they would hide what happened.
_LOOKS: Final = (
    *READS,
    "player.bets_shown",
    "player.shown",
    "player.statement",
    "sms.listed",
)
_REFERENCE: Final = range(6, 14)


@dataclass(frozen=True)
class Seen:
    """What the page of one player shows."""

    standing: Standing
    available: Money
    withdrawable: Money
    held: Money
    owed: Money
    bets: list[MyBet]
    payments: list[PaymentOfPlayer]
    sent: list[Message]
    received: list[Received]
    history: list[Event]


@dataclass(frozen=True)
class Players:
    """Finding a player, and the player's page."""

    site: Site

    def register(self) -> None:
        """Add them."""
        self.site.page("/players", self.players, roles=PEOPLE, menu="Players")
        self.site.page("/players/<int:player_id>", self.player, roles=PEOPLE)
        self.site.page("/players/<int:player_id>/bets", self.player_bets, roles=PEOPLE)

    def players(self) -> str | Response:
        """The search; a number or a reference leads straight to its player."""
        typed = request.args.get("find", "").strip()[:80]
        if not typed:
            return render_template("staff/players.html", typed="", found=None, words=words)
        found, exact = self.site.write(lambda c: _search(c, typed))
        if exact and len(found.players) == 1:
            there = url_for("admin.player", player_id=found.players[0].id)
            return make_response(redirect(there, 303))
        return render_template("staff/players.html", typed=typed, found=found, words=words)

    def player(self, player_id: int) -> str:
        """One player."""
        seen = self.site.look(
            lambda c: _look_at(c, player_id), act="player.shown", subject=f"player:{player_id}"
        )
        return render_template(
            "staff/player.html",
            seen=seen,
            words=words,
            message_words=message_words,
            in_words=in_words,
        )

    def player_bets(self, player_id: int) -> str:
        """All bets of one player."""

        def look(connection: Connection) -> list[MyBet]:
            get_player(connection, player_id=player_id)
            limit = MOST_FOUND + 1
            return my_bets(connection, player_id=player_id, limit=limit, before_id=before_of())

        subject = f"player:{player_id}"
        bets, before = page_of(self.site.look(look, act="player.bets_shown", subject=subject))
        return render_template(
            "staff/player_bets.html", player_id=player_id, bets=bets, before=before, words=words
        )


def _search(connection: Connection, typed: str) -> tuple[FoundPlayers, bool]:
    """Who may be meant, and whether nobody else can be; who was shown is written down."""
    found, exact = find_players(connection, typed=typed, limit=MOST_FOUND), _is_number(typed)
    if not found.players and not exact and len(typed) in _REFERENCE:
        whose = whose_reference(connection, typed=typed)
        found = FoundPlayers([get_player(connection, player_id=each) for each in whose])
        exact = bool(whose)
    # Whom the search showed, and not what was typed: that may be anything.
    shown = " ".join(str(each.id) for each in found.players) or None
    record(connection, actor=me().email, act="player.searched", subject="player:*", players=shown)
    return found, exact


def _is_number(typed: str) -> bool:
    try:
        parse_phone(typed)
    except InvalidPhone:
        return False
    return True


def _look_at(connection: Connection, player_id: int) -> Seen:
    standing = read_standing(connection, player_id=player_id)
    phone = standing.player.phone
    return Seen(
        standing=standing,
        available=book.available(connection, player_id=player_id),
        withdrawable=withdrawable(connection, player_id=player_id),
        held=book.held(connection, player_id=player_id),
        owed=book.owed(connection, player_id=player_id),
        bets=my_bets(connection, player_id=player_id, limit=A_FEW),
        payments=payments_of_player(connection, player_id=player_id, limit=A_FEW),
        sent=outgoing.list_messages(
            connection, wanted=outgoing.Wanted(player_id=player_id), limit=A_FEW
        ),
        received=list_received(connection, phone=phone, limit=A_FEW),
        history=list_events(
            connection, wanted=Wanted(subject=f"player:{player_id}", without=_LOOKS), limit=A_FEW
        ),
    )
