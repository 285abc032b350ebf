"""A teller, and the people who look at large withdrawals."""

from itertools import count

import pytest

from core.config.rules import Dated
from core.money import kes
from core.withdrawals.records import Withdrawal
from tests.core.withdrawals.office import Office
from tests.core.withdrawals.teller import Teller, sets
from tests.world import World

_phones = count(254_700_000_300)


@pytest.fixture
def teller(world: World) -> Teller:
    return Teller.of_a_new_player(world, phone=f"+{next(_phones)}")


@pytest.fixture
def office(teller: Teller) -> Office:
    """Withdrawals of KES 500 and more wait for its people."""
    sets(teller.world, Dated.WITHDRAWAL_APPROVAL_FROM_KES, 500)
    return Office.of(teller)


@pytest.fixture
def large(office: Office) -> Withdrawal:
    return office.teller.asks(kes(500))
