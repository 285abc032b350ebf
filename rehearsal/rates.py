"""How often each fault of the simulator comes: realistic, and hostile."""

from typing import Final

from simulator.known_faults import FAULTS, Place

# The share of the calls at a place that meet some fault.
_SHARES: Final[dict[Place, float]] = {
    "oauth": 0.25,
    "push": 0.22,
    "prompt": 0.20,
    "query": 0.24,
    "callback": 0.45,
    "b2c": 0.45,
    "b2c_result": 0.45,
    "status": 0.20,
    "status_result": 0.30,
    "c2b": 0.27,
    "pull": 0.40,
    "sim_swap": 0.45,
    "sms": 0.25,
    "sms_report": 0.40,
    "sms_inbound": 0.50,
}
# These keep a caller waiting by the machine's clock. What they end in, `lose_answer` and
# `lose_ack` do as well, and at once.
_WAIT: Final = frozenset({"push.accepted_timeout", "b2c.timeout", "sms.timeout"})
# The wider the span, the more happens between a thing and its word.
_SECONDS: Final = (5, 7200)
# Each seed has a tenth of the kinds as its favourites, so that ten seeds in a row see them all.
_FAVOURITE_EACH: Final = 10
_FAVOUR: Final = 20


def drawn_faults() -> list[str]:
    """Every `place.fault` that can happen on a day at random."""
    return [
        spot
        for place in _SHARES
        for fault in FAULTS[place]
        if (spot := f"{place}.{fault}") not in _WAIT
    ]


def rates(seed: int) -> dict[str, object]:
    """The rates of this seed, as the simulator takes them."""
    by_place: dict[str, dict[str, int]] = {}
    for number, spot in enumerate(drawn_faults()):
        favoured = (number + seed) % _FAVOURITE_EACH == 0
        weights = by_place.setdefault(spot.partition(".")[0], {})
        weights[spot] = _FAVOUR if favoured else 1
    return {
        spot: {"rate": _SHARES[place] * weight / sum(weights.values()), "seconds": _SECONDS}
        for place in _SHARES
        for weights in (by_place[place],)
        for spot, weight in weights.items()
    }
