"""A bet against the dial that asks what came of it: never both placed and told that it was not."""

import random
import time
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Connection

from app import Wiring
from core.database import in_transaction
from core.ledger.transfer import Key
from core.markets.give_up_bet import StillAtWork, give_up_bet
from core.markets.place_bet import GivenUp, place_bet
from core.markets.rules import Side
from core.money import kes
from tests.chaos.moment import once_before
from tests.chaos.street import at_once
from tests.phone import Phone
from tests.world import PIN, World

WANJIRU = "+254700000001"
ROUNDS = 400
# Longer than a bet takes, so that either may be first.
HEAD_START_SECONDS = 0.008


def test_neither_wins_twice(world: World) -> None:
    market_id = world.has_market(label="Rain")
    player_id = world.has_player(WANJIRU, balance=kes(20 * ROUNDS)).id

    def bet(connection: Connection, key: Key) -> int:
        placed = place_bet(
            connection,
            player_id=player_id,
            market_id=market_id,
            side=Side.YES,
            stake=kes(20),
            key=key,
            settings=world.settings,
        )
        return placed.transfer_id

    def asked(connection: Connection, key: Key) -> int | None:
        series = key.value.removesuffix(":9")
        return give_up_bet(connection, player_id=player_id, scope=key.scope, series=series)

    def places(key: Key) -> int | str | None:
        try:
            return in_transaction(world.database, lambda c: bet(c, key))
        except GivenUp:
            return None

    def asks(key: Key) -> int | str | None:
        time.sleep(random.uniform(0, HEAD_START_SECONDS))  # noqa: S311 - jitter
        try:
            return in_transaction(world.database, lambda c: asked(c, key))
        except StillAtWork:
            return "at work"

    keys = [Key("ussd", f"ATUid_{n}:9") for n in range(ROUNDS)]
    ends = [at_once(partial(places, key), partial(asks, key)) for key in keys]

    for key, (placed, told) in zip(keys, ends, strict=True):
        assert told in ("at work", placed), f"told {told}, and the ledger has {placed}"
        assert asks(key) == placed
        assert places(key) == placed
    placed_ids = {placed for placed, _told in ends if placed is not None}
    assert 0 < len(placed_ids) < ROUNDS, "one side always came first"
    assert world.count("bet") == len(placed_ids)
    assert world.wallet(WANJIRU) == kes(20 * (ROUNDS - len(placed_ids)))


@pytest.mark.parametrize(
    ("asked_before", "told", "hop_says", "bets"),
    [
        ("bet_situation", "Your last bet was not placed.", "Your last bet was not placed.", 0),
        ("post_transfer", "If your last bet is placed", "Bet placed. Ref ", 1),
        ("COMMIT", "If your last bet is placed", "Bet placed. Ref ", 1),
    ],
)
def test_a_dial_in_the_middle_of_the_bet(
    world: World,
    app: Flask,
    phone_of: Callable[[str], Phone],
    asked_before: str,
    told: str,
    hop_says: str,
    bets: int,
) -> None:
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    world.has_market(label="Rain")
    world.has_player(WANJIRU, balance=kes(500))
    phone = phone_of(WANJIRU).dial().type("1").type("1").type("1").type("100")
    redial: list[str] = []
    once_before(
        wiring.database, asked_before, lambda: redial.append(phone_of(WANJIRU).dial().screen)
    )

    phone.type(PIN).shows(hop_says)

    assert told in redial[0]
    assert world.count("bet") == bets
    assert world.wallet(WANJIRU) == kes(500 - 100 * bets)
    # Who was told that it was not placed on the bet's own page need not hear it again.
    assert ("Your last bet was placed. Ref " in phone_of(WANJIRU).dial().screen) is (bets == 1)
