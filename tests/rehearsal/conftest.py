"""The house of the rehearsal: engines of its own, opened once."""

from collections.abc import Iterator

import pytest

from laptop.engines import Engines
from rehearsal.stage import open_house


@pytest.fixture(scope="session")
def house() -> Iterator[Engines]:
    with open_house() as engines:
        yield engines
