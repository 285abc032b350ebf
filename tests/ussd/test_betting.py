"""Bets placed from a phone, told as the caller lives them."""

from core.money import kes
from tests.phone import Phone
from tests.world import PIN, World


def test_a_player_bets_from_the_main_menu(world: World, phone: Phone) -> None:
    derby = world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))

    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("200")
    phone.shows("KES 200 on YES").shows("Will Gor Mahia win on Sunday?").shows("KES 200 if YES")
    phone.type(PIN).shows("Bet placed. Ref ").shows("Balance KES 300").has_hung_up()

    assert world.wallet(phone.number) == kes(300)
    assert world.pool(derby, "yes") == kes(200)
