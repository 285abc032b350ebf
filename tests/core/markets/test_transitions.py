"""The life of a market attacked with SQL, as the application's own login could."""

from datetime import timedelta
from itertools import product

import pytest

from core.database import in_transaction, now
from core.markets.create_market import create_market
from core.markets.rules import MarketStatus, Outcome, PayoutRule, Side
from core.money import kes
from tests.core.markets.bookmaker import NO_WINDOW, Bookmaker
from tests.core.markets.intruder import CHECKED, GUARDED, STANDS, says
from tests.core.markets.life import suspends
from tests.world import ASHA, BARAKA, World

S = MarketStatus
HOUR = timedelta(hours=1)
WANJIRU = "+254700000001"
ALLOWED = {
    (S.DRAFT, S.DRAFT),
    (S.DRAFT, S.OPEN),
    (S.OPEN, S.OPEN),
    (S.OPEN, S.SUSPENDED),
    (S.OPEN, S.CLOSED),
    (S.OPEN, S.PROPOSED),
    (S.SUSPENDED, S.OPEN),
    (S.SUSPENDED, S.CLOSED),
    (S.SUSPENDED, S.PROPOSED),
    (S.CLOSED, S.PROPOSED),
    (S.CLOSED, S.VOIDING),
    (S.PROPOSED, S.PROPOSED),
    (S.PROPOSED, S.CLOSED),
    (S.PROPOSED, S.OPEN),
    (S.PROPOSED, S.SUSPENDED),
    (S.PROPOSED, S.SETTLING),
    (S.PROPOSED, S.VOIDING),
    (S.PROPOSED, S.SETTLED),
    (S.PROPOSED, S.VOIDED),
    (S.SETTLING, S.SETTLED),
    (S.VOIDING, S.VOIDED),
    (S.SETTLED, S.PROPOSED),
    (S.VOIDED, S.PROPOSED),
}
UNDECIDED: dict[str, object] = {"resolved_by": None, "voided_by_system": False}
# What else must change for a status to be reached; names of admins stand for their ids.
TO: dict[MarketStatus, dict[str, object]] = {
    S.DRAFT: UNDECIDED,
    S.OPEN: {"approved_by": BARAKA, **UNDECIDED},
    S.SUSPENDED: {"approved_by": BARAKA, **UNDECIDED},
    S.CLOSED: {"approved_by": BARAKA, **UNDECIDED},
    S.PROPOSED: {
        "approved_by": BARAKA,
        "proposed_outcome": "void",
        "proposed_by": ASHA,
        **UNDECIDED,
    },
    S.SETTLING: {"approved_by": BARAKA, "outcome": "yes", "resolved_by": BARAKA},
    S.SETTLED: {"approved_by": BARAKA, "outcome": "yes", "resolved_by": BARAKA},
    S.VOIDING: {"approved_by": BARAKA, "outcome": "void", "resolved_by": BARAKA},
    S.VOIDED: {"approved_by": BARAKA, "outcome": "void", "resolved_by": BARAKA},
}
CORRECTED = (
    "UPDATE market SET status = 'proposed', proposed_outcome = 'no', resolved_by = NULL,"
    " version = 2, proposed_at = kibeezy_now(),"
    " challenge_ends_at = kibeezy_now() + interval '1 hour' WHERE id = {id};"
)
# Of a market in which somebody has bet.
UPHELD = (
    "INSERT INTO dispute (market_id, proposed_at, player_id) SELECT m.id, m.proposed_at,"
    " b.player_id FROM market m JOIN bet b ON b.market_id = m.id WHERE m.id = {id};"
    "UPDATE dispute SET ruling = 'upheld', ruled_at = kibeezy_now(), reason = 'x',"
    f" ruled_by = (SELECT id FROM admin WHERE email = '{BARAKA}');"
)
BY_SYSTEM = {"outcome": "void", "resolved_by": None, "voided_by_system": True}


