"""The environment of `make run`: a demo's values wherever the person gave none."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings
from laptop.errors import CannotStart
from laptop.household import private_directory

DEFAULT_PORT = 8000
DEFAULT_SIMULATOR_PORT = 8001
_SECRET_BYTES = 32
_HIGHEST_PORT = 65535

# The simulator knows the same values, as a provider knows its customer.
_DEMO: Mapping[str, str] = {
    "USSD_SERVICE_CODE": "*384*2030#",
    "AT_USERNAME": "kibeezy-demo",
    "AT_API_KEY": "demo-at-key",
    "AT_SENDER_ID": "KIBEEZY",
    "AT_SHORTCODE": "20300",
    "AT_CALLBACK_SECRET": "dev-at-secret",
    "INFOBIP_API_KEY": "demo-infobip-key",
    "INFOBIP_CALLBACK_SECRET": "dev-infobip-secret",
    "INFOBIP_SENDER": "KIBEEZY",
    "MPESA_CONSUMER_KEY": "demo-consumer-key",
    "MPESA_CONSUMER_SECRET": "demo-consumer-secret",
    "MPESA_SHORTCODE": "174379",
    "MPESA_PASSKEY": "demo-passkey",
    "MPESA_TRANSACTION_TYPE": "CustomerPayBillOnline",
    "MPESA_B2C_SHORTCODE": "600992",
    "MPESA_INITIATOR_NAME": "testapi",
    "MPESA_SECURITY_CREDENTIAL": "demo-credential",
    "MPESA_CALLBACK_SECRET": "dev-c2b-secret",
    "MPESA_QUERIES_PER_MINUTE": "600",
    "SMS_PER_SECOND": "200",
}


@dataclass(frozen=True)
class Ports:
    """Where the service and the simulator listen, on this machine only."""

    web: int
    simulator: int


def read_ports(*, environment: Mapping[str, str]) -> Ports:
    """Read PORT and SIMULATOR_PORT; raises CannotStart where one is no port."""
    return Ports(
        _port(environment, name="PORT", default=DEFAULT_PORT),
        _port(environment, name="SIMULATOR_PORT", default=DEFAULT_SIMULATOR_PORT),
    )


def compose(
    *,
    environment: Mapping[str, str],
    home: Path,
    ports: Ports,
    engine_urls: Mapping[str, str],
) -> dict[str, str]:
    """Return every setting of the demo; what the environment already says wins.

    Secrets are drawn once and kept under `home`; a repeat reads them again.
    """
    simulator = f"http://127.0.0.1:{ports.simulator}"
    defaults = {
        **engine_urls,
        "PORT": str(ports.web),
        "SIMULATOR_PORT": str(ports.simulator),
        "PUBLIC_URL": f"http://127.0.0.1:{ports.web}",
        "SECRET_KEY": _kept_secret(home, name="secret_key"),
        "PIN_PEPPER": _kept_secret(home, name="pin_pepper"),
        "AT_BASE_URL": f"{simulator}/version1",
        "AT_INSIGHTS_URL": f"{simulator}/v1",
        "INFOBIP_BASE_URL": simulator,
        "MPESA_BASE_URL": simulator,
        **_DEMO,
    }
    known = {*defaults, *(name.upper() for name in Settings.model_fields)}
    given = {name: environment[name] for name in sorted(known) if name in environment}
    return {**defaults, **given}


def write_environment_file(*, home: Path, settings: Mapping[str, str]) -> Path:
    """Write the settings where the command line in another terminal finds them, for us only."""
    private_directory(home)
    lines = [f"{name}={_quoted(value)}\n" for name, value in settings.items()]
    return _write_private(home / "env", text="".join(lines))


def _port(environment: Mapping[str, str], *, name: str, default: int) -> int:
    given = environment.get(name, str(default))
    if not given.isdecimal() or not 1 <= int(given) <= _HIGHEST_PORT:
        raise CannotStart(f"{name}={given} is not a port: set it to a number from 1 to 65535.")
    return int(given)


def _kept_secret(home: Path, *, name: str) -> str:
    path = private_directory(home / "secrets") / name
    if not path.exists():
        _write_private(path, text=secrets.token_hex(_SECRET_BYTES))
    return path.read_text().strip()


def _write_private(path: Path, *, text: str) -> Path:
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    draft.replace(path)
    return path


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
