"""The demo's environment: complete, private, and second to what the person set."""

import stat
from pathlib import Path

import pytest

from core.settings import load_settings
from laptop.demo_settings import Ports, compose, write_environment_file

PORTS = Ports(web=8000, simulator=8001)
ENGINES = {"DATABASE_URL": "postgresql://kibeezy_app@/kibeezy", "REDIS_URL": "unix:///s/redis.sock"}


def mode(path: Path) -> str:
    return stat.filemode(path.stat().st_mode)


def demo(home: Path, **environment: str) -> dict[str, str]:
    return compose(environment=environment, home=home, ports=PORTS, engine_urls=ENGINES)


def test_the_file_alone_satisfies_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = demo(tmp_path, AT_API_KEY=r"it's a \ key with $dollar")
    write_environment_file(home=tmp_path, settings=settings)
    for name in settings:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KIBEEZY_HOME", str(tmp_path))

    read = load_settings()

    assert read.at_api_key.get_secret_value() == r"it's a \ key with $dollar"
    assert read.ussd_service_code == "*384*2030#"
    assert read.pin_pepper.get_secret_value() == settings["PIN_PEPPER"]


def test_secrets_are_drawn_once_and_are_for_us_only(tmp_path: Path) -> None:
    home = tmp_path / "home"

    first, second, elsewhere = demo(home), demo(home), demo(tmp_path / "elsewhere")
    file = write_environment_file(home=home, settings=first)

    assert first == second
    assert first["PIN_PEPPER"] != first["SECRET_KEY"]
    assert first["PIN_PEPPER"] != elsewhere["PIN_PEPPER"]
    assert mode(home) == mode(home / "secrets") == "drwx------"
    assert mode(file) == mode(home / "secrets" / "pin_pepper") == "-rw-------"


def test_what_the_environment_says_wins(tmp_path: Path) -> None:
    settings = demo(tmp_path, PUBLIC_URL="https://hooks.example.co.ke", STAKE_MIN_KES="50")

    assert settings["PUBLIC_URL"] == "https://hooks.example.co.ke"
    assert settings["STAKE_MIN_KES"] == "50"
    assert settings["MPESA_BASE_URL"] == "http://127.0.0.1:8001"


def test_nothing_else_of_the_environment_is_written_down(tmp_path: Path) -> None:
    assert "AWS_SECRET_ACCESS_KEY" not in demo(tmp_path, AWS_SECRET_ACCESS_KEY="private")
