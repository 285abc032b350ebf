"""What keeps the service from starting is told in one line, with status 2."""

import socket
import subprocess
import sys

import pytest

from laptop.python_version import fault
from tests.laptop.supervisor import ROOT, Supervisor, free_port


def refusal(supervisor: Supervisor, **settings: str) -> str:
    done = supervisor.types("run", **settings)
    assert done.returncode == 2
    assert done.stderr.startswith("kibeezy: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("variable", ["PORT", "SIMULATOR_PORT"])
def test_a_taken_port_is_named_with_the_variable_that_moves_it(
    supervisor: Supervisor, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        line = refusal(supervisor, **{variable: str(port)})

    assert line == f"kibeezy: Port {port} is taken: set {variable} to another one.\n"


@pytest.mark.parametrize("value", ["", "http", "0", "65536", "-1", "8000.5"])
def test_a_port_must_be_a_port(supervisor: Supervisor, value: str) -> None:
    assert f"PORT={value} is not a port" in refusal(supervisor, PORT=value)


def test_two_servers_need_two_ports(supervisor: Supervisor) -> None:
    port = str(free_port())

    assert "they must differ" in refusal(supervisor, PORT=port, SIMULATOR_PORT=port)


def test_a_database_that_is_down_is_named_without_its_password(supervisor: Supervisor) -> None:
    port = free_port()

    line = refusal(supervisor, DATABASE_URL=f"postgresql://app:secret@127.0.0.1:{port}/kibeezy")

    assert line.startswith(f"kibeezy: DATABASE_URL: no PostgreSQL lets us in at 127.0.0.1:{port}")
    assert "secret" not in line


def test_a_redis_that_is_down_is_named_without_its_password(supervisor: Supervisor) -> None:
    line = refusal(supervisor, REDIS_URL=f"redis://:secret@127.0.0.1:{free_port()}/0")

    assert line.startswith("kibeezy: REDIS_URL: no Redis answers there")
    assert "secret" not in line


def test_every_wrong_setting_is_named(supervisor: Supervisor) -> None:
    line = refusal(supervisor, STAKE_MIN_KES="plenty", PIN_PEPPER="short")

    assert "STAKE_MIN_KES" in line
    assert "PIN_PEPPER" in line
    assert "short" not in line


def test_a_refusal_leaves_nothing_running(supervisor: Supervisor) -> None:
    refusal(supervisor, STAKE_MIN_KES="plenty")

    assert supervisor.types("reset").returncode == 0
    assert not supervisor.home.exists()


def test_an_old_python_and_windows_get_one_line() -> None:
    assert "3.11 or newer, and this is 3.9" in fault(version=(3, 9, 2), platform="linux")
    assert "WSL" in fault(version=(3, 12, 0), platform="win32")
    assert fault(version=(3, 11, 0), platform="linux") == ""
    assert fault(version=(3, 14, 0), platform="darwin") == ""


def test_the_line_about_an_old_python_is_readable_by_one() -> None:
    # Every Python that we refuse must be able to run the file that refuses it.
    source = (ROOT / "laptop" / "python_version.py").read_text()

    compile(source, "python_version.py", "exec", dont_inherit=True)
    assert not any(word in source for word in ("match ", ' f"', ":=", " | None"))


def test_an_unknown_command_lists_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "laptop", "dance"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, "run | reset" in done.stdout) == (2, True)
