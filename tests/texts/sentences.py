"""Every sentence that can stand above a page, with the longest values it can hold."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from itertools import product
from typing import Final, get_args

import admin
import core
import payments
import sms
import ussd
from core.errors import Refused
from core.money import kes
from core.text import Text
from tests.texts.test_catalogue import FOR_STAFF

NEVER: Final = datetime(2026, 12, 31, 20, 59, tzinfo=UTC)
MOST: Final = kes(999_999_999)

# What a refusal may be made of, by the name of the argument; enums and None are tried by type.
REFUSED_OVER: Final[dict[str, Sequence[object]]] = {
    # One that takes two septets, one without a name, and the one with the longest name.
    "at": [NEVER],
    "code": ["500.003.02"],
    "line": [999_999],
    "short_code": ["1234567"],
    "why": ["it is not UTF-8"],
    "character": ["{", "\ue000", "\U0001fba8"],
    "closes_at": [NEVER],
    "deposit_id": [999_999_999],
    "job_id": [999_999_999],
    "ends_at": [NEVER],
    "ended_at": [NEVER],
    "final_at": [NEVER],
    "agreer": ["resolver@kibeezy.test"],
    "email": ["resolver@kibeezy.test"],
    "first_act": [Text("proposed the result")],
    "largest": [MOST],
    "left": [MOST],
    "limit": [MOST],
    "market_id": [999_999_999],
    "paybill_id": [999_999_999],
    "owed": [MOST, kes(0)],
    "phone": ["+254711111111"],
    "proposer": ["resolver@kibeezy.test"],
    "shortfall": [MOST],
    "reference": ["WWWWWW"],
    "sms_id": [999_999_999],
    "state": ["undelivered"],
    "receipt": ["SGR7WWWWWW"],
    "smallest": [MOST],
    "tries_left": [3],
    "until": [NEVER],
    "unconfirmed": [MOST, kes(0)],
    "what": ["market 999999999"],
    "withdrawable": [MOST],
    "withdrawal_id": [999_999_999],
}

# What screens and the engine say above a page, though nothing was refused.
SAID: Final = (
    Text("Type one answer at a time."),
    Text("Choose 1 to {last}.", {"last": 5}),
    Text("Choose 1 or 2."),
    Text("Your number is verified."),
    Text("A new code is on its way."),
    Text("{limit} counts from tomorrow this time.", {"limit": MOST}),
    Text("{limit} counts from now.", {"limit": MOST}),
    Text("Bets by SMS are off from now."),
    Text("Your last bet was placed. Ref {reference}.", {"reference": "WWWWWW"}),
    Text("Your last bet is still being placed. An SMS will tell."),
    Text("Your last withdrawal was made. Ref {reference}.", {"reference": "WWWWWW"}),
    Text("If your last withdrawal is made, an SMS will tell you."),
)


def everything(*packages: object) -> None:
    """Import every module, so that no screen and no refusal is missed."""
    for package in packages:
        assert inspect.ismodule(package)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            # What is named so is a program, and would run.
            if not module.name.endswith(".__main__"):
                import_module(module.name)


def said_to_players() -> list[Text]:
    everything(admin, core, payments, sms, ussd)
    refusals = [refusal.text for kind in _kinds_of(Refused) for refusal in made(kind)]
    return [*SAID, *(text for text in refusals if text.template not in FOR_STAFF)]


def _kinds_of(kind: type[Refused]) -> Iterator[type[Refused]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds_of(each)


def made(kind: Callable[..., Refused]) -> Iterator[Refused]:
    """One of this kind for every combination of its longest values."""
    parameters = inspect.signature(kind, eval_str=True).parameters
    if "text" in parameters:
        # Made by the validators of what staff write, with words of FOR_STAFF; or only a parent.
        return
    for values in product(*(_reasons(each) for each in parameters.values())):
        yield kind(**dict(zip(parameters, values, strict=True)))


def _reasons(parameter: inspect.Parameter) -> Sequence[object]:
    kind = parameter.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)
    assert parameter.name in REFUSED_OVER, f"what is the longest {parameter}?"
    longest = REFUSED_OVER[parameter.name]
    return [*longest, None] if type(None) in get_args(kind) else longest
