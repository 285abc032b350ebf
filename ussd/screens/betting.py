"""Betting: choose a market, choose a side, type a stake, confirm with the PIN."""

import re
from collections import Counter
from typing import Final

from core.errors import Refused
from core.ledger.reference import reference_of
from core.markets.disputes import is_being_disputed
from core.markets.give_up_bet import StillAtWork, give_up_bet
from core.markets.list_markets import list_bettable_markets, show_market
from core.markets.market import Market, get_market
from core.markets.place_bet import GivenUp, place_bet
from core.markets.rules import (
    MarketClosed,
    MarketPaused,
    MarketStatus,
    Side,
    StakeAboveOwnLimit,
    ensure_stake,
)
from core.money import Money
from core.money_input import parse_whole_shillings
from core.players.limits import LimitKind, own_limit
from core.players.rules import ensure_may_play
from core.text import Text, _
from ussd.pages import (
    End,
    Link,
    Menu,
    Option,
    Outcome,
    Page,
    Question,
    action,
    answer,
    screen,
)
from ussd.screens import pin
from ussd.screens.market_words import confirmation_words, name_of, question_words, side_words
from ussd.screens.standing import standing_of
from ussd.visit import SCOPE, Visit

MOST_IN_ONE_LIST: Final = 8
# Markets count from 101, so that none is taken for an option of a list.
MARKET_NUMBER: Final = re.compile(r"[1-9]\d{2,8}", re.ASCII)


class NotOnTheList(Refused):
    """Neither an option nor a market's number."""

    def __init__(self) -> None:
        super().__init__(_("Choose from the list, or type a market's number."))


@screen
def start(visit: Visit) -> Page:
    """The open markets, or their categories when there are many, best market first."""
    markets = list_bettable_markets(visit.reading)
    if not markets:
        return Menu(_("No market is open now. Please come back later."))
    if len(markets) <= MOST_IN_ONE_LIST:
        return _list(_("Choose a market"), markets)
    # A counter keeps the order of the list, so a category stands where its best market would.
    options = tuple(
        Option(_("{category} ({count})", category=category, count=count), in_.at(category))
        for category, count in Counter(one.category for one in markets).items()
    )
    return Menu(_("What do you bet on?"), options, typed=number_typed.at())


@screen
def in_(visit: Visit, category: str) -> Page:
    """The open markets of one category."""
    markets = [one for one in list_bettable_markets(visit.reading) if one.category == category]
    if not markets:
        return Menu(
            _("Nothing under {category} is open now.", category=category), typed=number_typed.at()
        )
    return _list(_("Choose a market"), markets)


@answer
def number_typed(visit: Visit, typed: str) -> Link:
    """A market's number, typed on any list, opens it."""
    if not MARKET_NUMBER.fullmatch(typed):
        raise NotOnTheList
    return side.at(int(typed))


@screen
def side(visit: Visit, market_id: int) -> Page:
    """The question, and what 100 shillings on each side would return; or why none can be bet."""
    ensure_may_play(visit.player())
    listed = show_market(visit.reading, market_id=market_id)
    if listed.market.is_paused or listed.market.status is MarketStatus.PROPOSED:
        return _standing(visit, listed.market)
    _ensure_open(listed.market)
    return Menu(
        question_words(listed.market),
        tuple(
            Option(side_words(listed.market, listed.pool, one), stake.at(market_id, one))
            for one in (Side.YES, Side.NO)
        ),
    )


@action
def dialled(visit: Visit, market_id: int, side: Side) -> Link:
    """A side dialled behind the code: whoever did not see the market's page is told here."""
    ensure_may_play(visit.player())
    _ensure_open(get_market(visit.reading, market_id=market_id))
    return stake.at(market_id, side)


@screen
def stake(visit: Visit, market_id: int, side: Side) -> Page:
    """How much."""
    smallest, largest = visit.config.stake_range
    return Question(
        _(
            "How much on {side}? {smallest} to {largest}",
            side=name_of(side),
            smallest=smallest,
            largest=largest,
        ),
        stake_typed.at(market_id, side),
    )


