"""The house of the rehearsal: engines of its own, opened once."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from laptop.engines import Engines
from rehearsal.stage import open_house


@pytest.fixture(scope="session")
def house() -> Iterator[Engines]:
    with open_house() as engines:
        yield engines


@pytest.fixture(autouse=True, scope="module")
def _logs_are_as_before() -> Iterator[None]:
    """A day configures logging for the whole process, and has it silent."""
    before, level = structlog.get_config(), logging.getLogger().level
    yield
    structlog.configure(**before)
    logging.getLogger().setLevel(level)
