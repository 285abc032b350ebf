"""What holds for every route: secrets stay out of the logs, whatever breaks."""

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import text

from core.log import configure_logging
from core.settings import DEMO
from tests.phone import Phone
from tests.settings import DEFAULTS, make_settings
from tests.world import PIN, World


def breaks(world: World, table: str) -> None:
    with world.owner.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone"))


def mends(world: World, table: str) -> None:
    with world.owner.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table}_gone RENAME TO {table}"))


@pytest.mark.parametrize(
    ("path", "table", "secret"),
    [
        ("/sms/dev-at-secret/inbound", "sms_in", "dev-at-secret"),
        ("/sms/dev-at-secret/delivery", "sms_report", "dev-at-secret"),
        (f"/payments/stk/{'ab' * 16}", "deposit", "ab" * 16),
        ("/payments/c2b/dev-c2b-secret/confirmation", "provider_callback", "dev-c2b-secret"),
        ("/ussd/dev-at-secret", "player", "dev-at-secret"),
    ],
)
def test_a_route_that_breaks_keeps_its_secret(
    world: World,
    client: FlaskClient,
    capfd: pytest.CaptureFixture[str],
    path: str,
    table: str,
    secret: str,
) -> None:
    breaks(world, table)
    form = {
        "sessionId": "ATUid_1",
        "serviceCode": "*384*2030#",
        "phoneNumber": "+254700000001",
        "id": "1",
        "from": "+254700000001",
        "to": "20300",
        "text": "",
        "date": "2026-01-01 10:00:00",
        "status": "Success",
    }
    answer = client.post(path, data=form)
    mends(world, table)
    logged = "".join(capfd.readouterr())
    assert answer.status_code in {200, 500}
    assert "failed" in logged
    assert secret not in logged


def test_an_error_in_the_middle_of_a_registration_tells_nothing(
    world: World, phone: Phone, capfd: pytest.CaptureFixture[str]
) -> None:
    phone.dial().choose("Register").type("Wanjiru Kamau").choose("Yes").type(PIN)
    breaks(world, "player_pin")
    phone.type(PIN).shows("Sorry, we have a problem").has_hung_up()
    mends(world, "player_pin")
    logged = "".join(capfd.readouterr())
    assert "hop_failed" in logged
    for secret in (PIN, "argon2", "Wanjiru"):
        assert secret not in logged
    assert world.count("player") == 0


def test_a_secret_that_is_logged_by_mistake_is_hidden(capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="INFO")
    structlog.get_logger().info("oops", pin=PIN, at_api_key_token="abc", result_code="1032")
    logged = "".join(capfd.readouterr())
    assert PIN not in logged
    assert "abc" not in logged
    assert "1032" in logged


@pytest.mark.parametrize("public_url", ["https://hooks.example.co.ke", "http://10.0.0.7:8000"])
def test_a_demos_secrets_are_refused_where_others_can_call(public_url: str) -> None:
    urls = {"database_url": "postgresql:///live", "redis_url": "redis://"}
    with pytest.raises(ValueError, match=r"AT_CALLBACK_SECRET.*not this machine"):
        make_settings(**urls, public_url=public_url)
    demo = [name for name, value in DEFAULTS.items() if str(value).startswith(DEMO)]
    secrets = {name: f"{number}{'x' * 40}" for number, name in enumerate(demo)}
    assert not make_settings(**urls, **secrets, public_url=public_url).is_local


def test_a_secret_that_daraja_would_refuse_in_an_address_is_refused_here() -> None:
    urls = {"database_url": "postgresql:///live", "redis_url": "redis://"}
    with pytest.raises(ValueError, match=r"mpesa_callback_secret[\s\S]*refuses URLs with 'exe'"):
        make_settings(**urls, mpesa_callback_secret="fine,anEXEcutive")
