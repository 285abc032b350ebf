"""Statements that somebody who can write SQL as the application would try to get money with.

Each is refused by the database, or named by an invariant while it still stands. What nobody would
notice is said in tests/attacks/policy.py and in docs/adr/0037-injected-statements.md.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from core.ledger.invariants import INVARIANTS
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Outcome, Side
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.withdrawals.teller import Teller
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
OPEN, CLOSED, DECIDED = 101, 102, 103
NOT_PERMITTED, APPEND_ONLY, FROZEN, NO_WAY, NOTHING = "42501", "KB003", "KB005", "KB006", "KB016"

_WANJIRU = f"(SELECT id FROM player WHERE phone = '{WANJIRU}')"
_OTIENO = f"(SELECT id FROM player WHERE phone = '{OTIENO}')"
_WALLET = f"(SELECT id FROM account WHERE kind = 'player_available' AND owner = {_WANJIRU})"
_SIDE = "(SELECT id FROM account WHERE kind = 'market_side' AND market = {market} AND side = 'yes')"
_ASHA, _BARAKA = "(SELECT min(id) FROM admin)", "(SELECT max(id) FROM admin)"
_NEWEST = "(SELECT max(id) FROM transfer)"


def post(kind: str, taken: str, given: str, cents: int = 2_000) -> str:
    return (
        f"SELECT post_transfer('{kind}', 'attack', '1', sha256('x'), ARRAY[{taken}, {given}],"
        f" ARRAY[{-cents}, {cents}]::bigint[], 'thief', NULL, NULL, NULL)"
    )


def stake(market: int) -> str:
    return post("stake", _WALLET, _SIDE.format(market=market))


def bet(
    market: int = OPEN,
    player: str = _WANJIRU,
    side: str = "yes",
    cents: int = 2_000,
    at: str = "kibeezy_now()",
) -> str:
    return (
        "INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)"
        f" VALUES ({market}, {player}, '{side}', {cents}, {_NEWEST}, {at})"
    )


def market(columns: str, values: str) -> str:
    return (
        "INSERT INTO market (question, label, category, fee_bps, payout_rule, closes_at,"
        f" created_by, {columns}) VALUES ('?', '?', 'Sport', 0, 'equal', kibeezy_now(), {_ASHA},"
        f" {values})"
    )


_FILE = (
    "INSERT INTO statement_import (source, money, covers_from, covers_to, n_lines, n_new,"
    " imported_by, approved_by, approved_at) VALUES ('csv', 'in', kibeezy_now() - interval '1 day',"
    f" kibeezy_now(), 0, 0, {_ASHA}, {_BARAKA}, kibeezy_now())"
)
_DECIDED = (
    "INSERT INTO decision (withdrawal_id, player_id, outcome, evidence, proposed_by, agreed_by,"
    f" agreed_at) SELECT id, player_id, 'paid', 'x', {_ASHA}, {_BARAKA}, kibeezy_now()"
    " FROM withdrawal"
)
_LINE = (
    "INSERT INTO settlement_line (market_id, bet_id, player_id, payout_cents, transfer_id)"
    f" SELECT {DECIDED}, id, player_id, 1, {_NEWEST} FROM bet WHERE market_id = {OPEN} LIMIT 1"
)
_SETTLEMENT = (
    "INSERT INTO settlement (market_id, outcome, refunded, pool_cents, fee_cents, remainder_cents,"
    " plan_hash, {column}) VALUES ({market}, 'yes', false, 0, 0, 0, sha256('x'), {value})"
)
_VERIFIED = (
    "INSERT INTO player (phone, full_name, language, kyc_verified_at)"
    " VALUES ('+254700000009', 'Loot', 'en', kibeezy_now())"
)
_PAID_BY_ANOTHER = (
    "UPDATE settlement_line SET transfer_id = (SELECT min(id) FROM transfer)"
    " WHERE bet_id = (SELECT min(bet_id) FROM settlement_line)"
)
_GIVEN_BACK = (
    "UPDATE withdrawal SET state = 'failed', end_transfer_id = (SELECT min(id) FROM transfer)"
)

REFUSED = {
    "a stake without a bet": ((stake(OPEN),), NOTHING),
    "a bet without a stake": ((bet(),), NOTHING),
    "a bet on another's stake": ((stake(OPEN), bet(player=_OTIENO)), NOTHING),
    "a bet larger than its stake": ((stake(OPEN), bet(cents=200_000)), NOTHING),
    "a bet on the other side": ((stake(OPEN), bet(side="no")), NOTHING),
    "a bet on another market": ((stake(CLOSED), bet()), NOTHING),
    "a bet on a closed market": ((stake(CLOSED), bet(CLOSED)), NOTHING),
    "a bet after the close": (
        (stake(OPEN), bet(at="(SELECT closes_at FROM market WHERE id = 101)")),
        NOTHING,
    ),
    "the bet of another player's wallet": (
        (post("stake", _WALLET.replace(WANJIRU, OTIENO), _SIDE.format(market=OPEN)), bet()),
        NOTHING,
    ),
    "a market born open": ((market("status, approved_by", f"'open', {_BARAKA}"),), NO_WAY),
    "a market born proposed": (
        (market("proposed_by, proposed_outcome", f"{_ASHA}, 'yes'"),),
        NO_WAY,
    ),
    "a market born settled": (
        (
            market(
                "status, approved_by, proposed_by, resolved_by, outcome",
                f"'settled', {_BARAKA}, {_ASHA}, {_BARAKA}, 'yes'",
            ),
        ),
        NO_WAY,
    ),
    "a market born as a correction": ((market("version", "2"),), NO_WAY),
    "a market of somebody else's": (
        (f"UPDATE market SET created_by = {_BARAKA} WHERE id = {OPEN}",),
        FROZEN,
    ),
    "a decision born agreed": ((_DECIDED,), NO_WAY),
    "a file born approved": ((_FILE,), NO_WAY),
    "a line born paid": ((_LINE,), NO_WAY),
    "a settlement born finished": (
        (_SETTLEMENT.format(market=CLOSED, column="finished_at", value="kibeezy_now()"),),
        NO_WAY,
    ),
    "a settlement born behind its players": (
        (_SETTLEMENT.format(market=CLOSED, column="through_player", value="9"),),
        NO_WAY,
    ),
    "a settlement born behind its bets": (
        (_SETTLEMENT.format(market=CLOSED, column="through_bet", value="9"),),
        NO_WAY,
    ),
    "a payout to another number": (
        (f"UPDATE player SET phone = '+254700000009' WHERE id = {_WANJIRU}",),
        NOT_PERMITTED,
    ),
    "a player born verified": (
        (_VERIFIED,),
        NOT_PERMITTED,
    ),
    "another callback than came": (("UPDATE provider_callback SET body = '{}'",), NOT_PERMITTED),
    "a second wallet": (
        (f"SELECT open_account('player_available', {_WANJIRU}, {OPEN}, NULL)",),
        "23514",
    ),
    "a wallet with a side": (
        (f"SELECT open_account('player_held', {_WANJIRU}, NULL, 'yes')",),
        "23514",
    ),
}

NOTICED = {
    "a payout of no bet": (
        "each payout and refund has its line",
        (post("payout", _SIDE.format(market=OPEN), _WALLET),),
    ),
    "a pool that was emptied": (
        "open stakes equal the side's account",
        (post("payout", _SIDE.format(market=OPEN), _WALLET),),
    ),
    "a line paid by another transfer": (
        "each paid line has the right money in the right wallet",
        (_PAID_BY_ANOTHER,),
    ),
    "a settlement that is only said to be finished": (
        "each finished settlement booked its fee and remainder",
        ("UPDATE settlement SET finished_at = kibeezy_now()",),
    ),
    "a hold that was given back on paper": (
        "held money equals open withdrawals and frozen deposits",
        (_GIVEN_BACK,),
    ),
}


@pytest.fixture
def stocked(world: World) -> World:
    """An open market with bets, a closed one, one whose settlement waits, and money held."""
    bookmaker = Bookmaker(world)
    world.has_player(OTIENO, balance=kes(1000))
    Teller.of_a_new_player(world, phone=WANJIRU, balance=kes(2000)).asks()
    for _ in (OPEN, CLOSED, DECIDED):
        bookmaker.bets(WANJIRU, world.has_market(), Side.YES, 100)
    for number in (CLOSED, DECIDED):
        bookmaker.bets(OTIENO, number, Side.NO, 50)
        bookmaker.closes(number)
    bookmaker.proposes(DECIDED, Outcome.YES)
    bookmaker.resolves(DECIDED)
    return world


def attempt(engine: Engine, *statements: str) -> str | None:
    """The state PostgreSQL refuses them with, at the COMMIT at the latest; nothing is left."""
    with engine.connect() as connection:
        try:
            for statement in (*statements, "SET CONSTRAINTS ALL IMMEDIATE"):
                connection.exec_driver_sql(statement)
        except DBAPIError as error:
            return sql_state(error)
        finally:
            connection.rollback()
    return None


def test_the_database_refuses(stocked: World) -> None:
    tried = {name: attempt(stocked.database, *words) for name, (words, _) in REFUSED.items()}

    assert tried == {name: state for name, (_, state) in REFUSED.items()}


def test_an_honest_bet_stands(stocked: World) -> None:
    assert attempt(stocked.database, stake(OPEN), bet()) is None


def test_an_invariant_notices(stocked: World) -> None:
    silent = {}
    for name, (invariant, statements) in NOTICED.items():
        with stocked.database.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            if not connection.execute(text(INVARIANTS[invariant])).scalars().all():
                silent[name] = invariant
            connection.rollback()

    assert silent == {}


# What a settlement pays has its invariants, and capital its owner.
_WITHOUT_A_REASON = {"payout", "refund", "fee", "capital"}


def test_money_moves_only_for_something(stocked: World) -> None:
    with stocked.database.begin() as connection:
        kinds = dict(_movements(connection))
    tried = {kind: attempt(stocked.database, statement) for kind, statement in kinds.items()}

    assert tried == {kind: NOTHING for kind in kinds if kind not in _WITHOUT_A_REASON}


def _movements(connection: Connection) -> Iterator[tuple[str, str]]:
    """A kind, and a statement that moves money in a way that is allowed for it."""
    for kind in ("player_clawback", "player_held"):
        connection.exec_driver_sql(f"SELECT open_account('{kind}', {_WANJIRU}, NULL, NULL)")
    rules = connection.exec_driver_sql("SELECT kind, account_kind, direction FROM movement_rules()")
    ways: dict[str, dict[int, str]] = {}
    for row in rules:
        # The wallet that has money goes before the one that has not.
        first = ways.setdefault(row.kind, {})
        if row.account_kind != "player_clawback":
            first[row.direction] = row.account_kind
    for kind, way in ways.items():
        if kind not in _WITHOUT_A_REASON:
            yield kind, post(kind, _account(way[-1]), _account(way[1]))


def _account(kind: str) -> str:
    owner = f"owner = {_WANJIRU}" if kind.startswith("player") else "true"
    return f"(SELECT min(id) FROM account WHERE kind = '{kind}' AND {owner})"


def test_a_lock_that_is_held_for_ever_costs_time_and_no_money(stocked: World) -> None:
    player_id = stocked.player(WANJIRU).id
    before = stocked.wallet(WANJIRU)
    with stocked.database.connect() as thief, stocked.database.connect() as connection:
        thief.execute(text("SELECT pg_advisory_lock(1, :market)"), {"market": OPEN})
        connection.exec_driver_sql("SET LOCAL lock_timeout = 50")
        with pytest.raises(DBAPIError) as refused:
            place_bet(
                connection,
                player_id=player_id,
                market_id=OPEN,
                side=Side.YES,
                stake=kes(20),
                key=Key("attack", "call:1"),
                settings=stocked.settings,
            )
        thief.execute(text("SELECT pg_advisory_unlock_all()"))

    assert sql_state(refused.value) == "55P03"
    assert stocked.wallet(WANJIRU) == before
    Bookmaker(stocked).bets(WANJIRU, OPEN, Side.YES, 20)
