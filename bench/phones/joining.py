"""How a caller becomes a player with money: register, prove the number, deposit."""

from collections.abc import Callable, Mapping

from bench.phones.caller import PIN, Caller, Lost
from bench.phones.handset import CutOff, HungUp
from bench.phones.page import Page
from bench.phones.tally import Kind

_PATIENCE_SECONDS = 30.0
_MOST_CALLS = 12
_MOST_HOPS = 16
_AMOUNTS = range(4000, 9000)


def join(caller: Caller) -> bool:
    """Register and deposit, however often the line breaks; False where time was up before."""
    for way in (_register, deposit):
        for _call in range(_MOST_CALLS):
            if caller.time_is_up():
                return False
            try:
                if way(caller):
                    break
            except (HungUp, CutOff):
                caller.tally.saw("called again")
        else:
            raise Lost(f"twelve calls were not enough to {way.__name__.strip('_')}")
    return True


def deposit(caller: Caller) -> bool:
    """Ask for a deposit and wait for its SMS; False where it has not come."""
    before = caller.wallet.deposited
    caller.arrive()
    caller.choose("Deposit")
    # Never the same twice: M-Pesa refuses the same amount within two minutes.
    amount = caller.rng.choice([one for one in _AMOUNTS if one not in caller.wallet.asked])
    caller.wallet.asks(amount)
    caller.tally.saw("deposit asked for")
    try:
        page = caller.handset.type(str(amount), Kind.OTHER)
    except HungUp:
        caller.wallet.awaited.remove(amount)
        raise
    except CutOff:
        return _has_come(caller, before, seconds=5)
    if page.says("in progress"):
        caller.wallet.awaited.remove(amount)
        caller.handset.hang_up()
    elif not page.ends:
        raise Lost("the deposit was not asked for")
    return _has_come(caller, before, seconds=_PATIENCE_SECONDS)


def _register(caller: Caller) -> bool:
    """Answer whatever the page asks, until it is home."""
    page = caller.begin()
    for _hop in range(_MOST_HOPS):
        if page.option("Deposit") is not None:
            caller.tally.saw("registered")
            caller.handset.hang_up()
            return True
        if page.ends:
            return False
        page = _answer(caller, page)
    raise Lost("registering does not end")


def _answer(caller: Caller, page: Page) -> Page:
    for label in ("Continue", "Register", "Yes"):
        if page.option(label) is not None:
            return caller.choose(label)
    questions: Mapping[str, Callable[[Caller], Page]] = {
        "6-digit code": _type_code,
        "PIN again": lambda caller: caller.handset.type(PIN, Kind.OTHER),
        "Choose a 4-digit PIN": lambda caller: caller.handset.type(PIN),
        "full name": _type_name,
    }
    for words, answer in questions.items():
        if page.says(words):
            return answer(caller)
    raise Lost("this page is no part of registering")


def _type_name(caller: Caller) -> Page:
    if caller.chance(0.1):
        caller.tally.saw("mistyped")
        caller.handset.type("4")
    return caller.handset.type(caller.name)


def _type_code(caller: Caller) -> Page:
    code = caller.code(seconds=_PATIENCE_SECONDS)
    if caller.chance(0.3):
        # The code is on the same phone: many people hang up to read it.
        caller.handset.hang_up()
        caller.begin()
    return caller.handset.type(code, Kind.OTHER)


def _has_come(caller: Caller, before: int, *, seconds: float) -> bool:
    while caller.wallet.deposited == before:
        inbox = caller.postman.inbox(caller.handset.number)
        caller.read_sms()
        if caller.wallet.deposited != before:
            break
        if not caller.postman.wait_for_more(
            caller.handset.number, than=len(inbox), seconds=seconds
        ):
            return False
    return True
