"""A conversation as plain text: what is dialled, shown and typed, and which SMS come.

A line begins with what it is: `phone` whose it is, `dial` a code, `<` a line of a page, `>` what
is typed, `ends` after a last page, `hangs up`, `sms` with its words, `#` a remark.
"""

from ussd.terminal.line import Shown
from ussd.terminal.secrecy import PIN, alike, name_of_typed, without_pins


def page_lines(shown: Shown) -> list[str]:
    """A page, line by line."""
    return [*(f"< {line}" for line in shown.page.splitlines()), *(["ends"] * shown.ends)]


def sms_lines(body: str) -> list[str]:
    """An SMS, line by line."""
    return [f"sms {line}" for line in body.splitlines()]


class Record:
    """Keeps what was said until the handset is put away, secrets only by their names.

    It is read at the end, when also a PIN is known that somebody typed before it was asked for.
    """

    def __init__(self, *, phone: str) -> None:
        self._lines = [f"phone {phone}"]
        self._pins: set[str] = set()

    def dialled(self, code: str) -> None:
        self._lines += ["", f"dial {code}"]

    def shown(self, shown: Shown) -> None:
        self._lines += [alike(line) for line in page_lines(shown)]

    def typed(self, keys: str, before: Shown) -> None:
        name = name_of_typed(keys, before)
        if name == PIN:
            self._pins.add(keys)
        self._lines.append(f"> {name}")

    def received(self, body: str) -> None:
        self._lines += [alike(line) for line in sms_lines(body)]

    def hung_up(self) -> None:
        self._lines.append("hangs up")

    def text(self) -> str:
        """The whole conversation."""
        return without_pins("".join(f"{line}\n" for line in self._lines), self._pins)
