"""What a handset looks like: drawn for a person at a terminal, plain lines for a pipe."""

import getpass
from typing import BinaryIO, Final, Protocol

import click
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from ussd.terminal.line import Shown
from ussd.terminal.record import page_lines, sms_lines
from ussd.terminal.secrecy import hides_typing, name_of_typed

# A small phone shows some 26 characters a line; two borders and two blanks stand around them.
WIDTH: Final = 30


class Face(Protocol):
    """Shows pages and SMS, and reads what is typed; EOFError when there is no more."""

    def dialled(self, code: str) -> None: ...
    def shown(self, shown: Shown) -> None: ...
    def received(self, body: str) -> None: ...
    def noted(self, sentence: str) -> None: ...
    def answer_to(self, shown: Shown) -> str: ...
    def next_call(self) -> str: ...
    def put_away(self) -> None: ...


class Drawn:
    """A screen in a box, for a person; a PIN is not shown while it is typed."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    def dialled(self, code: str) -> None:
        self.noted(f"Dialling {code}")

    def shown(self, shown: Shown) -> None:
        self._draw(shown.page, title="call ended" if shown.ends else None)

    def received(self, body: str) -> None:
        self._draw(body, title="SMS")

    def noted(self, sentence: str) -> None:
        self._console.print(sentence, style="dim", markup=False)

    def answer_to(self, shown: Shown) -> str:
        return getpass.getpass("PIN, not shown> ") if hides_typing(shown) else input("> ")

    def next_call(self) -> str:
        self.noted("Press Enter to dial again, or type a code like *384*1#. Ctrl-D to leave.")
        return input()

    def put_away(self) -> None:
        self._console.print()

    def _draw(self, words: str, *, title: str | None) -> None:
        self._console.print(Panel(Text(words), title=title, width=WIDTH))


class Plain:
    """The lines of a record as they come, for a pipe; a PIN is named, never repeated."""

    def __init__(self, typed: BinaryIO) -> None:
        self._typed = typed

    def dialled(self, code: str) -> None:
        click.echo(f"dial {code}")

    def shown(self, shown: Shown) -> None:
        click.echo("\n".join(page_lines(shown)))

    def received(self, body: str) -> None:
        click.echo("\n".join(sms_lines(body)))

    def noted(self, sentence: str) -> None:
        click.echo(f"# {sentence}")

    def answer_to(self, shown: Shown) -> str:
        keys = self.next_call()
        click.echo(f"> {name_of_typed(keys, shown)}")
        return keys

    def next_call(self) -> str:
        line = self._typed.readline()
        if not line:
            raise EOFError
        return line.decode(errors="replace").rstrip("\r\n")

    def put_away(self) -> None:
        pass
