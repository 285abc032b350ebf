"""A caller of Hubtel's on the edge of a bet."""

import pytest
from flask.testing import FlaskClient

from core.money import kes
from tests.phone import HUBTEL, Phone
from tests.ussd.gateways.caller import NUMBER
from tests.world import World


@pytest.fixture
def bettor(world: World, client: FlaskClient) -> Phone:
    """One PIN away from a bet of 100."""
    world.has_market(label="Gor Mahia wins")
    world.has_player(NUMBER, balance=kes(500))
    phone = HUBTEL.phone(client, NUMBER).dial()
    return phone.choose("Bet").choose("Gor Mahia").choose("YES").type("100")