@answer
def stake_typed(visit: Visit, typed: str, market_id: int, side: Side) -> Link:
    """Read the stake; the page that follows checks it, as it does for who comes back there."""
    return confirm.at(market_id, side, parse_whole_shillings(typed))


@screen
def confirm(visit: Visit, market_id: int, side: Side, stake: Money) -> Page:
    """Says everything; the PIN itself is the yes."""
    listed = show_market(visit.reading, market_id=market_id)
    _ensure_open(listed.market)
    smallest, largest = visit.config.stake_range
    ensure_stake(stake, smallest=smallest, largest=largest)
    limit = own_limit(visit.reading, player_id=visit.who, kind=LimitKind.STAKE)
    if limit is not None and stake > limit:
        raise StakeAboveOwnLimit(limit)
    return Question(
        confirmation_words(listed.market, listed.pool, side, stake),
        confirmed.at(market_id, side, stake),
    )


@answer
def confirmed(visit: Visit, typed: str, market_id: int, side: Side, stake: Money) -> Link:
    """Bet, once, however often this hop arrives."""
    pin.prove(visit, typed)
    bet = place_bet(
        visit.connection,
        player_id=visit.who,
        market_id=market_id,
        side=side,
        stake=stake,
        key=visit.key,
        settings=visit.settings,
    )
    return placed.at(bet.reference, side, stake, bet.balance)


@screen
def placed(visit: Visit, reference: str, side: Side, stake: Money, balance: Money) -> Page:
    """The receipt; the same words follow by SMS."""
    return End(
        _(
            "Bet placed. Ref {reference}. {stake} on {side}. Balance {balance}. Good luck!",
            reference=reference,
            stake=stake,
            side=name_of(side),
            balance=balance,
        )
    )


@stake.continued_as
def side_to_continue(visit: Visit, market_id: int, side: Side) -> Text:
    """The side that was chosen."""
    market = get_market(visit.reading, market_id=market_id)
    return _("bet on {side}: {label}", side=name_of(side), label=market.label)


@confirm.continued_as
def bet_to_continue(visit: Visit, market_id: int, side: Side, stake: Money) -> Text:
    """The bet that only lacks its PIN; its price is quoted again."""
    market = get_market(visit.reading, market_id=market_id)
    return _("bet {stake} on {side}: {label}", stake=stake, side=name_of(side), label=market.label)


@confirmed.came_to
def what_came_of_it(
    visit: Visit, session_id: str, market_id: int, side: Side, stake: Money
) -> Outcome:
    """Placed, surely not placed, or still being placed."""
    try:
        transfer_id = give_up_bet(
            visit.connection, player_id=visit.who, scope=SCOPE, series=session_id
        )
    except StillAtWork:
        return Outcome(_("If your last bet is placed, an SMS will tell you."), done=True)
    if transfer_id is None:
        return Outcome(GivenUp().text, done=False)
    return Outcome(_remembered(reference_of(transfer_id)), done=True)


@placed.remembered_as
def bet_to_remember(visit: Visit, reference: str, side: Side, stake: Money, balance: Money) -> Text:
    """The receipt may not have been seen."""
    return _remembered(reference)


def _list(title: Text, markets: list[Market]) -> Menu:
    options = tuple(Option(_("{label}", label=one.label), side.at(one.id)) for one in markets)
    return Menu(title, options, typed=number_typed.at())


def _remembered(reference: str) -> Text:
    return _("Your last bet was placed. Ref {reference}.", reference=reference)


def _standing(visit: Visit, market: Market) -> Page:
    disputed = is_being_disputed(visit.reading, market=market)
    standing = standing_of(market.status, proposed=market.proposed_outcome, disputed=disputed)
    return Menu(
        _("{question}\n{standing}", question=market.question, standing=standing),
        typed=number_typed.at(),
    )


def _ensure_open(market: Market) -> None:
    if market.is_paused:
        raise MarketPaused
    if not market.takes_bets:
        raise MarketClosed(market.id)
