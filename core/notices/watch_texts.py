"""What a player is told who watches a market; each fits one segment with its longest values."""

from core.notices.texts import outcome_word
from core.text import Text, _


def watching(*, market_id: int, label: str, price: str | None) -> Text:
    """What comes from now on, and how to end it; the price is None while there is none."""
    values: dict[str, object] = {"market_id": market_id, "label": label}
    if price is None:
        return _(
            "You watch {market_id} {label}. We tell you when YES passes 20, 40, 60 or 80 percent,"
            " and the result. Send UNWATCH {market_id} to end it.",
            **values,
        )
    return _(
        "You watch {market_id} {label}: YES {price}. We tell you at 20, 40, 60 and 80 percent, and"
        " the result. Send UNWATCH {market_id} to end it.",
        **values,
        price=price,
    )


def unwatched(*, market_id: int) -> Text:
    """One market less."""
    return _("You watch market {market_id} no more.", market_id=market_id)


def unwatched_all() -> Text:
    """No market any more."""
    return _("You watch no market any more.")


def not_watched() -> Text:
    """Nothing has changed; the number is not repeated, it may be a secret."""
    return _("You do not watch that market. Send WATCH 112 to watch market 112.")


def market_moved(*, market_id: int, label: str, price: str, rose: bool) -> Text:
    """The price has crossed into another fifth."""
    values: dict[str, object] = {"market_id": market_id, "label": label, "price": price}
    if rose:
        return _(
            "Market {market_id} {label}: YES is up, now {price}. Send UNWATCH {market_id} to end"
            " these SMS.",
            **values,
        )
    return _(
        "Market {market_id} {label}: YES is down, now {price}. Send UNWATCH {market_id} to end"
        " these SMS.",
        **values,
    )


def market_closed(*, market_id: int, label: str, price: str | None) -> Text:
    """No more bets; the price is None where there never was one."""
    values: dict[str, object] = {"market_id": market_id, "label": label}
    if price is None:
        return _(
            "Market {market_id} {label} takes no more bets. We will tell you the result.", **values
        )
    return _(
        "Market {market_id} {label} takes no more bets. YES stands at {price}. We will tell you the"
        " result.",
        **values,
        price=price,
    )


def market_result(*, market_id: int, label: str, outcome: str, corrected: bool) -> Text:
    """How the market ended; `corrected` where something else was told before."""
    values: dict[str, object] = {
        "market_id": market_id,
        "label": label,
        "outcome": outcome_word(outcome),
    }
    if corrected:
        return _("Market {market_id} {label} corrected: the result is {outcome}.", **values)
    return _("Market {market_id} {label}: the result is {outcome}.", **values)
