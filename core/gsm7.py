"""What fits into an SMS or a USSD page: the GSM 03.38 alphabet, counted in septets."""

import unicodedata
from functools import cache

from gsm0338 import Codec

from core.errors import Refused
from core.text import _

_CODEC = Codec()
# Keyboards and word processors put these in by themselves; the plain one means the same.
_PLAIN = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "`": "'",
    }
)


class NotGsm7(Refused):
    """A character that a feature phone cannot show."""

    def __init__(self, character: str) -> None:
        shown = character if character.isprintable() else f"U+{ord(character):04X}"
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
    plain = " ".join(text.translate(_PLAIN).split())
    folded = "".join(_fold(character) for character in unicodedata.normalize("NFC", plain))
    septets(folded)
    return folded


def _fold(character: str) -> str:
    try:
        _septets(character)
    except NotGsm7:
        parts = unicodedata.normalize("NFKD", character)
        return "".join(part for part in parts if not unicodedata.combining(part))
    return character


@cache
def _septets(character: str) -> int:
    # The alphabet holds an escape, which would swallow the character after it.
    if character == "\x1b":
        raise NotGsm7(character)
    try:
        return len(_CODEC.encode(character)[0])
    except UnicodeEncodeError:
        raise NotGsm7(character) from None
