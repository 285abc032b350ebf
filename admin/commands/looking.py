"""Who looks at other people's data is written down, like who acts."""

import getpass
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import Connection

from core.audit_trail.records import record
from core.staff.records import find_admin


def looking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that names who looks."""
    return click.option(
        "--by", "looker", help="E-mail of the admin who looks; by default the user of this shell."
    )(command)


def note_look(
    connection: Connection,
    *,
    looker: str | None,
    act: str,
    subject: str,
    **details: str | int | None,
) -> None:
    """Write the look-up down, in the transaction that looks. Raises NoSuchThing for no admin.

    Where no admin is named it is whoever is signed in at the machine, as far as that knows.
    """
    actor = _operator() if looker is None else find_admin(connection, email=looker).email
    record(connection, actor=actor, act=act, subject=subject, **details)


def _operator() -> str:
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        # Nobody has this user's number, as in some containers.
        return "operator:unknown"
