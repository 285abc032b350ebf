"""Tests that start the whole service come last: the short ones should speak first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laptop.supervisor import Supervisor, free_port


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("processes") is not None)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(home=tmp_path / "home", port=free_port(), simulator_port=free_port())
    yield supervisor
    supervisor.stops()
