"""Many players with a bet each, written in a few statements, as the use cases would."""

from sqlalchemy import text

from core.money import kes
from tests.world import World

STAKE = kes(100)
_HASH = """
    sha256(convert_to(:kind || '|None|' || (
        SELECT string_agg(leg, '|' ORDER BY leg COLLATE "C")
        FROM (VALUES ({giver} || '\\:-10000'), ({taker} || '\\:10000')) legs (leg)), 'UTF8'))
"""
_PLAYERS = """
    INSERT INTO player (phone, full_name, language)
    SELECT '+2547110' || lpad(n::text, 5, '0'), 'One of Many', 'en'
    FROM generate_series(1, :size) n
"""
_WALLETS = """
    SELECT open_account(kind, p.id, NULL, NULL)
    FROM player p CROSS JOIN (VALUES ('player_available'), ('player_held')) k (kind)
    WHERE p.full_name = 'One of Many'
"""
_GIFTS = f"""
    SELECT post_transfer(:kind, 'crowd', p.id::text, {_HASH.format(giver="c.id", taker="w.id")},
        ARRAY[c.id, w.id], ARRAY[-10000, 10000]\\:\\:bigint[], 'test', NULL, NULL, NULL)
    FROM player p JOIN account w ON w.kind = 'player_available' AND w.owner = p.id
    JOIN account c ON c.kind = 'operator_capital' WHERE p.full_name = 'One of Many'
"""
_BETS = f"""
    WITH posted AS MATERIALIZED (
        SELECT p.id, s.side, t.* FROM player p
        JOIN account w ON w.kind = 'player_available' AND w.owner = p.id
        JOIN account s ON s.kind = 'market_side' AND s.market = :market
            AND s.side = CASE p.id % 3 WHEN 0 THEN 'no' ELSE 'yes' END
        CROSS JOIN LATERAL post_transfer(:kind, 'crowd-bet', p.id::text,
            {_HASH.format(giver="w.id", taker="s.id")}, ARRAY[w.id, s.id],
            ARRAY[-10000, 10000]\\:\\:bigint[], 'test', NULL, NULL, NULL) t
        WHERE p.full_name = 'One of Many')
    INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)
    SELECT :market, id, side, 10000, transfer_id, posted_at FROM posted
"""


def crowd_bets(world: World, market_id: int, *, size: int) -> None:
    """So many new players bet 100 shillings each, a third of them on NO, and have nothing left."""
    with world.owner.begin() as connection:
        connection.execute(text(_PLAYERS), {"size": size})
        connection.execute(text(_WALLETS))
        connection.execute(text(_GIFTS), {"kind": "capital"})
        connection.execute(text(_BETS), {"kind": "stake", "market": market_id})
