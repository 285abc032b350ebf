"""Callers one PIN away from a bet, while the ground gives way."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import REGISTRY
from sqlalchemy import Engine, text

from core.money import kes
from core.text import Language
from tests.chaos.engines.log import Log
from tests.chaos.engines.machine import PATIENCE_SECONDS, Machine
from tests.chaos.moment import once_before
from tests.chaos.street import eventually
from tests.phone import Phone
from tests.world import World

LONGEST_HOP_SECONDS = 8
# Far below any time limit, and above what a busy machine needs.
QUICK_SECONDS = 4
WANJIRU = "+254700000001"
STILL = "If your last bet is placed"
PLACED, NOT_PLACED = "Your last bet was placed. Ref ", "Your last bet was not placed."
# What those are told whose bet may stand; whose bet surely does not; of whom nothing is known.
MAY_STAND = "Sorry, we have a problem. Dial again: we will tell you what came of it."
NOTHING_DONE = "Sorry, we have a problem. No money was taken. Please dial again."
NOTHING_KNOWN = "Sorry, we have a problem. Please dial again. An SMS confirms each bet."
_AT_WORK = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND (state = 'active' OR xact_start IS NOT NULL)"
)
_BETS = text("SELECT count(*) FROM bet WHERE player_id = :player_id")


@dataclass(frozen=True)
class Edge:
    world: World
    machine: Machine
    database: Engine
    phone_of: Callable[[str], Phone]
    log: Log

    def bettor(self, number: str = WANJIRU, language: Language = Language.ENGLISH) -> Phone:
        """A caller one PIN away from a bet of 100."""
        if not self.world.count("market"):
            self.world.has_market(label="Rain")
        self.world.has_player(number, balance=kes(500), language=language)
        phone = self.phone_of(number).dial().type("1").type("1").type("1").type("100")
        return phone.shows("PIN")

    def before(self, words: str, act: Callable[[], object]) -> None:
        """Act when the service is about to send this statement."""
        once_before(self.database, words, act)

    def database_comes_back(self) -> None:
        """Start PostgreSQL again; the tests' own connections to the dead one are forgotten."""
        self.machine.starts_again("postgres")
        self.world.database.dispose()
        self.world.owner.dispose()

    def tells(self, number: str = WANJIRU) -> bool:
        """What the next dial says of the last bet, once it says anything."""
        page = STILL
        deadline = time.monotonic() + PATIENCE_SECONDS
        while STILL in page:
            assert time.monotonic() < deadline, page
            page = self.phone_of(number).dial().screen
        assert (PLACED in page) != (NOT_PLACED in page), page
        return PLACED in page

    def stands(self, number: str = WANJIRU) -> bool:
        """Whether the caller's one bet is in the ledger when the server has come to rest."""
        with self.world.owner.connect() as connection:
            eventually(lambda: connection.execute(_AT_WORK).scalar_one() == 0)
            player_id = self.world.player(number).id
            bets = int(connection.execute(_BETS, {"player_id": player_id}).scalar_one())
        assert self.world.wallet(number) == kes(500 - 100 * bets)
        return bets == 1

    def failures(self, reason: str) -> float:
        """How many hops were counted under this reason, in this process."""
        found = REGISTRY.get_sample_value("kibeezy_hop_failures_total", {"reason": reason})
        return found or 0.0


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took < seconds, f"took {took:.1f} s"
