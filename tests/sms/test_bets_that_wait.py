"""A bet by SMS that waits for the wallet keeps nobody waiting for a sum over the market's bets."""

from concurrent.futures import ThreadPoolExecutor

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
