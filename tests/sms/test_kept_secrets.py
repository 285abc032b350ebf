"""Whatever is taken for a PIN or a code is kept without a digit."""

import pytest

from sms.grammar import holds_a_secret
from tests.sms.exchange import Exchange


@pytest.mark.parametrize(
    "words",
    [
        "4826",
        "48 / 26",
        "PIN 4 .. 8 .. 2 ... 6",
        "my pin is 4 and 8 and 2 and 6",
        "PIN 4n8n2n6",
        "\u2074\u2078\u00b2\u2076",
        "BET 101 YES 100 PIN 12 and 34",
    ],
)
def test_no_digit_of_a_secret_is_kept(exchange: Exchange, words: str) -> None:
    exchange.world.has_player()
    assert holds_a_secret(words)
    exchange.writes(words)
    [kept] = exchange.kept()
    assert "*" in kept
    assert not any(character.isdigit() for character in kept)