def test_every_pair_of_states_and_no_step_beside_the_way(
    world: World, bookmaker: Bookmaker
) -> None:
    stepped = set[tuple[MarketStatus, MarketStatus]]()
    world.has_player(WANJIRU, balance=kes(1_000))
    stands = _one_market_of_each(world, bookmaker)
    void = proposed(world, bookmaker, Outcome.VOID, window=NO_WINDOW)
    resolvable = proposed(world, bookmaker, Outcome.YES, window=NO_WINDOW)
    early = {status: _void_of(world, bookmaker, status) for status in (S.OPEN, S.SUSPENDED)}
    for before, after in product(MarketStatus, MarketStatus):
        change = {"status": after, **TO[after]}
        ways, first, market_id = [change], "", stands[before]
        match before, after:
            case S.PROPOSED, S.VOIDING:
                market_id = void
            case S.PROPOSED, S.SETTLING:
                market_id = resolvable
            case S.PROPOSED, S.CLOSED:
                first = UPHELD.format(id=market_id)
            case S.PROPOSED, S.OPEN | S.SUSPENDED:
                market_id, change["resolve_by"] = early[after], None
                first = UPHELD.format(id=market_id)
            case S.PROPOSED, S.SETTLED | S.VOIDED:
                # Back from a correction, which is the only way there, and needs no dispute.
                market_id, change["version"] = stands[after], 1
                first = CORRECTED.format(id=market_id)
            case ((S.SETTLED | S.VOIDED), S.PROPOSED):
                change["version"] = 2
            case _, S.VOIDING | S.VOIDED:
                ways.append(change | BY_SYSTEM)
            case _:
                pass
        states = {says(world, market_id, way, first=first) for way in ways}
        assert states <= {None, GUARDED, STANDS, CHECKED}, (before, after)
        if None in states:
            stepped.add((before, after))
    assert stepped == ALLOWED


def test_only_an_upheld_dispute_takes_a_first_proposal_back(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(1_000))
    market_id = proposed(world, bookmaker, Outcome.YES)
    back = {"status": S.CLOSED}
    assert says(world, market_id, back) == GUARDED
    dismissed = UPHELD.format(id=market_id).replace("upheld", "dismissed")
    assert says(world, market_id, back, first=dismissed) == GUARDED
    assert says(world, market_id, back, first=UPHELD.format(id=market_id)) is None


def test_only_a_void_of_an_open_market_takes_it_back_to_open_and_in_time(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(1_000))
    early = _void_of(world, bookmaker, S.OPEN)
    closed = proposed(world, bookmaker, Outcome.VOID)
    back: dict[str, object] = {"status": S.OPEN, "resolve_by": None}
    assert says(world, early, back) == GUARDED
    assert says(world, early, back, first=UPHELD.format(id=early)) is None
    keeps_deadline = {"status": S.OPEN}
    assert says(world, early, keeps_deadline, first=UPHELD.format(id=early)) == GUARDED
    paused = back | {"status": S.SUSPENDED}
    assert says(world, early, paused, first=UPHELD.format(id=early)) == GUARDED
    assert says(world, closed, back, first=UPHELD.format(id=closed)) == GUARDED
    first = UPHELD.format(id=early) + (
        f"UPDATE market SET closes_at = kibeezy_now() WHERE id = {early};"
    )
    assert says(world, early, back, first=first) == GUARDED


