"""What staff see of a draft is, to the letter, what the phone shows once it is open."""

from datetime import datetime, timedelta

import pytest

from core.clock import NAIROBI
from core.database import in_transaction
from core.markets.market import get_market
from core.markets.rules import PayoutRule
from core.money import kes
from core.text import Language
from tests.phone import Phone
from tests.world import World
from ussd.market_preview import PhonePage, preview_market

QUESTION = "Will [Gor] Mahia win {5 goals} on Sunday or Monday?"


def previewed(world: World, market_id: int, language: Language) -> list[PhonePage]:
    market = in_transaction(world.database, lambda c: get_market(c, market_id=market_id))
    return preview_market(
        question=market.question,
        label=market.label,
        closes_at=market.closes_at,
        fee_bps=market.fee_bps,
        payout_rule=market.payout_rule,
        language=language,
    )


@pytest.mark.parametrize(
    ("language", "rule"),
    [(Language.ENGLISH, PayoutRule.EQUAL), (Language.SWAHILI, PayoutRule.PRO_RATA)],
)
def test_the_preview_is_the_page(
    world: World, phone: Phone, language: Language, rule: PayoutRule
) -> None:
    market_id = world.has_market(
        QUESTION, label="Gor wins", payout_rule=rule, closes_in=timedelta(days=2)
    )
    world.has_player(phone.number, balance=kes(1000), language=language)
    own, listed, confirmation = previewed(world, market_id, language)

    assert phone.dial("*384*2030*1#").screen == listed.text
    assert phone.type("1").screen == own.text
    assert phone.type("1").type("1000").screen == confirmation.text
    assert own.septets <= own.most


def test_what_is_too_long_for_a_phone_is_shown_whole() -> None:
    [own, *_] = preview_market(
        question="Will it rain? " * 20,
        label="Rain",
        closes_at=datetime(2026, 12, 31, tzinfo=NAIROBI),
        fee_bps=0,
        payout_rule=PayoutRule.PRO_RATA,
        language=Language.ENGLISH,
    )
    assert own.septets > own.most
    assert own.text.count("Will it rain?") == 20
