"""A handset that a person, or a pipe, holds: dials, shows, reads, and dials again."""

from collections.abc import Callable, Iterator
from typing import Final

from sqlalchemy import Engine

from core.database import in_transaction
from core.notices.messages_to import messages_to, newest_message
from core.settings import Settings
from ussd.screens import depositing, pin, registering
from ussd.terminal.faces import Face
from ussd.terminal.line import Line, Shown
from ussd.terminal.record import Record

_CODE_PAGES: Final = {registering.enter_code.name, pin.enter_code.name}
_PROMPT_PAGES: Final = {depositing.prompt_follows.name, depositing.prompt_then_bet.name}


class Mail:
    """The SMS to a phone since the handset was taken in hand."""

    def __init__(self, database: Engine, *, phone: str) -> None:
        self._database = database
        self._phone = phone
        self._seen = in_transaction(database, newest_message)

    def new(self) -> Iterator[str]:
        """Every SMS that was not given before."""
        for written in in_transaction(
            self._database, lambda c: messages_to(c, phone=self._phone, after=self._seen)
        ):
            self._seen = written.sms_id
            yield written.body


class Handset:
    """One phone. Everything that is shown and typed is also put on record."""

    def __init__(
        self, line: Line, face: Face, record: Record, mail: Mail, *, remarks: dict[str, str]
    ) -> None:
        self._line = line
        self._face = face
        self._record = record
        self._mail = mail
        self._remarks = remarks

    def use(self, code: str, *, is_ours: Callable[[str], bool]) -> None:
        """Call after call, until there is nothing more to read."""
        try:
            while True:
                self._call(code)
                typed = self._face.next_call().strip()
                self._show_mail()
                code = typed if is_ours(typed) else code
        except (EOFError, KeyboardInterrupt):
            if self._line.is_open:
                self._line.hang_up()
                self._record.hung_up()
            self._face.put_away()

    def _call(self, code: str) -> None:
        self._face.dialled(code)
        self._record.dialled(code)
        shown = self._line.dial(code)
        self._show(shown)
        while not shown.ends:
            keys = self._face.answer_to(shown)
            self._record.typed(keys, shown)
            shown = self._line.type(keys)
            self._show(shown)
        self._line.hang_up()

    def _show(self, shown: Shown) -> None:
        self._face.shown(shown)
        self._record.shown(shown)
        if shown.screen in self._remarks:
            self._face.noted(self._remarks[shown.screen])
        self._show_mail()

    def _show_mail(self) -> None:
        for body in self._mail.new():
            self._face.received(body)
            self._record.received(body)


def remarks(settings: Settings) -> dict[str, str]:
    """What a person should know on some pages, for this handset is not the whole phone."""
    code = f"The code is stored nowhere: read it in the SMS, sent by way of {settings.at_base_url}."
    prompt = f"The M-Pesa prompt appears where {settings.mpesa_base_url} sends it."
    return dict.fromkeys(_CODE_PAGES, code) | dict.fromkeys(_PROMPT_PAGES, prompt)
