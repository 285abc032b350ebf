"""The funnel: how many callers reach each page of the short code, and where they leave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from flask import render_template
from redis.exceptions import RedisError

from admin.access import EVERYBODY
from admin.site import Site

log = structlog.get_logger()

# The ways that people come for, page by page, by the names that the short code gives its pages.
JOURNEYS: Final[dict[str, dict[str, str]]] = {
    "Registering": {
        "arrival.welcome": "Welcome",
        "registering.ask_name": "Full name",
        "registering.ask_age": "18 or older?",
        "registering.choose_pin": "A PIN",
        "registering.repeat_pin": "The PIN again",
        "registering.enter_code": "The code by SMS",
    },
    "Betting": {
        "home.main": "Home",
        "betting.start": "The markets",
        "betting.side": "One market",
        "betting.stake": "The stake",
        "betting.confirm": "Confirm with the PIN",
        "betting.placed": "Bet placed",
    },
    "Depositing": {
        "home.main": "Home",
        "depositing.ask_amount": "The amount",
        "depositing.prompt_follows": "M-Pesa asks",
    },
    "Withdrawing": {
        "home.main": "Home",
        "withdrawing.ask_amount": "The amount",
        "withdrawing.confirm": "Confirm with the PIN",
        "withdrawing.sent": "On its way",
    },
}


class Counted(Protocol):
    """What became of the callers who were shown a page."""

    arrived: int
    answered: int
    left: int


@dataclass(frozen=True)
class Step:
    """A page on a way; its bar is so long, of the longest, in percent."""

    words: str
    arrived: int
    left: int
    percent: float


Screens = Callable[[], Mapping[str, Counted]]


@dataclass(frozen=True)
class FunnelPage:
    """The page."""

    site: Site
    screens: Screens

    def register(self) -> None:
        """Add it."""
        self.site.page("/funnel", self.funnel, roles=EVERYBODY, menu="Funnel")

    def funnel(self) -> str:
        """The counts since Redis began to keep them; without Redis there are none."""
        try:
            counts = self.screens()
        except RedisError:
            log.warning("funnel_out_of_reach")
            return render_template("staff/funnel.html", counts=None)
        by_arrivals = sorted(counts.items(), key=lambda each: (-each[1].arrived, each[0]))
        journeys = {title: _steps(pages, counts) for title, pages in JOURNEYS.items()}
        return render_template("staff/funnel.html", counts=dict(by_arrivals), journeys=journeys)


def _steps(pages: Mapping[str, str], counts: Mapping[str, Counted]) -> list[Step]:
    found = [(words, counts.get(name)) for name, words in pages.items()]
    most = max((each.arrived for _words, each in found if each), default=0)
    return [
        Step(words, each.arrived, each.left, 100 * each.arrived / max(most, 1))
        if each
        else Step(words, 0, 0, 0.0)
        for words, each in found
    ]
