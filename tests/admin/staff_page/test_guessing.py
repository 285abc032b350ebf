"""Whoever guesses, or uses a code again, also with many hands at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import text

from admin.sign_in.pages import TRIES_OF_ADDRESS
from core.database import in_transaction
from core.staff.sign_in import (
    TRIES,
    WrongCredentials,
    accept_proof,
    check_credentials,
    count_try,
)
from tests.admin.staff_page.desk import HERE, PASSWORD, Desk
from tests.world import World

ASHA = "asha@kibeezy.test"


def at_once(hands: int, work: Callable[[int], object]) -> list[object]:
    """Let many do the same at the same moment."""
    barrier = Barrier(hands)

    def one(number: int) -> object:
        barrier.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(one, range(hands)))


def test_one_code_typed_twice_at_the_same_moment_lets_one_in(
    app: Flask, desk: Desk, world: World
) -> None:
    desk.email = ASHA
    desk.is_enrolled()
    given = {"email": ASHA, "password": PASSWORD, "code": desk.code()}

    def sign_in(_number: int) -> int:
        answer = app.test_client().post(
            "/admin/sign-in", base_url=HERE, data=given, headers={"Origin": HERE}
        )
        return answer.status_code

    assert sorted(map(str, at_once(4, sign_in))) == ["303", "422", "422", "422"]
    with world.owner.connect() as connection:
        opened = text("SELECT count(*) FROM admin_session")
        assert connection.execute(opened).scalar_one() == 1


def test_a_code_of_the_half_minute_before_opens_nothing_after_a_later_one(desk: Desk) -> None:
    desk.email = ASHA
    desk.is_enrolled()
    before = desk.code()
    desk.world.moves(seconds=30)
    given = {"email": ASHA, "password": PASSWORD}
    desk.posts("/admin/sign-in", {**given, "code": desk.code()}).shows("What needs a person")
    desk.posts("/admin/sign-in", {**given, "code": before}).refuses("the code was used already")


def test_of_twenty_tries_at_once_five_are_looked_at(world: World) -> None:
    world.has_admin(ASHA)
    found = at_once(
        20, lambda _: in_transaction(world.database, lambda c: count_try(c, email=ASHA))
    )
    assert sum(candidate is not None for candidate in found) == TRIES
    world.moves(minutes=15)
    assert in_transaction(world.database, lambda c: count_try(c, email=ASHA)) is not None


def test_nobody_tries_as_who_is_shut_out_or_is_none(world: World) -> None:
    world.has_admin(ASHA)
    with world.database.begin() as connection:
        connection.execute(text("UPDATE admin SET disabled_at = now()"))
    with world.database.begin() as connection:
        assert count_try(connection, email=ASHA) is None
        assert count_try(connection, email="nobody@kibeezy.test") is None


def test_who_is_shut_out_while_the_password_is_looked_at_stays_out(
    desk: Desk, world: World
) -> None:
    desk.email = ASHA
    desk.is_enrolled()
    key = world.settings.staff_key
    tried = in_transaction(world.database, lambda c: count_try(c, email=ASHA))
    proof = check_credentials(tried, password=PASSWORD, code=desk.code(), key=key)
    with world.database.begin() as connection:
        connection.execute(text("UPDATE admin SET disabled_at = now()"))
    with world.database.begin() as connection, pytest.raises(WrongCredentials):
        accept_proof(connection, proof=proof, key=key)


def test_a_try_is_counted_before_it_is_looked_at_and_forgotten_when_right(
    desk: Desk, world: World
) -> None:
    desk.email = ASHA
    desk.is_enrolled()

    def counted() -> int:
        with world.owner.connect() as connection:
            return int(connection.execute(text("SELECT wrong_tries FROM admin")).scalar_one())

    for tries in range(1, 5):
        desk.sends_sign_in(password="not the right password").refuses("did not match")
        assert counted() == tries
    desk.sends_sign_in().shows("What needs a person")
    assert counted() == 0


def test_a_wrong_one_time_code_counts_as_well(desk: Desk) -> None:
    desk.email = ASHA
    desk.is_enrolled()
    for _ in range(5):
        desk.sends_sign_in(code="000000").refuses("did not match")
    desk.sends_sign_in().refuses("did not match")


def test_who_is_not_known_hears_the_same(desk: Desk, world: World) -> None:
    desk.email = ASHA
    desk.is_enrolled()
    wrong = desk.sends_sign_in(password="not the right password")
    unknown = desk.sends_sign_in(email="nobody@kibeezy.test")
    world.has_admin("new@kibeezy.test")
    not_enrolled = desk.sends_sign_in(email="new@kibeezy.test")
    for other in (unknown, not_enrolled):
        assert other.status == wrong.status == 422
        assert other.words == wrong.words


def test_an_address_that_tries_without_end_is_told_to_wait(desk: Desk, redis_client: Redis) -> None:
    # Longer than any password: refused without the work of looking.
    given = {"email": ASHA, "password": "x" * 300, "code": "000000"}
    for _ in range(TRIES_OF_ADDRESS):
        desk.posts("/admin/sign-in", given).refuses("did not match")
    assert desk.posts("/admin/sign-in", given).status == 429
    assert desk.posts("/admin/enrol", given).status == 429
    redis_client.flushdb()
    desk.posts("/admin/sign-in", given).refuses("did not match")
