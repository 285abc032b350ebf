"""Behind its locks a bet by SMS reads little, however many bets there are: nobody waits for it."""

import re
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event, text

from core.config.rules import Dated
from core.markets.rules import Side
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_cancel_races import held_wallet
from tests.core.markets.test_races import await_a_waiting_lock
from tests.sms.writer import PHONE, Writer, english
from tests.world import World

RIVAL = "+254700000002"


def test_what_it_may_pay_is_reckoned_before_the_wallet_is_held(world: World) -> None:
    for phone in (PHONE, RIVAL):
        world.has_player(phone, balance=kes(500))
    writer = Writer(world)
    Bookmaker(world).bets(RIVAL, writer.market, Side.NO, 100)
    with ThreadPoolExecutor(1) as pool:
        with held_wallet(world):
            betting = pool.submit(writer.bets, 100)
            await_a_waiting_lock(world)
            Bookmaker(world).bets(RIVAL, writer.market, Side.NO, 400)
        assert ", may pay 180. Balance KES 400." in english(betting.result())


def test_what_was_bet_today_is_read_without_what_was_bet_before(world: World) -> None:
    """Also while statistics know of no bet by SMS yet, as on the day that there are any."""
    world.has_player(PHONE, balance=kes(1_000_000))
    world.always_had(Dated.DAILY_STAKE_MAX_KES, 100_000)
    writer = Writer(world)
    Bookmaker(world).bets_in_bulk(PHONE, writer.market, 3000)
    with world.owner.begin() as connection:
        connection.execute(text("ANALYZE transfer"))
    world.moves(days=1)
    asked: list[tuple[str, object]] = []
    event.listen(world.database, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
    assert writer.bets(20).kind == "bet_placed"

    plans = []
    with world.owner.connect() as connection:
        for statement, values in asked:
            if "date_trunc" in statement:
                explain = connection.exec_driver_sql(f"EXPLAIN {statement}", values)  # type: ignore[arg-type]
                plans.append("\n".join(explain.scalars()))
    assert len(plans) == 3, "by SMS before and behind the wait for the wallet, and everywhere"
    for plan in plans:
        read = set(re.findall(r"(\w+ Scan(?: using \w+)?) on (?:bet|transfer)\b", plan))
        assert read <= {"Index Scan using bet_of_player_lately", "Index Scan using transfer_pkey"}
        assert re.search(r"Index Cond: \(\(player_id = .+\) AND \(placed_at >= ", plan), plan
