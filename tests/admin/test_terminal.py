"""The command line as a process: settings from a home, one line and a status for each fault."""

import json
import socket
from pathlib import Path

import pytest
from redis import Redis

from core.settings import Settings
from tests.admin.terminal import (
    PATIENCE_SECONDS,
    begin,
    environment_of,
    flask,
    write_home,
)
from tests.chaos.street import eventually
from tests.laptop.supervisor import free_port
from tests.world import ASHA, BARAKA, World

pytestmark = pytest.mark.processes


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    write_home(tmp_path / "home", settings=environment_of(settings))
    return tmp_path / "home"


def refusal(home: Path, *words: str, **environment: str) -> str:
    """Type a command that cannot even begin; return its one line."""
    done = flask(*words, home=home, **environment)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "secret" not in done.stderr
    return done.stderr


def test_a_command_in_another_terminal_finds_the_service(home: Path, world: World) -> None:
    market_id = world.has_market("Will it rain in Nairobi?")

    done = flask("market", "list", "--json", home=home)

    assert (done.returncode, done.stderr) == (0, "")
    assert [each["id"] for each in json.loads(done.stdout)] == [market_id]
    assert flask("market", "close", str(market_id), "--by", ASHA, home=home).returncode == 0
    again = flask("market", "close", str(market_id), "--by", BARAKA, home=home)
    assert (again.returncode, again.stderr) == (1, f"Error: Market {market_id} is closed.\n")


def test_the_password_of_an_admin_is_piped_in(home: Path, world: World) -> None:
    words = ("admin", "create", "--email", "chebet@kibeezy.test", "--role", "owner")
    done = flask(*words, "--password-stdin", home=home, stdin="correct horse battery\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert world.count("admin") == 1


def test_wrong_and_missing_settings_are_all_named(home: Path) -> None:
    kept = (home / "env").read_text().splitlines(keepends=True)
    (home / "env").write_text("".join(line for line in kept if "MPESA_PASSKEY" not in line))

    line = refusal(home, "ledger", "verify", STAKE_MIN_KES="plenty", PIN_PEPPER="short")

    for name in ("MPESA_PASSKEY is missing", "STAKE_MIN_KES: ", "PIN_PEPPER: "):
        assert name in line
    assert "short" not in line
    assert "plenty" not in line


def test_without_any_setting_the_first_words_are_which(tmp_path: Path) -> None:
    assert "DATABASE_URL is missing" in refusal(tmp_path / "nowhere", "worker")


@pytest.mark.parametrize(
    "command",
    ["web", "worker", "ledger verify", "market list --json", "player show 0712345678"],
)
def test_a_database_that_is_down_is_one_line(home: Path, command: str) -> None:
    url = f"postgresql://app:secret@127.0.0.1:{free_port()}/kibeezy"
    line = refusal(home, *command.split(), DATABASE_URL=url)
    assert "database" in line.lower()
    assert "cannot be reached" in line


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_redis_that_is_down_is_one_line(home: Path, command: str) -> None:
    line = refusal(home, command, REDIS_URL=f"redis://:secret@127.0.0.1:{free_port()}/0")
    assert line == "kibeezy: redis: cannot be reached\n"


def test_a_taken_port_is_one_line(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = refusal(home, "web", PORT=str(port))
    assert line == f"kibeezy: Port {port} is taken: set PORT to another one.\n"


def test_a_worker_asks_for_its_first_statements_and_seals(
    home: Path, world: World, redis_client: Redis
) -> None:
    assert redis_client.ping()
    worker = begin("worker", home=home)
    try:
        eventually(lambda: world.count("outbox WHERE kind = 'reconcile_daily'") == 1)
        assert world.count("outbox WHERE kind = 'pull_statement'") == 1
        eventually(lambda: world.count("outbox WHERE kind = 'seal_ledger'") == 1)
        assert world.count("outbox WHERE kind = 'publish_head'") == 1
    finally:
        worker.terminate()
        worker.wait(PATIENCE_SECONDS)
