"""The command `phone`: a handset for trying out."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.test import Client

from core.log import configure_logging
from core.phone import InvalidPhone, parse_phone
from core.settings import Settings
from core.text import Language
from ussd.hop import MalformedHopError, digits_behind
from ussd.terminal.faces import Drawn, Face, Plain
from ussd.terminal.handset import Handset, Mail, remarks
from ussd.terminal.line import Line
from ussd.terminal.record import Record


class CannotGoOn(click.ClickException):
    """Nobody may hold this handset here, or what it needs is away."""

    exit_code = 2


def command(
    *,
    settings: Settings,
    database: Engine,
    open_client: Callable[[], Client],
    require_engines: Callable[[], None],
) -> click.Command:
    """The command `phone`; `open_client` leads into this application."""

    @click.command("phone")
    @click.argument("phone")
    @click.option("--code", default=settings.ussd_service_code, help="What to dial first.")
    @click.option(
        "--record",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the conversation into this file at the end, without PINs and codes.",
    )
    def handset(phone: str, code: str, file: Path | None) -> None:
        """A handset in the terminal, for the phone of this number.

        It dials the service code, shows each page, and sends what you type through the route
        of the gateway, inside this process: no web server need run. It shows the SMS to the
        phone, too, but codes and M-Pesa prompts are the worker's business and arrive at the
        phone itself, with `make run` at the telephone in the browser.

        It speaks for any number, so it works only where PUBLIC_URL is this machine.
        """
        if not settings.is_local:
            raise CannotGoOn("PUBLIC_URL is not this machine, and this speaks for any number.")
        number = _number(phone)
        _require_ours(code, settings)
        require_engines()
        _quieten()
        record = Record(phone=number.replace("+254", "0"))
        _write(record, file)
        line = Line(open_client(), settings, phone=number)
        try:
            mail = Mail(database, phone=number)
            held = Handset(line, _face(), record, mail, remarks=remarks(settings))
            held.use(code, is_ours=lambda typed: _is_ours(typed, settings))
        except SQLAlchemyError:
            raise CannotGoOn("The database cannot be reached any more.") from None
        finally:
            _write(record, file)

    return handset


def _number(phone: str) -> str:
    try:
        return parse_phone(phone)
    except InvalidPhone as refusal:
        raise click.ClickException(refusal.text.in_(Language.ENGLISH)) from None


def _require_ours(code: str, settings: Settings) -> None:
    if not _is_ours(code, settings):
        raise click.ClickException(f"Dial {settings.ussd_service_code}, or digits behind it.")


def _is_ours(code: str, settings: Settings) -> bool:
    try:
        digits_behind(code, service_code=settings.ussd_service_code)
    except MalformedHopError:
        return False
    return code.endswith("#")


def _face() -> Face:
    if sys.stdin.isatty() and sys.stdout.isatty():
        return Drawn()
    return Plain(sys.stdin.buffer)


def _quieten() -> None:
    # The service's own log lines would stand between the pages.
    configure_logging(level="ERROR")


def _write(record: Record, file: Path | None) -> None:
    if file is None:
        return
    try:
        file.write_text(record.text(), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from None
