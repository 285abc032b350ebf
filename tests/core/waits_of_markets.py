"""Who decides about a market, and waits for a bet or for another chunk that is under way."""

from datetime import timedelta
from typing import Final

from core.ledger.reference import reference_of
from core.markets.approve_market import approve_market
from core.markets.cancel_bet import cancel_bet
from core.markets.close_market import close_market
from core.markets.correct_result import correct_result
from core.markets.dispute_result import dispute_result
from core.markets.resolve_market import resolve_market
from core.markets.rule_dispute import rule_dispute
from core.markets.rules import Outcome, Ruling
from core.markets.settle_market import settle_chunk
from core.markets.void_unresolved import void_unresolved
from tests.core.waits import Act
from tests.fuzz.switchboard import PHONE

_A_BET: Final = ("market", "SELECT pg_advisory_xact_lock_shared(1, :id)")
_A_CLOSER: Final = ("market", "SELECT pg_advisory_xact_lock(1, :id)")
_A_CHUNK: Final = ("settled", "SELECT FROM settlement WHERE market_id = :id FOR UPDATE")
_AT_ONCE: Final = timedelta(0)
WAITS_OF_MARKETS: Final[dict[str, tuple[str, str, Act]]] = {
    "approve_market": (
        *_A_BET,
        lambda c, s: approve_market(c, market_id=s.ids["market"], by=s.admin),
    ),
    "cancel_bet": (
        *_A_CLOSER,
        lambda c, s: cancel_bet(
            c, player=s.world.player(PHONE), reference=reference_of(s.ids["stake"])
        ),
    ),
    "close_market": (
        *_A_BET,
        lambda c, s: close_market(c, market_id=s.ids["market"], by=s.admin),
    ),
    "resolve_market": (
        *_A_BET,
        lambda c, s: resolve_market(
            c, market_id=s.ids["market"], by=s.admin, challenge_window=_AT_ONCE
        ),
    ),
    "correct_result": (
        *_A_BET,
        lambda c, s: correct_result(
            c,
            market_id=s.ids["market"],
            outcome=Outcome.NO,
            evidence="The referee's report",
            by=s.admin,
            challenge_window=_AT_ONCE,
        ),
    ),
    "dispute_result": (
        *_A_BET,
        lambda c, s: dispute_result(c, market_id=s.ids["market"], player=s.world.player(PHONE)),
    ),
    "rule_dispute": (
        *_A_BET,
        lambda c, s: rule_dispute(
            c, market_id=s.ids["market"], ruling=Ruling.UPHELD, reason="We saw it", by=s.admin
        ),
    ),
    "void_unresolved": (
        *_A_BET,
        lambda c, s: void_unresolved(c, market_id=s.ids["market"]),
    ),
    "settle_chunk": (*_A_CHUNK, lambda c, s: settle_chunk(c, market_id=s.ids["settled"])),
}
