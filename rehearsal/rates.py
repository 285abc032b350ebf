"""How often each fault of the simulator comes: realistic, and hostile."""

from typing import Final

from simulator.known_faults import FAULTS, Place

# The share of the calls at a place that meet some fault, spread evenly over its kinds.
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
    "sms": 0.12,
}
# These keep a caller waiting by the machine's clock. What they end in, `lose_answer` and
# `lose_ack` do as well, and at once.
_WAIT: Final = frozenset({"push.accepted_timeout", "b2c.timeout", "sms.timeout"})
# The wider the span, the more happens between a thing and its word.
_SECONDS: Final = (5, 7200)


def drawn_faults() -> list[str]:
    """Every `place.fault` that can happen on a day at random."""
    return [
        spot
        for place in _SHARES
        for fault in FAULTS[place]
        if (spot := f"{place}.{fault}") not in _WAIT
    ]


def rates() -> dict[str, object]:
    """The rates as the simulator takes them."""
    spots = drawn_faults()
    kinds = {place: sum(spot.startswith(f"{place}.") for spot in spots) for place in _SHARES}
    return {
        spot: {"rate": _SHARES[place] / kinds[place], "seconds": _SECONDS}
        for place in _SHARES
        for spot in spots
        if spot.startswith(f"{place}.")
    }
