"""What we answer to words that help nobody as they stand: how to write them instead."""

from typing import Final

from core.notices.texts import outcome_word
from core.text import Text, _

# Of a market and an amount that nobody named.
MARKET: Final = 112
SHILLINGS: Final = 100


def example(
    *,
    word: str,
    market_id: int | None = None,
    side: str = "yes",
    shillings: int | None = None,
) -> Text:
    """How a word is written, as the reader's language teaches it.

    Whoever gives a market or an amount has seen to it that it is none of a player's secrets.
    """
    match word:
        case "bet":
            return _(
                "BET {market_id} {side} {shillings}",
                market_id=market_id or MARKET,
                side=outcome_word(side),
                shillings=shillings or SHILLINGS,
            )
        case "dispute":
            return _("DISPUTE {market_id}", market_id=market_id or MARKET)
        case "watch":
            return _("WATCH {market_id}", market_id=market_id or MARKET)
        case "unwatch":
            return _("UNWATCH {market_id}", market_id=market_id or MARKET)
        case _:
            return _ALONE[word]


def help_words(*, service_code: str) -> Text:
    """What can be asked by SMS."""
    return _(
        "Send BAL, MARKETS, BETS, BET 112 YES 100, CANCEL, WATCH 112, RCPT, LANG SW or STOP. More:"
        " HELP BET, or dial {service_code}.",
        service_code=service_code,
    )


def help_bet(*, service_code: str) -> Text:
    """How to bet by SMS, and how to take it back."""
    return _(
        "YES on market 112 for KES 100: send BET 112 YES 100. To take it back: CANCEL and its"
        " Ref. Or dial {service_code}.",
        service_code=service_code,
    )


def help_word(*, example: Text, service_code: str) -> Text:
    """How any other word is written."""
    return _(
        "Send {example}. Send HELP for all words, or dial {service_code}.",
        example=example,
        service_code=service_code,
    )


def did_you_mean(*, example: Text, service_code: str) -> Text:
    """The nearest word we know; what was written is not repeated, it may be a secret."""
    return _(
        "We did not understand. Did you mean {example}? Send HELP for all words, or dial"
        " {service_code}.",
        example=example,
        service_code=service_code,
    )


def did_you_mean_bet(*, example: Text) -> Text:
    """The nearest bet, which was not placed."""
    return _("Did you mean {example}? Send it like that. No money was taken.", example=example)


def not_understood(*, service_code: str) -> Text:
    """Nothing near a word we know."""
    return _(
        "We did not understand. Send HELP, BAL, BETS or MARKETS, or dial {service_code}.",
        service_code=service_code,
    )


def write_the_bet(*, example: Text) -> Text:
    """A bet that lacks something, has too much, or has it in another order."""
    return _(
        "Write the bet as {example}: first the market's number, last the amount. No money was"
        " taken.",
        example=example,
    )


def write_the_side(*, example: Text) -> Text:
    """A bet on neither YES nor NO."""
    return _(
        "Write YES or NO after the market's number, like {example}. No money was taken.",
        example=example,
    )


def write_the_amount(*, example: Text) -> Text:
    """A bet without an amount, or of one with cents."""
    return _(
        "Write the amount in whole shillings, like {example}. No money was taken.",
        example=example,
    )


def bet_on_no_market() -> Text:
    """A bet on a market that does not exist; its number is not repeated, it may be a secret."""
    return _("There is no such market. Send MARKETS for the list. No money was taken.")


def bet_came_late(*, minutes: int) -> Text:
    """A bet that was on its way for so long that its sender may not want it any more."""
    return _(
        "Your bet came more than {minutes} minutes after you wrote it. No money was taken. Send it"
        " again if you still want it.",
        minutes=minutes,
    )


def bet_needs_no_pin() -> Text:
    """A PIN beside a bet."""
    return _(
        "Never send your PIN by SMS: a bet needs none. No money was taken. Send it again without"
        " the PIN."
    )


def never_send_a_pin() -> Text:
    """Four digits alone look like a PIN."""
    return _("Never send your PIN by SMS. Kibeezy asks for it only on the menu that you dial.")


def cashier_on_the_menu(*, service_code: str) -> Text:
    """Money in and out, which SMS does not do."""
    return _(
        "Deposit and withdraw on the menu: dial {service_code}. No money was taken.",
        service_code=service_code,
    )


def no_such_market() -> Text:
    """Another word about a market that does not exist."""
    return _("There is no such market. Send MARKETS for the list.")


def which_market(*, example: Text) -> Text:
    """The word without a market's number."""
    return _("Write the market's number too, like {example}.", example=example)


def which_bet() -> Text:
    """The word without a reference."""
    return _("Send CANCEL and the 6 letters and digits that follow Ref on the receipt of the bet.")


def which_receipt() -> Text:
    """The word without a reference."""
    return _("Send RCPT and the 6 letters and digits that follow Ref on your receipt.")


def which_language() -> Text:
    """The word without a language that we speak."""
    return _("Send LANG SW for Kiswahili or LANG EN for English.")


def language_chosen() -> Text:
    """Said in the language that counts from now on."""
    return _("From now on we write to you in English. Send LANG SW for Kiswahili.")


_ALONE: Final = {
    "balance": _("BAL"),
    "bets": _("BETS"),
    "markets": _("MARKETS"),
    "cancel": _("CANCEL"),
    "cashier": _("DEPOSIT"),
    "help": _("HELP"),
    "stop": _("STOP"),
    "start": _("START"),
    "receipt": _("RCPT"),
    "language": _("LANG SW"),
}
