"""A terminal of the operator's own: real processes that find their settings in a home."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from core.settings import Settings
from tests.laptop.supervisor import ROOT

PATIENCE_SECONDS = 30


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the environment of a process."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    return {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in given.items()
        if value is not None
    }


def write_home(home: Path, *, settings: Mapping[str, str]) -> None:
    """Leave the settings where `make run` would leave them."""
    home.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}='{value}'\n" for name, value in settings.items()]
    (home / "env").write_text("".join(lines))


def flask(
    *words: str, home: Path, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Type one command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "KIBEEZY_HOME": str(home), **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def begin(*words: str, home: Path) -> subprocess.Popen[bytes]:
    """Type one command that goes on until it is terminated."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "KIBEEZY_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
