"""What players do with a phone: bet, look around, read the balance, be cut off and come back."""

from collections.abc import Callable, Mapping

from bench.phones.caller import Caller, Lost
from bench.phones.handset import CutOff, HungUp
from bench.phones.joining import deposit
from bench.phones.page import Page, cents_in, reference_in
from bench.phones.tally import Kind

Journey = Callable[[Caller], object]

_LARGEST_STAKE = 150
_SMALLEST_STAKE = 20
# The demo's markets; one that is not open leads to a list that says so.
_MARKETS = ("101", "102", "103", "104")
_MOST_PAGES = 6


def play(caller: Caller) -> None:
    """Take one journey, drawn at random; a line that breaks ends it."""
    journey = _draw(caller)
    caller.tally.saw(journey.__name__.replace("_", " "))
    try:
        journey(caller)
    except (HungUp, CutOff):
        _come_back(caller)
    finally:
        caller.handset.hang_up()
        caller.read_sms()


def bet(caller: Caller) -> None:
    """Find a market through the menu, and bet."""
    if caller.arrive().option("Bet") is None:
        raise Lost("home offers no bet")
    caller.choose("Bet")
    _bet_from_list(caller)


def bet_by_shortcut(caller: Caller) -> None:
    """Dial straight to the list or to a market, and bet."""
    behind = ("1", caller.rng.choice(_MARKETS)) if caller.chance(0.5) else ("1",)
    page = caller.arrive(*behind)
    if page.option("YES") is None and page.option("Bet") is not None:
        caller.tally.saw("shortcut passed over")
        caller.choose("Bet")
    _bet_from_list(caller)


def look_around(caller: Caller) -> None:
    """Read pages, and hang up on the last."""
    caller.arrive()
    match caller.rng.randrange(4):
        case 0:
            caller.choose("My bets")
        case 1:
            caller.choose("My account")
            caller.choose("Statement")
        case 2:
            caller.choose("My account")
            caller.choose("Limits")
        case _:
            caller.choose("Bet")
    if caller.handset.page.says("Enter your PIN"):
        caller.type_pin()
    for keys in _wander(caller):
        caller.handset.type(keys)


def mistype(caller: Caller) -> None:
    """Press what is no option; the page says so and stays."""
    page = caller.arrive()
    before = page.options
    for keys in ("9", "abc", "#"):
        page = caller.handset.type(keys)
        if page.ends or page.options != before:
            raise Lost("a slip of the thumb led elsewhere")


def read_balance(caller: Caller) -> None:
    """Read the balance and compare it with what the player must believe."""
    cents = balance_cents(caller)
    if caller.wallet.contradicts(cents):
        # An SMS that was on its way may explain it.
        caller.read_sms()
        if caller.wallet.contradicts(cents):
            caller.handset.found(f"a wrong balance; {caller.wallet} knows better")


def balance_cents(caller: Caller) -> int:
    """Walk to the balance and return it. Raises Lost, HungUp or CutOff."""
    page = caller.arrive(*(("5", "1") if caller.chance(0.3) else ()))
    if page.option("My account") is not None:
        caller.choose("My account")
        page = caller.choose("Balance")
    if cents_in(page.text) is None and page.says("PIN"):
        page = caller.type_pin()
    cents = cents_in(page.text)
    if cents is None:
        raise Lost("no balance on this page")
    return cents


def _draw(caller: Caller) -> Journey:
    if caller.wallet.surely < _LARGEST_STAKE and not caller.wallet.awaited:
        return deposit
    journeys: Mapping[Journey, int] = {
        bet: 40,
        bet_by_shortcut: 20,
        look_around: 20,
        read_balance: 12,
        mistype: 8,
    }
    [drawn] = caller.rng.choices(list(journeys), weights=list(journeys.values()))
    return drawn


def _bet_from_list(caller: Caller) -> None:
    page = caller.handset.page
    for _page in range(_MOST_PAGES):
        if page.option("YES") is not None:
            break
        if not page.options:
            raise Lost("no market to choose")
        page = caller.handset.type(caller.rng.choice(list(page.options.values())))
    side = caller.rng.choice(["YES", "NO"])
    caller.choose(side)
    most = min(_LARGEST_STAKE, caller.wallet.surely)
    if most < _SMALLEST_STAKE:
        return
    if caller.chance(0.08):
        caller.tally.saw("mistyped")
        caller.handset.type(caller.rng.choice(["abc", "0712345678", "1"]))
    stake = caller.rng.randint(_SMALLEST_STAKE, most)
    _confirm(caller, caller.handset.type(str(stake)), side, stake)


def _confirm(caller: Caller, page: Page, side: str, stake: int) -> None:
    """Read the confirmation and type the PIN; from then on the stake may be gone."""
    if cents_in(page.text) != 100 * stake or not page.says(side) or not page.says("PIN"):
        raise Lost(f"not the confirmation of {stake} on {side}")
    caller.wallet.risks(stake)
    try:
        page = caller.type_pin(Kind.BET)
    except HungUp:
        caller.wallet.takes_back(stake)
        raise
    except CutOff:
        # Only the PIN itself can place it, but a slip of the thumb may have been lost instead.
        caller.tally.saw("bet left in doubt")
        raise
    reference = reference_in(page.text)
    if not page.ends or reference is None or cents_in(page.text) != 100 * stake:
        raise Lost(f"no receipt of {stake} on {side}")
    caller.tally.saw("bet placed")
    caller.believe(caller.wallet.is_told_placed(reference, stake))


def _come_back(caller: Caller) -> None:
    """Most people who are cut off dial again at once, and some go on with what they did."""
    if not caller.chance(0.7):
        return
    caller.tally.saw("redialled")
    try:
        page = caller.begin()
        if page.option("Continue") is None:
            return
        caller.tally.saw("offered to continue")
        page = caller.choose("Continue")
        caller.tally.saw("continued")
        stake = cents_in(page.text)
        side = next((side for side in ("YES", "NO") if page.says(f"on {side}:")), None)
        if stake is None or side is None or stake > 100 * caller.wallet.surely:
            return
        if page.says("PIN to bet"):
            caller.tally.saw("bet after continuing")
            _confirm(caller, page, side, stake // 100)
    except (HungUp, CutOff):
        caller.tally.saw("cut off again")


def _wander(caller: Caller) -> list[str]:
    onward = ["99"] if caller.handset.page.has_more else []
    return [
        *onward,
        *(["0"] if caller.chance(0.5) else []),
        *(["00"] if caller.chance(0.3) else []),
    ]
