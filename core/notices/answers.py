"""What we answer to an SMS; lists are cut to what fits one segment."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import short_time
from core.gsm7 import ONE_SEGMENT, septets
from core.ledger.statement import StatementLine
from core.money import Money
from core.notices.movements import movement_word, what_stands
from core.notices.texts import outcome_word
from core.text import Language, Text, _


@dataclass(frozen=True)
class BetLine:
    """An open bet, as a list shows it."""

    reference: str
    stake: Money
    side: str
    market_id: int
    label: str


def nothing_to_verify(*, service_code: str) -> Text:
    """A code, from a player whose number is proven already."""
    return _(
        "Your number is verified already. A code for a new PIN is typed on the menu: dial"
        " {service_code}.",
        service_code=service_code,
    )


def not_registered(*, service_code: str) -> Text:
    """The number has no account."""
    return _(
        "This number has no Kibeezy account. To register dial {service_code}.",
        service_code=service_code,
    )


def last_word(*, again_at: str, service_code: str) -> Text:
    """The last answer to a flood; what is sent meanwhile is obeyed all the same."""
    return _(
        "You have sent many messages. We answer again from {again_at}. What you send still counts:"
        " dial {service_code} to see it.",
        again_at=again_at,
        service_code=service_code,
    )


def receipt_told(*, line: StatementLine) -> Text:
    """A receipt that is the player's own."""
    return _(
        "Receipt {reference} is real: {kind} {amount}, {time}. {standing}.",
        reference=line.reference,
        kind=movement_word(line.kind),
        amount=line.amount,
        time=short_time(line.posted_at),
        standing=what_stands(line),
    )


def balance_told(*, balance: Money, owed: Money) -> Text:
    """The balance of a player whose number is proven; `owed` is what the player owes us."""
    if owed:
        return _(
            "Balance {balance}. You owe us {owed}, which is kept back from withdrawals.",
            balance=balance,
            owed=owed,
        )
    return _("Balance {balance}. Your number is verified.", balance=balance)


def balance_unverified(*, balance: Money, service_code: str) -> Text:
    """The balance of a player who cannot deposit yet."""
    return _(
        "Balance {balance}. Your number is not verified: send us the 6-digit code, or dial"
        " {service_code} for a new one.",
        balance=balance,
        service_code=service_code,
    )


def dispute_heard(*, market_id: int) -> Text:
    """What happens next to a player who disputes a result."""
    return _(
        "You dispute the result of market {market_id}. Nothing is paid before a third person has"
        " ruled. We will tell you by SMS.",
        market_id=market_id,
    )


def news_stopped() -> Text:
    """STOP was heard."""
    return _(
        "You will get no more news from us. Codes and receipts still come. Send START to undo."
    )


def news_started() -> Text:
    """START was heard."""
    return _("News is on again. Send STOP to end it.")


def open_markets(
    *, markets: Sequence[tuple[int, str]], service_code: str, language: Language
) -> Text:
    """Numbers and labels of as many markets as fit, in the order given."""
    if not markets:
        return _("No market is open now. Dial {service_code} later.", service_code=service_code)
    lines = [Text("{number} {label}", {"number": n, "label": label}) for n, label in markets]
    for shown in range(len(lines), 0, -1):
        listed = _(
            "Open: {lines}. To bet, send BET 112 YES 100 or dial {service_code}.",
            lines=_joined(lines[:shown]),
            service_code=service_code,
        )
        if _fits(listed, language):
            return listed
    return _("Markets are open. To see them dial {service_code}.", service_code=service_code)


def open_bets(*, bets: Sequence[BetLine], service_code: str, language: Language) -> Text:
    """As many open bets as fit, in the order given."""
    if not bets:
        return _(
            "You have no open bets. To bet, send BET 112 YES 100 or dial {service_code}.",
            service_code=service_code,
        )
    lines = [_bet_line(bet) for bet in bets]
    for shown in range(len(lines), 0, -1):
        listed = _("Open bets: {total}. {lines}.", total=len(lines), lines=_joined(lines[:shown]))
        if _fits(listed, language):
            return listed
    return _(
        "Open bets: {total}. To see them dial {service_code}.",
        total=len(lines),
        service_code=service_code,
    )


def _bet_line(bet: BetLine) -> Text:
    return Text(
        "{reference} {stake} {side} {market_id} {label}",
        {
            "reference": bet.reference,
            "stake": bet.stake,
            "side": outcome_word(bet.side),
            "market_id": bet.market_id,
            "label": bet.label,
        },
    )


def _joined(lines: Sequence[Text]) -> Text:
    names = [f"line{number}" for number in range(len(lines))]
    template = ", ".join(f"{{{name}}}" for name in names)
    return Text(template, dict(zip(names, lines, strict=True)))


def _fits(text: Text, language: Language) -> bool:
    return septets(text.in_(language)) <= ONE_SEGMENT
