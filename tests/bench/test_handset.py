"""A phone of the bench before a service that fails: it notices."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from random import Random

import pytest

from bench.phones.handset import CutOff, Handset, HungUp
from bench.phones.tally import Tally
from bench.phones.wire import Wire
from tests.simulator.service import FakeService, Page, serve

Pick = Callable[[FakeService], Handset]


@pytest.fixture
def pick_up() -> Iterator[Pick]:
    """Makes a phone that is connected to a service."""
    running = []
    with ThreadPoolExecutor() as side_line:

        def pick(service: FakeService) -> Handset:
            running.append(serve(service))
            wire = Wire(service=service.url, simulator=service.url, phones=1)
            return Handset("+254710000000", wire, Tally(), Random("4"), side_line)  # noqa: S311 - a seed, no secret

        yield pick
    for each in running:
        each.stop()


def dials_until(phone: Handset, event: str) -> None:
    for _call in range(1000):
        with suppress(HungUp, CutOff):
            phone.dial()
        if phone.tally.events[event]:
            return
    raise AssertionError(f"never: {event}")


def test_a_sound_page_is_no_finding(pick_up: Pick) -> None:
    phone = pick_up(FakeService(lambda _text: Page("CON " + "x" * 156), "dev-at-secret"))
    dials_until(phone, "same hop twice")
    assert phone.page.text == "x" * 156
    assert not phone.tally.wrong


@pytest.mark.parametrize(
    ("page", "finding"),
    [
        (Page("CON Hello", status="500 Internal Server Error"), "status 500"),
        (Page("Hello"), "neither CON nor END"),
        (Page("END " + "x" * 157), "page too long"),
        (Page("END " + "[" * 79), "page too long"),
        (Page("CON \N{PILE OF POO}"), "not in the phones' alphabet"),
        (Page("END Sorry, we have a problem."), "a page that says we have a problem"),
    ],
)
def test_what_no_page_may_be(pick_up: Pick, page: Page, finding: str) -> None:
    phone = pick_up(FakeService(lambda _text: page, "dev-at-secret"))
    phone.network_is_bad = False
    phone.dial()
    assert list(phone.tally.wrong) == [finding]
    assert phone.tally.examples[0].page == page.body


def test_two_answers_to_one_hop(pick_up: Pick) -> None:
    numbers = count()
    service = FakeService(lambda _text: Page(f"CON {next(numbers)}"), "dev-at-secret")
    phone = pick_up(service)
    dials_until(phone, "same hop twice")
    assert list(phone.tally.wrong) == ["the same hop, two answers"]


def test_digits_behind_the_code_come_in_both_ways(pick_up: Pick) -> None:
    service = FakeService(lambda _text: Page("CON Which?"), "dev-at-secret")
    phone = pick_up(service)
    phone.network_is_bad = False
    for _call in range(20):
        phone.dial("1", "101")
    forms = [service.hops.get_nowait().form for _ in range(20)]
    assert {(form["serviceCode"], form["text"]) for form in forms} == {
        ("*384*2030#", "1*101"),
        ("*384*2030*1*101#", ""),
    }


def test_a_service_that_is_gone(pick_up: Pick) -> None:
    phone = pick_up(FakeService(secret="dev-at-secret"))
    phone.wire = Wire(service="http://127.0.0.1:1", simulator="http://127.0.0.1:1", phones=1)
    phone.network_is_bad = False
    phone.dial()
    assert phone.page.ends
    assert any(finding.startswith("no answer") for finding in phone.tally.wrong)
