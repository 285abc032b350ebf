"""The simulator's handset, held by a script."""

import re
from dataclasses import dataclass

from tests.chaos.street import Street, eventually
from tests.phone import Phone

CODE = re.compile(r"\b\d{6}\b")
REFERENCE = re.compile(r"(Ref|M-Pesa) [0-9A-Z]+")


@dataclass(frozen=True)
class ViaHandset:
    """Types on the simulator's phone, which carries the hop over the network it plays."""

    street: Street
    number: str

    def hop(self, form: dict[str, str]) -> tuple[int, str]:
        text = form["text"]
        if text:
            shown = self.street.remote.type(text.rsplit("*", 1)[-1], phone=self.number)
        else:
            shown = self.street.remote.dial(form["serviceCode"], phone=self.number)
        return 200, ("CON " if shown["open"] else "END ") + shown["screen"]


def handset(street: Street, number: str) -> Phone:
    return Phone(ViaHandset(street, number), number)


def code_on(street: Street, number: str) -> str:
    """Wait for the code's SMS and read it."""
    eventually(lambda: street.inbox(number))
    found = CODE.search(street.inbox(number)[-1])
    assert found is not None
    return found[0]


def messages(street: Street, number: str) -> list[str]:
    """Every SMS once all are sent; codes, references and receipts as signs."""
    street.comes_to_rest()
    return [REFERENCE.sub(r"\1 #", CODE.sub("######", sms)) for sms in street.inbox(number)]
