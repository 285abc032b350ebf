"""Nothing that opens the door stays behind: in no table, no log, no cache, no address."""

import logging
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response, request
from redis import Redis

from tests.admin.operator import Operator
from tests.admin.staff_page.desk import PASSWORD, Desk
from tests.admin.staff_page.newcomer import RECOVERY_CODE, Newcomer, code_in
from tests.world import World

CHEBET = "chebet@kibeezy.test"
NEW = "quite another password"


@pytest.fixture
def addresses(app: Flask) -> list[str]:
    """Every address that was asked for, or that an answer led to."""
    noted: list[str] = []

    def note(response: Response) -> Response:
        noted.extend((request.url, response.headers.get("Location", "")))
        return response

    app.after_request(note)
    return noted


def cached(redis_client: Redis) -> Iterator[str]:
    for key in redis_client.scan_iter():
        yield f"{key!r} {redis_client.dump(key)!r}"


def test_nothing_of_it_stays_behind(
    addresses: list[str],
    world: World,
    operator: Operator,
    new_desk: Callable[[], Desk],
    redis_client: Redis,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = journey(operator, new_desk)
    logged = [caplog.text, *capfd.readouterr()]
    kept = [*world.everything_stored(), *cached(redis_client), *addresses, *logged]

    assert len(addresses) > 20, "they were noted"
    assert len(secrets) > 20
    for secret in secrets:
        assert [each for each in kept if _spelled(secret).search(each)] == []


def _spelled(secret: str) -> re.Pattern[str]:
    """However it would stand there; six digits may be a part of a moment or of a hash."""
    if secret.isdigit():
        return re.compile(rf"(?<![0-9a-f.:x\\]){secret}(?![0-9a-f])")
    return re.compile("(-|%20| )?".join(map(re.escape, re.split("[- ]", secret))))


def journey(operator: Operator, new_desk: Callable[[], Desk]) -> list[str]:
    """Everything that opens something, typed right and wrong; returns what must not stay."""
    line = f"admin create --email {CHEBET} --role owner --password-stdin"
    invited = code_in(operator.types(line, stdin=f"{PASSWORD}\n"))
    chebet = Newcomer(new_desk(), CHEBET)
    desk = chebet.desk
    chebet.brings(invited, password="a password typed in error")
    chebet.brings(invited)
    app_code = desk.code_of(chebet.secret)
    chebet.scans(code="314159")
    chebet.scans()
    desk.world.moves(minutes=1)
    desk.sends_sign_in(password="a password typed in error")
    typed = desk.code()
    desk.sends_sign_in()
    cookie = desk.client.get_cookie("kibeezy", domain="127.0.0.1")
    assert cookie is not None
    again = RECOVERY_CODE.findall(desk.sends("/admin/account/recovery-codes").html)
    desk.sends_sign_in(code=again[0])
    chosen = {"new_password": NEW, "new_password_again": NEW}
    desk.sends("/admin/account/password", **desk.proof(), **chosen)
    moved = code_in(desk.sends("/admin/account/phone").words)
    hired = code_in(desk.sends("/admin/staff", email="d@kibeezy.test", role="viewer").words)
    return [
        *(PASSWORD, NEW, "a password typed in error", "314159", app_code, typed),
        *(chebet.secret, *chebet.recovery_codes, *again),
        *(invited, moved, hired, cookie.value, desk.csrf),
    ]
