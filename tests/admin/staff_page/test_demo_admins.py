"""Admins of a demo work on its machine, and are nobody anywhere else."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from flask import Flask
from redis import Redis
from sqlalchemy import Connection, text

from app import create_app
from core.database import in_transaction
from core.errors import NoSuchThing
from core.settings import Settings
from core.staff.demo import enrol_demo_admin
from laptop import demo
from tests.admin.operator import Operator
from tests.admin.staff_page.desk import HERE, Desk
from tests.world import World

ASHA, BARAKA = "asha@demo.kibeezy.test", "baraka@demo.kibeezy.test"
ELSEWHERE = "https://staff.example.co.ke"


@pytest.fixture
def in_public(settings: Settings, redis_client: Redis) -> Iterator[Flask]:
    """The same database behind an address that anybody can call."""
    assert redis_client.ping()
    app = create_app(settings.model_copy(update={"public_url": ELSEWHERE}))
    yield app
    app.extensions["kibeezy"].close()


def seeded(world: World, settings: Settings | None = None) -> list[dict[str, str]]:
    found = in_transaction(world.database, lambda c: demo._seed(c, settings or world.settings))
    admins = found["admins"]
    assert isinstance(admins, list)
    return admins


def sign_in(desk: Desk, email: str, password: str, secret: str, base: str = HERE) -> int:
    given = {"email": email, "password": password, "code": desk.code_of(secret)}
    answer = desk.client.post("/admin/sign-in", base_url=base, data=given, headers={"Origin": base})
    return answer.status_code


def test_what_the_demo_says_opens_the_page_which_says_that_it_is_a_demo(
    world: World, desk: Desk
) -> None:
    asha, baraka = seeded(world)
    assert (asha["email"], baraka["email"]) == (ASHA, BARAKA)
    assert sign_in(desk, ASHA, asha["password"], asha["totp_secret"]) == 303
    desk.opens("/admin/").shows("Demo admins, on this machine only", ASHA)
    assert seeded(world) == [asha, baraka], "a repeat prints the same"


def test_those_of_an_earlier_release_are_enrolled_by_the_next_run(
    world: World, desk: Desk, operator: Operator
) -> None:
    seeded(world)
    with world.owner.begin() as connection:
        connection.execute(text("UPDATE admin SET totp_nonce = NULL"))
    assert operator.reads("admin list --json")[0]["enrolled"] is False
    asha, _ = seeded(world)
    assert sign_in(desk, ASHA, asha["password"], asha["totp_secret"]) == 303


def test_those_of_an_earlier_release_are_marked_by_the_migration(
    world: World, urls: tuple[str, str]
) -> None:
    seeded(world)
    world.has_admin("chebet@kibeezy.test")
    with world.owner.begin() as connection:
        connection.execute(text("UPDATE admin SET is_demo = false"))
    migrations = Config("alembic.ini")
    migrations.attributes["urls"] = (urls[1], urls[0])
    command.downgrade(migrations, "0026")
    command.upgrade(migrations, "head")
    with world.owner.connect() as connection:
        query = text("SELECT email FROM admin WHERE is_demo ORDER BY email")
        assert list(connection.execute(query).scalars()) == [ASHA, BARAKA]


def test_nobody_but_a_demos_admin_is_enrolled_without_a_person(world: World) -> None:
    world.has_admin("chebet@kibeezy.test")
    assert seeded(world) == [], "and none is made beside others"

    def enrol(connection: Connection) -> str:
        return enrol_demo_admin(
            connection, email="chebet@kibeezy.test", key=world.settings.staff_key
        )

    with pytest.raises(NoSuchThing):
        in_transaction(world.database, enrol)


def test_in_public_they_are_nobody(world: World, desk: Desk, in_public: Flask) -> None:
    asha, _ = seeded(world)
    assert sign_in(desk, ASHA, asha["password"], asha["totp_secret"]) == 303
    cookie = desk.client.get_cookie("kibeezy", domain="127.0.0.1")
    assert cookie is not None
    world.moves(minutes=1)
    outside = Desk(world, in_public.test_client())
    refused = sign_in(outside, ASHA, asha["password"], asha["totp_secret"], base=ELSEWHERE)
    assert refused == 422
    outside.client.set_cookie(
        "__Host-kibeezy", cookie.value, domain="staff.example.co.ke", secure=True
    )
    assert outside.client.get("/admin/", base_url=ELSEWHERE).status_code == 303
    assert seeded(world, world.settings.model_copy(update={"public_url": ELSEWHERE})) == []


@pytest.mark.timeout(60)  # Without the guard it runs on.
@pytest.mark.parametrize("process", ["web", "worker"])
def test_in_public_nothing_starts_while_one_is_left(
    world: World, in_public: Flask, process: str
) -> None:
    seeded(world)
    shell = in_public.test_cli_runner()
    result = shell.invoke(args=[process])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    for words in (ASHA, BARAKA, "PUBLIC_URL is not this machine", "admin disable EMAIL --by"):
        assert words in result.stderr


def test_the_way_out_leads_out(world: World, in_public: Flask) -> None:
    seeded(world)
    operator = Operator(in_public.test_cli_runner())
    for email in ("chebet@kibeezy.test", "daudi@kibeezy.test"):
        operator.types(
            f"admin create --email {email} --role owner --password-stdin",
            stdin="a long enough password\n",
        )
    for email in (ASHA, BARAKA):
        operator.types(f"admin disable {email} --by chebet@kibeezy.test")
    with world.owner.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    # What keeps it from starting now is this test's doing.
    assert "demo" not in operator.tries("worker").stderr
