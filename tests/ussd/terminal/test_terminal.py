"""The handset at a real terminal: boxes, a PIN that nobody sees, and a clean way out."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.money import kes
from core.settings import Settings
from tests.admin.terminal import environment_of, write_home
from tests.laptop.supervisor import ROOT
from tests.world import PIN, World

pytestmark = pytest.mark.processes

PATIENCE_SECONDS = 30
PHONE = ("-m", "flask", "--app", "app", "phone", "0700000001")
# Only a terminal that controls its session can hide what is typed, or send Ctrl-C; and whoever runs
# the tests in the background may have handed down that Ctrl-C is ignored.
_SIT_DOWN = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """A process on a pseudo-terminal of its own, as a person sits before it."""

    def __init__(self, home: Path) -> None:
        self._screen, theirs = pty.openpty()
        environment = {"PATH": "/usr/bin:/bin", "KIBEEZY_HOME": str(home), "LANG": "C.UTF-8"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SIT_DOWN, *PHONE],
            cwd=ROOT,
            env=environment | {"TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = self.everything = ""

    def types(self, keys: str) -> "Terminal":
        os.write(self._screen, keys.encode())
        return self

    def shows(self, words: str) -> "Terminal":
        """Wait for the words, and forget what stood before them."""
        while words not in self.seen:
            more = self._read()
            assert more, f"no {words!r} in:\n{self.seen}"
            self.seen += more
        self.everything += self.seen
        self.seen = self.seen.partition(words)[2]
        return self

    def ends(self) -> int:
        """Wait for the end; return the status."""
        while more := self._read():
            self.seen += more
        return self._process.wait(PATIENCE_SECONDS)

    def put_away(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._screen)

    def _read(self) -> str:
        """What comes next; nothing where the process is gone or says no more."""
        ready, _writable, _broken = select.select([self._screen], [], [], PATIENCE_SECONDS)
        if not ready:
            return ""
        try:
            return os.read(self._screen, 4096).decode(errors="replace")
        except OSError:
            # Linux says so when the other side of a terminal is gone.
            return ""


@pytest.fixture
def terminal(world: World, settings: Settings, tmp_path: Path) -> Iterator[Terminal]:
    world.has_market(label="Gor Mahia wins")
    world.has_player("+254700000001", balance=kes(500))
    write_home(tmp_path, settings=environment_of(settings))
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.put_away()


def test_a_person_bets_and_dials_again(terminal: Terminal, world: World) -> None:
    terminal.shows("Dialling *384*2030#").shows("╭").shows("1. Bet").shows("╰").shows("> ")
    terminal.types("1\n").shows("1. Gor Mahia wins").shows("> ").types("1\n").shows("1. YES")
    terminal.shows("> ").types("1\n").shows("How much on YES?").shows("> ").types("200\n")
    terminal.shows("Enter PIN to bet").shows("PIN, not shown> ").types(f"{PIN}\n")
    terminal.shows("call ended").shows("Bet placed. Ref").shows("SMS").shows("Press Enter")
    terminal.types("\n").shows("5. My account").shows("> ").types(CTRL_D)
    assert terminal.ends() == 0
    assert world.wallet("+254700000001") == kes(300)


def test_a_pin_is_not_shown(terminal: Terminal) -> None:
    terminal.shows("1. Bet").types("4\n").shows("PIN, not shown> ").types(f"{PIN}\n")
    terminal.shows("no bets yet").types(CTRL_C)
    assert terminal.ends() == 0
    assert PIN not in terminal.everything + terminal.seen


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_leaving_where_a_pin_is_asked_for_is_clean(terminal: Terminal, key: str) -> None:
    terminal.shows("1. Bet").types("4\n").shows("PIN, not shown> ").types(key)
    assert terminal.ends() == 0
    assert "Traceback" not in terminal.seen


def test_a_service_that_is_away_is_one_line(settings: Settings, tmp_path: Path) -> None:
    away = environment_of(settings) | {"REDIS_URL": "redis://127.0.0.1:9/0"}
    write_home(tmp_path, settings=away)
    done = subprocess.run(
        [sys.executable, *PHONE],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "KIBEEZY_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "kibeezy: redis: cannot be reached\n"
