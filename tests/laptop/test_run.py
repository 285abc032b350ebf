"""The whole service on this machine: started, stopped, killed, started again."""

import signal

import psycopg
import pytest

from tests.laptop.supervisor import Supervisor

pytestmark = pytest.mark.processes


def test_ctrl_c_leaves_no_process_and_no_port(supervisor: Supervisor) -> None:
    supervisor.starts()
    assert supervisor.answers()

    status, words = supervisor.gets(signal.SIGINT)

    assert (status, words.splitlines()[-1]) == (0, "Stopped.")
    assert supervisor.left_behind() == []
    assert not supervisor.is_listening()


def test_a_second_run_keeps_the_data_and_a_reset_wipes_it(supervisor: Supervisor) -> None:
    supervisor.starts()
    secret = supervisor.setting("PIN_PEPPER")
    with psycopg.connect(supervisor.setting("MIGRATION_DATABASE_URL")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    second = supervisor.types("run")
    wiping = supervisor.types("reset")

    for refusal in (second, wiping):
        assert refusal.returncode == 2
        assert refusal.stderr.count("\n") == 1
        assert "is in use by another `make run`" in refusal.stderr

    # Nothing can be tidied up by a supervisor that is killed; the next one takes over.
    supervisor.gets(signal.SIGKILL)
    assert supervisor.left_behind() == []
    assert not supervisor.is_listening()
    supervisor.starts()
    with psycopg.connect(supervisor.setting("MIGRATION_DATABASE_URL")) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert supervisor.setting("PIN_PEPPER") == secret
    assert supervisor.gets(signal.SIGTERM)[0] == 0

    assert supervisor.types("reset").stdout.startswith("Wiped")
    assert not supervisor.home.exists()
    assert supervisor.types("reset").stdout.startswith("Nothing to wipe")


def test_a_process_that_dies_is_named_and_takes_the_rest_along(supervisor: Supervisor) -> None:
    supervisor.starts()

    supervisor.member("app worker").kill()
    status, words = supervisor.ends()

    assert status == 1
    assert "kibeezy: worker ended with status -9" in words
    assert supervisor.left_behind() == []
    assert not supervisor.is_listening()
