"""Players of the crowd who go on betting and depositing while something else happens."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from types import TracebackType
from typing import Self

from bench.books.crowd import Crowd
from bench.books.ground import Ground
from core.config.in_force import read_config
from core.database import in_transaction
from core.deposits.begin_push import begin_push
from core.deposits.record_push import push_accepted
from core.deposits.records import lock_deposit
from core.deposits.request_deposit import request_deposit
from core.deposits.settle_deposit import settle_by_query
from core.errors import Refused
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Side
from core.money import kes

_THREADS = 4
# A person on the street; nobody here is to use up the machine.
_PAUSE_SECONDS = 0.05
_DEPOSITS_OF_HUNDRED = 10
_STAKES = range(20, 61)
_AMOUNTS = range(50, 5000)


@dataclass
class Passersby:
    """Until it is left, a few at a time bet on these markets, and now and then one deposits."""

    ground: Ground
    crowd: Crowd
    market_ids: Sequence[int]
    seed: int
    milliseconds: list[float] = field(default_factory=list)
    saw: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [
            threading.Thread(target=self._walk, args=(number,)) for number in range(_THREADS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _walk(self, number: int) -> None:
        rng = Random(f"{self.seed}:{number}")
        walk = 0
        while not self._stopping.is_set():
            walk += 1
            key = f"{self.seed}-{number}-{walk}:1"
            deposits = rng.randrange(100) < _DEPOSITS_OF_HUNDRED
            try:
                self._deposit(rng, key) if deposits else self._bet(rng, key)
            except Refused as refusal:
                self.saw[f"refused: {type(refusal).__name__}"] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed
                self.wrong.append(f"{type(error).__name__}: {error}")
            self._stopping.wait(_PAUSE_SECONDS)

    def _bet(self, rng: Random, key: str) -> None:
        player, market = self._anybody(rng), rng.choice(self.market_ids)
        side, stake = rng.choice([Side.YES, Side.NO]), kes(rng.choice(_STAKES))
        began = time.perf_counter()
        in_transaction(
            self.ground.database,
            lambda c: place_bet(
                c,
                player_id=player,
                market_id=market,
                side=side,
                stake=stake,
                key=Key("passerby", key),
                settings=self.ground.settings,
            ),
        )
        self.milliseconds.append((time.perf_counter() - began) * 1000)
        self.saw["bets"] += 1

    def _deposit(self, rng: Random, key: str) -> None:
        """Ask, push, hear that it was accepted, and be told that it is paid."""
        player, amount = self._anybody(rng), kes(rng.choice(_AMOUNTS))
        asked = in_transaction(
            self.ground.database,
            lambda c: request_deposit(
                c,
                player_id=player,
                amount=amount,
                key=Key("passerby", key),
                config=read_config(c, settings=self.ground.settings),
                push_delay=timedelta(days=1),
            ),
        )
        in_transaction(self.ground.database, lambda c: begin_push(c, deposit_id=asked.id))
        in_transaction(
            self.ground.database,
            lambda c: push_accepted(
                c,
                deposit_id=asked.id,
                merchant_request_id=f"merchant-{asked.id}",
                checkout_request_id=f"checkout-{asked.id}",
            ),
        )
        in_transaction(
            self.ground.database,
            lambda c: settle_by_query(c, lock_deposit(c, deposit_id=asked.id)),
        )
        self.saw["deposits"] += 1

    def _anybody(self, rng: Random) -> int:
        return self.crowd.first + rng.randrange(self.crowd.size)