def test_a_person_voids_nothing_alone_and_the_system_nothing_early(
    world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    bookmaker.closes(market_id)
    proposed = {"proposed_outcome": "void", "proposed_by": ASHA}
    alone = {"status": S.VOIDING, **TO[S.VOIDING], **proposed}
    by_system = {"status": S.VOIDING, **BY_SYSTEM}
    assert says(world, market_id, alone) == GUARDED
    world.moves(hours=168, minutes=-1)
    assert says(world, market_id, by_system) == GUARDED
    world.moves(minutes=1)
    assert says(world, market_id, alone) == GUARDED
    assert says(world, market_id, by_system) is None
    assert says(world, market_id, by_system | {"outcome": "yes"}) == CHECKED
    assert says(world, market_id, {**by_system, "status": S.SETTLING}) in (GUARDED, CHECKED)


def test_the_system_leaves_a_proposal_a_day_beyond_its_window(
    world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    bookmaker.closes(market_id)
    world.moves(hours=167)
    bookmaker.proposes(market_id, Outcome.YES, window=3 * HOUR)
    by_system = {"status": S.VOIDING, **BY_SYSTEM}
    world.moves(hours=26, minutes=59)
    assert says(world, market_id, by_system) == GUARDED
    world.moves(minutes=2)
    assert says(world, market_id, by_system) is None


@pytest.mark.parametrize(
    "change",
    [
        {"resolve_by": "2099-01-01T00:00+00:00"},
        {"resolve_by": None},
        {"challenge_ends_at": "2099-01-01T00:00+00:00"},
        {"challenge_ends_at": None},
        {"proposed_at": "2026-01-01T00:00+00:00", "challenge_ends_at": "2025-01-01T00:00+00:00"},
    ],
)
def test_no_deadline_is_moved(
    world: World, bookmaker: Bookmaker, change: dict[str, object]
) -> None:
    market_id = world.has_market()
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.VOID, window=HOUR)
    assert says(world, market_id, change) == GUARDED
    assert says(world, market_id, {"evidence": "The same again"}) is None


def test_what_was_attested_and_the_approval_stand(world: World) -> None:
    market_id = world.has_market()
    for column in ("attestation", "approval_ref"):
        assert says(world, market_id, {column: "something else"}) == STANDS


def _one_market_of_each(world: World, bookmaker: Bookmaker) -> dict[MarketStatus, int]:
    """A market of every status; the closed one is beyond its deadline, and the others are not."""
    closed = world.has_market()
    bookmaker.closes(closed)
    world.moves(hours=168)
    suspended = world.has_market()
    suspends(world, suspended)
    outcomes = {
        S.SETTLING: Outcome.YES,
        S.VOIDING: Outcome.VOID,
        S.SETTLED: Outcome.YES,
        S.VOIDED: Outcome.VOID,
    }
    # What is being paid here has no money in it, so that it can end.
    paying = (S.SETTLING, S.VOIDING)
    resolved = {
        status: proposed(world, bookmaker, outcome, window=NO_WINDOW, staked=status not in paying)
        for status, outcome in outcomes.items()
    }
    for status, market_id in resolved.items():
        bookmaker.resolves(market_id)
        if status not in paying:
            bookmaker.pays(market_id)
    return resolved | {
        S.DRAFT: _draft(world, bookmaker),
        S.OPEN: world.has_market(),
        S.SUSPENDED: suspended,
        S.CLOSED: closed,
        S.PROPOSED: proposed(world, bookmaker, Outcome.YES),
    }


def _draft(world: World, bookmaker: Bookmaker) -> int:
    draft = in_transaction(
        world.database,
        lambda c: create_market(
            c,
            question="Will it rain?",
            closes_at=now(c) + HOUR,
            fee_bps=1000,
            payout_rule=PayoutRule.PRO_RATA,
            by=bookmaker.asha,
        ),
    )
    return draft.id


def _void_of(world: World, bookmaker: Bookmaker, status: MarketStatus) -> int:
    """A void proposed for a market that was open or suspended, with a bet."""
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 20)
    if status is S.SUSPENDED:
        suspends(world, market_id)
    bookmaker.proposes(market_id, Outcome.VOID, window=HOUR)
    return market_id


def proposed(
    world: World,
    bookmaker: Bookmaker,
    outcome: Outcome,
    *,
    window: timedelta = HOUR,
    staked: bool = True,
) -> int:
    market_id = world.has_market()
    if staked:
        bookmaker.bets(WANJIRU, market_id, Side.YES, 20)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, outcome, window=window)
    return market_id
