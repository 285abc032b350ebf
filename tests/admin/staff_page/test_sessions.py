"""What a browser holds, what an answer says, and when a session is over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import text

from admin.drawing.words import add_words
from admin.sign_in.pages import TRIES_OF_ADDRESS, SignIn
from admin.site import Site
from app import create_app
from core.settings import Settings
from core.staff.records import Role
from tests.admin.staff_page.desk import HERE, PASSWORD, Desk
from tests.world import World

ELSEWHERE = "https://staff.example.co.ke"
ALWAYS = {
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
}


@contextmanager
def served(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["kibeezy"].close()


def open_sessions(world: World) -> list[int]:
    with world.owner.connect() as connection:
        rows = connection.execute(text("SELECT id FROM admin_session WHERE ended_at IS NULL"))
        return list(rows.scalars())


def test_a_token_that_the_browser_brings_is_never_taken(desk: Desk) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    desk.client.set_cookie("kibeezy", "chosen-by-a-stranger", domain="127.0.0.1")
    desk.sends_sign_in().shows("What needs a person")
    cookie = desk.client.get_cookie("kibeezy", domain="127.0.0.1")
    assert cookie is not None
    assert cookie.value != "chosen-by-a-stranger"
    assert len(cookie.value) >= 43, "256 bits"
    desk.client.set_cookie("kibeezy", "chosen-by-a-stranger", domain="127.0.0.1")
    desk.opens("/admin/").shows("One-time code")


def test_signing_in_anew_is_another_session_and_ends_the_one_before(
    desk: Desk, world: World
) -> None:
    desk.signs_in()
    before = desk.client.get_cookie("kibeezy", domain="127.0.0.1")
    assert before is not None
    [first] = open_sessions(world)
    desk.sends_sign_in()
    [second] = open_sessions(world)
    assert second != first
    after = desk.client.get_cookie("kibeezy", domain="127.0.0.1")
    assert after is not None
    assert after.value != before.value
    desk.client.set_cookie("kibeezy", before.value, domain="127.0.0.1")
    desk.opens("/admin/").shows("One-time code")


def test_over_http_on_this_machine_the_cookie_is_plain_and_no_scripts(desk: Desk) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    given = {"email": desk.email, "password": PASSWORD, "code": desk.code()}
    answer = desk.client.post("/admin/sign-in", base_url=HERE, data=given, headers={"Origin": HERE})
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("kibeezy=")
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_over_http_from_elsewhere_the_cookie_is_one_that_no_browser_keeps(
    settings: Settings, redis_client: Redis, world: World
) -> None:
    assert redis_client.ping()
    by_http = ELSEWHERE.replace("https", "http")
    with served(settings.model_copy(update={"public_url": by_http})) as app:
        desk = Desk(world, app.test_client(), "asha@kibeezy.test")
        desk.is_enrolled()
        given = {"email": desk.email, "password": PASSWORD, "code": desk.code()}
        answer = desk.client.post(
            "/admin/sign-in", base_url=by_http, data=given, headers={"Origin": by_http}
        )
        name, *attributes = answer.headers["Set-Cookie"].split("; ")
        assert name.startswith("__Host-kibeezy=")
        assert "Secure" in attributes


def test_behind_a_proxy_of_ours_an_address_is_the_one_it_saw(
    settings: Settings, redis_client: Redis, world: World
) -> None:
    assert redis_client.ping()
    with served(settings.model_copy(update={"trusted_proxy_count": 1})) as app:
        desk = Desk(world, app.test_client(), "asha@kibeezy.test")
        desk.is_enrolled()

        def tries(address: str, password: str = "not the right password") -> int:
            given = {"email": desk.email, "password": password, "code": desk.code()}
            heard = {"Origin": HERE, "X-Forwarded-For": f"10.9.8.7, {address}"}
            answer = desk.client.post("/admin/sign-in", base_url=HERE, data=given, headers=heard)
            return answer.status_code

        assert [tries("41.90.1.1") for _ in range(TRIES_OF_ADDRESS)][-1] == 422
        assert tries("41.90.1.1") == 429
        world.moves(minutes=16)
        assert tries("41.90.1.2", PASSWORD) == 303
        desk.opens("/admin/account").shows("41.90.1.2").shows_not("10.9.8.7")


def test_over_https_the_cookie_is_bound_to_host_and_https(
    settings: Settings, redis_client: Redis, world: World
) -> None:
    assert redis_client.ping()
    changed = settings.model_copy(update={"public_url": ELSEWHERE})
    with served(changed) as app:
        desk = Desk(world, app.test_client(), "asha@kibeezy.test")
        desk.is_enrolled()
        given = {"email": desk.email, "password": PASSWORD, "code": desk.code()}
        answer = desk.client.post(
            "/admin/sign-in", base_url=ELSEWHERE, data=given, headers={"Origin": ELSEWHERE}
        )
        name, *attributes = answer.headers["Set-Cookie"].split("; ")
        assert name.startswith("__Host-kibeezy=")
        assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
        assert "max-age=" in answer.headers["Strict-Transport-Security"]
        assert desk.client.get("/admin/", base_url=ELSEWHERE).status_code == 200
        # The plain name that a page over http could set counts for nothing here.
        token = name.removeprefix("__Host-kibeezy=")
        stranger = app.test_client()
        stranger.set_cookie("kibeezy", token, domain="staff.example.co.ke")
        assert stranger.get("/admin/", base_url=ELSEWHERE).status_code == 303


ANSWERS = [
    ("GET", "/admin", 308),
    ("GET", "/admin/", 200),
    ("GET", "/admin/sign-in", 200),
    ("POST", "/admin/sign-in", 422),
    ("POST", "/admin/account/recovery-codes", 400),
    ("GET", "/admin/nowhere", 404),
    ("POST", "/admin/nowhere", 404),
    ("GET", "/admin/staff/999", 404),
    ("GET", "/admin/sign-out", 405),
    ("PUT", "/admin/", 405),
    ("GET", "/admin/static/nothing.css", 404),
]


def test_every_kind_of_answer_tells_the_browser_to_do_nothing_else(desk: Desk) -> None:
    desk.signs_in(Role.OWNER)
    for method, path, status in ANSWERS:
        answer = desk.client.open(path, method=method, base_url=HERE, headers={"Origin": HERE})
        assert answer.status_code == status, path
        assert set(answer.headers.keys()) >= ALWAYS, path
        assert answer.headers["Cache-Control"] == "no-store", path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        if status in {404, 405}:
            assert "There is no " in answer.text, path
            assert "Kibeezy staff" in answer.text, path


def test_also_where_something_broke(
    app: Flask, desk: Desk, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.signs_in()
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE admin_session RENAME COLUMN seen_at TO elsewhere"))
    answer = desk.client.get("/admin/", base_url=HERE)
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE admin_session RENAME COLUMN elsewhere TO seen_at"))
    assert answer.status_code == 503
    assert set(answer.headers.keys()) >= ALWAYS
    assert "Nothing is lost" in answer.text
    assert "request_failed" in "".join(capfd.readouterr())
    # What others call is none of these pages.
    assert app.test_client().get("/healthz").headers.get("Content-Security-Policy") is None
    assert "Kibeezy staff" not in app.test_client().get("/nowhere").text


ELSEWHERES = (
    "https://evil.example/",
    "//evil.example/admin/",
    "/admin//evil.example",
    "/admin/\\evil.example",
    "/adminevil",
    "javascript:alert(1)",
    "/healthz",
    "",
)


def test_where_one_wanted_to_go_is_never_elsewhere(desk: Desk) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    for then in ELSEWHERES:
        given = {"email": desk.email, "password": PASSWORD, "code": desk.code(), "then": then}
        answer = desk.client.post(
            "/admin/sign-in", base_url=HERE, data=given, headers={"Origin": HERE}
        )
        assert (answer.status_code, answer.location) == (303, "/admin/"), then
        desk.world.moves(minutes=1)


def test_after_signing_in_one_is_where_one_wanted_to_go(desk: Desk) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    led = desk.client.get("/admin/account?x=1", base_url=HERE)
    assert led.location == "/admin/sign-in?then=/admin/account?x%3D1"
    desk.sends_sign_in(then="/admin/account?x=1").shows("Your account")


def test_a_part_that_refreshes_itself_keeps_nobody_signed_in(
    desk: Desk, world: World, settings: Settings, redis_client: Redis
) -> None:
    site = Site(world.database, settings, redis_client)
    add_words(site.routes)
    site.live("/part", a_part, roles=frozenset(Role))
    site.page("/", home, roles=frozenset(Role))
    SignIn(site).register()
    app = Flask("part")
    app.register_blueprint(site.blueprint())
    desk.signs_in()
    cookie = desk.client.get_cookie("kibeezy", domain="127.0.0.1")
    assert cookie is not None
    client = app.test_client()
    client.set_cookie("kibeezy", cookie.value, domain="127.0.0.1")

    def status(path: str, **step: float) -> int:
        world.moves(**step)
        return client.get(path, base_url=HERE).status_code

    assert status("/admin/", minutes=10) == 200
    assert status("/admin/part", minutes=10) == 200
    assert status("/admin/part", minutes=6) != 200, "the part did not count as a click"


def a_part() -> str:
    return "part"


def home() -> str:
    return "whole"


def test_who_is_shut_out_is_out_at_once(
    desk: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    desk.signs_in(Role.FINANCE)
    with world.database.begin() as connection:
        connection.execute(
            text("UPDATE admin SET disabled_at = now() WHERE email = :email"),
            {"email": desk.email},
        )
    desk.opens("/admin/").shows("One-time code")
    new = new_desk()
    new.email = desk.email
    new.sends_sign_in().refuses("did not match")
