"""What anybody may see of the ledger."""

import base64
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import Engine, event, text

from admin import public_ledger
from core.database import in_transaction
from core.money import kes
from core.seal.head import last_blocks
from tests.admin.test_health import cut_off
from tests.chromium import chromium, needs_chromium
from tests.world import World

__all__ = ["cut_off"]


@pytest.fixture
def visitor(world: World) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(
        public_ledger.blueprint(database=world.database, settings=world.settings)
    )
    return app.test_client()


@pytest.fixture
def asked(database: Engine) -> Iterator[list[str]]:
    """Every statement that the database is sent."""
    statements: list[str] = []

    def keep(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(database, "before_cursor_execute", keep)
    yield statements
    event.remove(database, "before_cursor_execute", keep)


def test_the_head_is_on_the_page_and_the_same_for_programs(
    world: World, client: FlaskClient
) -> None:
    world.has_player(balance=kes(5))
    world.seals()
    [block] = in_transaction(world.database, lambda c: last_blocks(c, limit=1))
    page = client.get("/ledger")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    parts = re.findall(r"<span>([0-9a-f]{8})</span>", page.text)
    assert "".join(parts) == block.hash
    assert "RCPT 7K3QXM" in page.text
    document = client.get("/ledger.json").get_json()
    assert document["head"] == document["blocks"][0]
    assert (document["head"]["number"], document["head"]["hash"]) == (1, block.hash)
    assert document["head"]["total_transfers"] == 1
    assert document["head"]["sealed_at"].endswith("+03:00")


def test_nobody_is_named_there(world: World, client: FlaskClient) -> None:
    world.has_player("+254700000001", name="Wanjiru Kamau", balance=kes(5))
    world.seals()
    for path in ("/ledger", "/ledger.json"):
        assert "Wanjiru" not in client.get(path).text
        assert "0700000001" not in client.get(path).text


def test_before_the_first_block_there_is_still_a_page(client: FlaskClient) -> None:
    assert "Nothing has been sealed yet" in client.get("/ledger").text
    assert client.get("/ledger.json").get_json() == {"head": None, "blocks": []}


def test_a_database_that_is_away_is_said_in_plain_words(cut_off: FlaskClient) -> None:
    page = cut_off.get("/ledger")
    assert page.status_code == 503
    assert "The ledger cannot be read at this moment. No money is affected." in page.text
    document = cut_off.get("/ledger.json")
    assert (document.status_code, list(document.get_json())) == (503, ["error"])
    assert page.headers["Cache-Control"] == "no-store"


def test_visitors_of_a_database_that_hangs_are_not_kept_waiting(
    world: World, visitor: FlaskClient
) -> None:
    with world.owner.begin() as connection:
        connection.execute(text("LOCK TABLE seal_block IN ACCESS EXCLUSIVE MODE"))
        begun = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _visit: visitor.get("/ledger"), range(8)))
        took = time.monotonic() - begun
    assert {answer.status_code for answer in answers} == {503}
    assert took < 4 * public_ledger.READ_SECONDS, "nobody waits in line behind the others"


def test_a_thousand_visitors_cost_one_query(visitor: FlaskClient, asked: list[str]) -> None:
    for _visit in range(20):
        assert visitor.get("/ledger").status_code == 200
        assert visitor.get("/ledger.json").status_code == 200
    assert len([statement for statement in asked if "seal_block" in statement]) == 1


def test_the_page_runs_and_loads_nothing_but_its_own_style(client: FlaskClient) -> None:
    page = client.get("/ledger")
    policy = page.headers["Content-Security-Policy"]
    found = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert found is not None
    digest = base64.b64encode(sha256(found[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"<script|<link|<img|style=|\bon\w+=|https?://", page.text)


@needs_chromium
@pytest.mark.browser
def test_it_fits_a_phone_and_keeps_its_style(world: World, client: FlaskClient) -> None:
    world.has_player(balance=kes(5))
    world.seals()
    page = client.get("/ledger")
    complaints: list[str] = []
    with chromium() as browser:
        view = browser.new_page()
        view.on("console", lambda message: complaints.append(message.text))
        view.route(
            "**/*",
            lambda route: route.fulfill(body=page.text, headers=dict(page.headers), status=200),
        )
        view.goto("http://ledger.test/ledger")
        for width in (320, 390, 1280):
            view.set_viewport_size({"width": width, "height": 900})
            assert view.evaluate("document.documentElement.scrollWidth") <= width
        light = _paper(view)
        view.emulate_media(color_scheme="dark")
        assert (light > 200, _paper(view) < 60) == (True, True)
    assert complaints == []


def _paper(view: Page) -> int:
    """How bright the page's ground is: 0 is black."""
    colour = view.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(re.findall(r"\d+", colour)[0])
