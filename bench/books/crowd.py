"""Many players and many bets, made by the owner in sets, so that the books are sound afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from bench.books.rows import drawn, request_hash
from core.money import Money, kes

_PLAYERS_AT_ONCE = 10_000
_BETS_AT_ONCE = 50_000
_FIRST_NUMBER = 10_000_000
# What a bet of the crowd stakes, in shillings, and how many of a hundred say yes.
STAKES = range(20, 501)
_YES_OF_HUNDRED = 60

_JOIN = text(
    """
    WITH p AS (
        INSERT INTO player (phone, full_name, language, kyc_verified_at)
        SELECT '+2547' || lpad(n::text, 8, '0'), 'Wanjiru Kamau', 'en', kibeezy_now()
        FROM generate_series(CAST(:low AS bigint), CAST(:high AS bigint)) n ORDER BY n
        RETURNING id
    ), a AS (
        INSERT INTO account (kind, owner)
        SELECT k.kind, p.id
        FROM p CROSS JOIN (VALUES ('player_available'), ('player_held')) k (kind)
        RETURNING id
    ), b AS (
        INSERT INTO balance (account_id) SELECT id FROM a
    )
    SELECT min(id), max(id), count(*) FROM p
    """
)
_FUND = text(
    f"""
    WITH line AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('transfer', 'id')) AS id, kibeezy_now() AS at,
            w.owner AS player, w.id AS wallet, c.id AS collection, CAST(:cents AS bigint) AS cents
        FROM account w JOIN account c ON c.kind = 'mpesa_collection'
        WHERE w.kind = 'player_available'
          AND w.owner BETWEEN CAST(:low AS bigint) AND CAST(:high AS bigint)
        ORDER BY w.id
    ), t AS (
        INSERT INTO transfer (id, kind, scope, key, request_hash, n_entries, actor)
        OVERRIDING SYSTEM VALUE
        SELECT id, 'deposit', 'crowd', player::text,
            {request_hash(kind="deposit", source="collection", target="wallet", cents="cents")},
            2, 'system'
        FROM line
    ), e AS (
        INSERT INTO entry (transfer_id, account_id, cents)
        SELECT line.id, x.account, x.cents FROM line
        CROSS JOIN LATERAL (VALUES (wallet, cents), (collection, -cents)) x (account, cents)
    )
    INSERT INTO deposit (player_id, amount_cents, request_key, reference, token, state,
        receipt, result_code, transfer_id, pushed_at, succeeded_at, confirmed_at)
    SELECT player, cents, 'crowd:' || player, 'C' || player, md5('crowd' || player),
        'succeeded', 'CROWD' || player, '0', id, at, at, at
    FROM line
    """  # noqa: S608 - our own words
)
_STAKE = text(
    f"""
    WITH given AS (
        SELECT CAST(:seed AS bigint) AS seed, CAST(:markets AS bigint[]) AS markets,
            CAST(:first AS bigint) AS first, CAST(:players AS bigint) AS players,
            CAST(:yes AS bigint) AS yes,
            CAST(:least AS bigint) AS least, CAST(:stakes AS bigint) AS stakes
    ), number AS MATERIALIZED (
        SELECT n, seed, first + n % players AS player,
            markets[1 + {drawn(seed="seed", number="n", below="cardinality(markets)")}] AS market,
            CASE WHEN {drawn(seed="seed + 1", number="n", below="100")} < yes
                 THEN 'yes' ELSE 'no' END AS side,
            100 * (least + {drawn(seed="seed + 2", number="n", below="stakes")}) AS stake
        FROM given CROSS JOIN generate_series(CAST(:low AS bigint), CAST(:high AS bigint)) n
    ), made AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('transfer', 'id')) AS id, number.*,
            w.id AS wallet, s.id AS pool
        FROM number
        JOIN account w ON w.kind = 'player_available' AND w.owner = number.player
        JOIN account s ON s.kind = 'market_side' AND s.market = number.market
            AND s.side = number.side
    ), t AS (
        INSERT INTO transfer (id, kind, scope, key, request_hash, n_entries, actor)
        OVERRIDING SYSTEM VALUE
        SELECT id, 'stake', 'crowd-bet', seed || ':' || n,
            {request_hash(kind="stake", source="wallet", target="pool", cents="stake")},
            2, 'player:' || player
        FROM made
    )
    INSERT INTO entry (transfer_id, account_id, cents)
    SELECT made.id, x.account, x.cents FROM made
    CROSS JOIN LATERAL (VALUES (wallet, -stake), (pool, stake)) x (account, cents)
    """  # noqa: S608 - our own words
)
# In a statement of its own: a trigger compares each bet with the stake that was posted for it.
_BET = text(
    """
    INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)
    SELECT pool.market, wallet.owner, pool.side, stake.cents, t.id, t.posted_at
    FROM generate_series(CAST(:low AS bigint), CAST(:high AS bigint)) n
    JOIN transfer t ON t.scope = 'crowd-bet' AND t.key = CAST(:seed AS bigint) || ':' || n
    JOIN entry stake ON stake.transfer_id = t.id AND stake.cents > 0
    JOIN account pool ON pool.id = stake.account_id
    JOIN entry paid ON paid.transfer_id = t.id AND paid.cents < 0
    JOIN account wallet ON wallet.id = paid.account_id
    ORDER BY n
    """
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Players with money, and their phones, numbered one after another."""

    first: int
    size: int
    first_number: int

    def phone(self, index: int) -> str:
        """The phone of one of them, from 0 on."""
        return f"+2547{self.first_number + index:08}"


