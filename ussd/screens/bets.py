"""My bets: what is staked, and what came of it."""

from typing import Final

from core.markets.my_bets import MyBet, find_bet, my_bets
from core.markets.rules import Outcome
from core.text import Text, _
from ussd.pages import Link, Menu, Option, Page, action, screen
from ussd.screens import pin
from ussd.screens.market_words import name_of
from ussd.screens.standing import standing_of
from ussd.visit import Visit

MOST_SHOWN: Final = 50


@action
def start(visit: Visit) -> Link:
    """Asks for the PIN once per session."""
    return pin.once(visit, recent.at())


@screen
def recent(visit: Visit) -> Page:
    """The last bets, newest first."""
    bets = my_bets(visit.reading, player_id=visit.who, limit=MOST_SHOWN)
    if not bets:
        return Menu(_("You have no bets yet."))
    all_of_them = len(bets) < MOST_SHOWN
    title = _("My bets") if all_of_them else _("My last {count} bets", count=MOST_SHOWN)
    return Menu(title, tuple(Option(_line(bet), one.at(bet.reference)) for bet in bets))


@screen
def one(visit: Visit, reference: str) -> Page:
    """One bet with its question and its fate."""
    bet = find_bet(visit.reading, player_id=visit.who, reference=reference)
    assert bet is not None, "the list linked to it"
    return Menu(
        _(
            "{question}\n{stake} on {side}. {fate} Ref {reference}.",
            question=bet.question,
            stake=bet.stake,
            side=name_of(bet.side),
            fate=_fate(bet),
            reference=bet.reference,
        )
    )


def _line(bet: MyBet) -> Text:
    return _(
        "{label} {side} {amount}",
        label=bet.label,
        side=name_of(bet.side),
        amount=f"{bet.stake.shillings:,}",
    )


def _fate(bet: MyBet) -> Text:
    if bet.cancelled:
        return _("Cancelled, {stake} back.", stake=bet.stake)
    match bet.outcome:
        case None:
            return standing_of(bet.status, proposed=bet.proposed, disputed=bet.disputed)
        case Outcome.VOID:
            return _("Void, stake returned.")
        case Outcome.YES | Outcome.NO if bet.refunded:
            return _("One-sided, stake returned.")
        case Outcome.YES | Outcome.NO if bet.late:
            return _("Too late, stake returned.")
        case Outcome.YES | Outcome.NO:
            if bet.paid:
                return _("Paid {paid}.", paid=bet.paid)
            return _("Lost.")
