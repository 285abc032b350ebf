"""What `make run` prints once everything answers."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from laptop.demo_settings import Ports
from laptop.errors import CannotStart


class Admin(TypedDict):
    """A demo admin who may sign in."""

    email: str
    password: str
    totp_secret: str


class Market(TypedDict):
    """A market that the demo opened."""

    id: int
    question: str


class Demo(TypedDict):
    """What the demo has put into the database."""

    admins: list[Admin]
    markets: list[Market]


def read_demo(output: str) -> Demo:
    """Read the demo's last line; raises CannotStart where it is not the object promised."""
    try:
        found = json.loads(output.strip().splitlines()[-1])
        return Demo(admins=found["admins"], markets=found["markets"])
    except (ValueError, IndexError, KeyError, TypeError):
        raise CannotStart("The demo did not say what it made: see the log demo.log.") from None


def welcome(*, demo: Demo, ports: Ports, home: Path | None, has_staff_page: bool) -> str:
    """Write the pages, the admins and the commands; `home` where it is not the usual one."""
    lines = ["", "Kibeezy is running. Ctrl-C stops everything; the data stays.", ""]
    lines.append(f"  Handset      http://127.0.0.1:{ports.simulator}/")
    if has_staff_page:
        lines.append(f"  Staff page   http://127.0.0.1:{ports.web}/admin/")
        if demo["admins"]:
            lines.append("               one-time codes: under Staff on the handset's page")
    lines += [f"  Admin        {each['email']}  {each['password']}" for each in demo["admins"]]
    if demo["markets"] and len(demo["admins"]) > 1:
        lines += ["", *_resolving(demo, home=home)]
    return "\n".join([*lines, ""])


def _resolving(demo: Demo, *, home: Path | None) -> Sequence[str]:
    """Write the commands with two different people, since nobody settles alone."""
    first, second = (shlex.quote(each["email"]) for each in demo["admins"][:2])
    market = demo["markets"][0]
    prefix = "" if home is None else f"KIBEEZY_HOME={shlex.quote(str(home))} "
    commands = [
        f"close {market['id']} --by {first}",
        f"propose {market['id']} yes --evidence 'Seen on the news' --by {first}",
        f"resolve {market['id']} --by {second} --dry-run",
        f"resolve {market['id']} --by {second}",
    ]
    return [
        f"  To resolve market {market['id']} ({market['question']}) in another terminal:",
        *(f"    {prefix}.venv/bin/flask --app app market {words}" for words in commands),
    ]