def gather(
    owner: Engine,
    *,
    size: int,
    each: Money,
    progress: Callable[[int], None],
    first_number: int = _FIRST_NUMBER,
) -> Crowd:
    """Let so many players join, each with so much money, by a deposit; nobody else may meanwhile.

    A second crowd in a database needs phone numbers of its own.
    """
    first = 0
    for low in range(0, size, _PLAYERS_AT_ONCE):
        high = min(low + _PLAYERS_AT_ONCE, size) - 1
        with owner.begin() as connection:
            numbers = {"low": first_number + low, "high": first_number + high}
            lowest, highest, count = connection.execute(_JOIN, numbers).one()
            assert highest - lowest + 1 == count, "somebody else joins"
            first = first or lowest
            connection.execute(_FUND, {"low": lowest, "high": highest, "cents": each.cents})
        _look_at_sizes(owner, batch=low // _PLAYERS_AT_ONCE)
        progress(high + 1)
    return Crowd(first, size, first_number)


def bet(
    owner: Engine,
    *,
    crowd: Crowd,
    market_ids: Sequence[int],
    bets: int,
    seed: int,
    progress: Callable[[int], None],
) -> None:
    """Place so many bets, drawn from the seed, on these markets: rows as place_bet writes them.

    No SMS is asked for. Each seed can be used once in a database.
    """
    values = {
        "first": crowd.first,
        "players": crowd.size,
        "markets": list(market_ids),
        "seed": seed,
        "yes": _YES_OF_HUNDRED,
        "least": STAKES.start,
        "stakes": len(STAKES),
    }
    for low in range(0, bets, _BETS_AT_ONCE):
        high = min(low + _BETS_AT_ONCE, bets) - 1
        with owner.begin() as connection:
            connection.execute(_STAKE, {**values, "low": low, "high": high})
            connection.execute(_BET, {"seed": seed, "low": low, "high": high})
        _look_at_sizes(owner, batch=low // _BETS_AT_ONCE)
        progress(high + 1)


def enough_for(bets: int, *, size: int) -> Money:
    """What each needs so that nobody's wallet is short, and as much again to go on with."""
    return kes(2 * STAKES.stop * (bets // size + 1))


def _look_at_sizes(owner: Engine, *, batch: int) -> None:
    """After batches 0, 1, 3, 7 ...: what was planned for small tables is slow on large ones."""
    if batch & (batch + 1) == 0:
        with owner.begin() as connection:
            connection.execute(text("ANALYZE"))
