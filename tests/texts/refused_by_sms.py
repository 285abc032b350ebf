"""What an answer says that refuses, and the reasons that stand inside a receipt."""

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Final

from core.errors import Refused
from core.ledger import book, check_receipt
from core.markets import bet_by_sms, cancel_bet, dispute_result, place_bet
from core.markets.rules import NoSuchMarket, ensure_stake
from core.paybill.rules import Reason
from core.players import phone_code
from core.players.rules import CodesUsedUp, CodeTooSoon, ensure_may_play, parse_code
from core.switches.rules import Stopped, Switch
from core.text import Text
from core.watchers import watch_market
from payments.mpesa import payout_results, results
from tests.texts.sentences import made

_Source = ModuleType | Callable[..., object]
# Whatever these raise is sent as the answer, in the words of the refusal.
_OBEYED_BY: Final[tuple[_Source, ...]] = (
    bet_by_sms,
    place_bet,
    ensure_may_play,
    ensure_stake,
    book,
    cancel_bet,
    watch_market,
    dispute_result,
    check_receipt,
    parse_code,
    phone_code,
)
_NEVER_SENT: Final = {
    # Answered with an example.
    NoSuchMarket,
    # Only the menu asks for codes, and gives a bet up that was cut off.
    CodeTooSoon,
    CodesUsedUp,
    place_bet.GivenUp,
}


def refusals() -> dict[str, list[Text]]:
    """The texts of each refusal, by its name."""
    found: dict[str, list[Text]] = {}
    for kind in (kind for source in _OBEYED_BY for kind in raised_by(source)):
        if kind not in _NEVER_SENT:
            found[kind.__name__] = [each.text for each in made(kind) if _of_bets(each)]
    return found


def reasons() -> dict[str, list[Text]]:
    """What may stand in these receipts where their own lines show a row of x."""
    return {
        "deposit_failed": _texts_in(results),
        "withdrawal_failed": _texts_in(payout_results),
        "paybill_held": [reason.words for reason in Reason],
    }


def raised_by(source: _Source) -> list[type[Refused]]:
    """The refusals that stand behind a `raise`, each once."""
    known = vars(source if isinstance(source, ModuleType) else inspect.getmodule(source))
    names = dict.fromkeys(re.findall(r"^ *raise (\w+)", inspect.getsource(source), re.MULTILINE))
    named = [known[name] for name in names if name in known]
    return [each for each in named if isinstance(each, type) and issubclass(each, Refused)]


def _of_bets(refusal: Refused) -> bool:
    return not isinstance(refusal, Stopped) or refusal.kind is Switch.BETS


def _texts_in(module: ModuleType) -> list[Text]:
    return [each for each in vars(module).values() if isinstance(each, Text)]
