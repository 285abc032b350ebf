"""What fits into an SMS or a USSD page: the GSM 03.38 alphabet, counted in septets."""

import unicodedata
from functools import cache
from typing import Final

from gsm0338 import Codec

from core.errors import Refused
from core.text import _

# 3GPP TS 23.040: one segment has 140 octets, which are so many septets.
ONE_SEGMENT: Final = 160
_CODEC = Codec()
# Keyboards and word processors put these in by themselves; the plain one means the same.
_PLAIN = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u02b9\u02bb\u02bc\u02c8\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\N{HORIZONTAL ELLIPSIS}": "...", "\N{BULLET}": "-"}
    # Without width: nobody sees that they were pasted along.
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
)


class NotGsm7(Refused):
    """A character that a feature phone cannot show."""

    def __init__(self, character: str) -> None:
        # By number and name, since a phone that is told of it could not show it either.
        shown = f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
        super().__init__(_("Phones cannot show the character {character}.", character=shown))
        self.character = character


def septets(text: str) -> int:
    """How many septets the text takes; characters of the extension table take two.

    Raises NotGsm7.
    """
    return sum(_septets(character) for character in text)


def ensure_gsm7(text: str) -> str:
    """The text on one line, with curly quotes, dashes and foreign accents made plain.

    Raises NotGsm7, naming the first character that cannot be shown.
    """
    composed = unicodedata.normalize("NFC", text)
    # Spaces last: an accent that stands alone leaves one behind.
    return " ".join("".join(_plain(character) for character in composed).split())


def unsendable(text: str) -> list[str]:
    """The characters that no phone can show, each once, as they come; those made plain are none."""
    found: dict[str, None] = {}
    for character in unicodedata.normalize("NFC", text):
        try:
            _plain(character)
        except NotGsm7:
            found[character] = None
    return list(found)


def as_shown(text: str) -> str:
    """The same as `ensure_gsm7`, with a question mark for each character it would refuse."""
    composed = unicodedata.normalize("NFC", text)
    return ensure_gsm7(composed.translate(dict.fromkeys(map(ord, unsendable(composed)), "?")))


def made_plain(text: str) -> str:
    """The text with typographic quotes and dashes as on a keypad, and nothing invisible."""
    return text.translate(_PLAIN)


def cut_to(text: str, *, most: int) -> str:
    """As much of the text as fits into so many septets, whatever it holds: never refused."""
    plain = " ".join(made_plain(text).split())
    shown = "".join(character if is_gsm7(character) else "?" for character in plain)
    while septets(shown) > most:
        shown = shown[:-1]
    return shown


def is_gsm7(text: str) -> bool:
    """Whether every phone can show it."""
    try:
        septets(text)
    except NotGsm7:
        return False
    return True


def _plain(character: str) -> str:
    """What stands for the character on a phone. Raises NotGsm7."""
    if character.isspace():
        return " "
    if is_gsm7(character):
        return character
    parts = unicodedata.normalize("NFKD", made_plain(character))
    folded = made_plain("".join(part for part in parts if not unicodedata.combining(part)))
    if not is_gsm7(folded):
        raise NotGsm7(character)
    return folded


@cache
def _septets(character: str) -> int:
    # The alphabet holds an escape, which would swallow the character after it.
    if character == "\x1b":
        raise NotGsm7(character)
    try:
        return len(_CODEC.encode(character)[0])
    except UnicodeEncodeError:
        raise NotGsm7(character) from None
