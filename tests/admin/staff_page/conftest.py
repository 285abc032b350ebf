"""Browsers of staff."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.admin.staff_page.clerk import Clerk
from tests.admin.staff_page.desk import Desk
from tests.chromium import chromium
from tests.world import World


@pytest.fixture
def new_desk(app: Flask, world: World) -> Callable[[], Desk]:
    """A browser of its own at each call."""
    return lambda: Desk(world, app.test_client())


@pytest.fixture
def desk(new_desk: Callable[[], Desk]) -> Desk:
    return new_desk()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The whole service at an address of this machine, for browsers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="package")
def chromium_of_staff() -> Iterator[Browser]:
    """One for all of these tests, and gone before others open theirs: a process drives one."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def new_page(chromium_of_staff: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """A page of a browser that shares nothing with the others, for one person."""
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:  # noqa: ANN401 - Playwright's own
        context = chromium_of_staff.new_context(
            **{"base_url": address, "viewport": {"width": 1280, "height": 900}, **options}
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    expect.set_options(timeout=20_000)
    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def new_clerk(new_page: Callable[..., Page], new_desk: Callable[[], Desk]) -> Callable[..., Clerk]:
    """Somebody in front of a browser of their own."""
    return lambda **options: Clerk(new_page(**options), new_desk())
