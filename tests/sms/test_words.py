"""Whatever is written gets an answer that a phone can show, in the player's language."""

import re

import pytest

from core.gsm7 import septets
from core.money import kes
from core.text import Language
from tests.sms.exchange import Exchange
from tests.sms.spellings import MISSED, UNDERSTOOD


@pytest.mark.parametrize("language", Language)
def test_every_spelling_is_answered_in_one_segment_and_no_pin_is_repeated(
    exchange: Exchange, language: Language
) -> None:
    exchange.world.has_player(language=language)
    for written in filter(None, [*UNDERSTOOD, *MISSED]):
        exchange.world.moves(minutes=10)
        told = exchange.asks(written)
        assert septets(told) <= 160
        for digits in re.findall(r"\d{4,}", written):
            assert digits not in told, written


def test_the_language_is_changed_and_remembered(exchange: Exchange) -> None:
    exchange.world.has_player(balance=kes(1_500))
    assert exchange.asks("LANG SW") == (
        "Kuanzia sasa tutakuandikia kwa Kiswahili. Tuma LUGHA EN upate English."
    )
    assert exchange.asks("bal").startswith("Salio KES 1,500.")
    assert exchange.asks("BTE 112 NDIO 50") == (
        "Ulimaanisha DAU 112 NDIYO 50? Tuma hivyo. Hujakatwa pesa."
    )
    assert exchange.asks("LUGHA EN") == (
        "From now on we write to you in English. Send LANG SW for Kiswahili."
    )
    assert exchange.asks("SALIO").startswith("Balance KES 1,500.")
    assert exchange.world.count("audit_event WHERE act = 'player.language'") == 2
