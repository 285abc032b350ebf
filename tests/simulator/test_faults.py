"""The table of faults: what the control interface offers is what the README tells."""

import re
from pathlib import Path

import pytest
import requests

import simulator
from simulator.known_faults import FAULTS, Place
from tests.simulator.remote import Remote

README = Path(simulator.__file__).parent / "README.md"
_ROW = re.compile(
    r"^\| (?:`(?P<place>\w+)`)? *\| `(?P<fault>\w+)` \| (?P<words>.*) \|$", re.MULTILINE
)


def told_in_readme() -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = {}
    place = ""
    for row in _ROW.finditer(README.read_text()):
        place = row["place"] or place
        told.setdefault(place, {})[row["fault"]] = row["words"]
    return told


def test_the_readme_tells_of_every_fault_in_the_words_of_the_table() -> None:
    assert told_in_readme() == FAULTS


def test_scripts_can_read_the_table(remote: Remote) -> None:
    assert remote.get("/control/faults/known") == FAULTS


@pytest.mark.parametrize("place", FAULTS)
def test_every_fault_can_be_ordered_and_cleared(remote: Remote, place: Place) -> None:
    for name in FAULTS[place]:
        remote.put("/control/faults", **{place: {"fault": name, "times": 2, "seconds": 0.5}})
        in_force = remote.get("/control/faults")
        assert in_force == {place: {"fault": name, "times": 2, "seconds": 0.5, "copies": 3}}
    remote.put("/control/faults", **{place: None})
    assert remote.get("/control/faults") == {}


@pytest.mark.parametrize("copies", [1, 6])
def test_copies_are_two_to_five(remote: Remote, copies: int) -> None:
    body = {"callback": {"fault": "duplicate", "copies": copies}}
    assert requests.put(f"{remote.url}/control/faults", json=body, timeout=5).status_code == 400
