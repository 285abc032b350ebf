"""Codes that a person copies once from paper or a terminal."""

import secrets
from typing import Final

# Without what looks alike in print: 0 and O, 1, I and L.
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUP: Final = 4


def fresh_code(*, groups: int) -> str:
    """A code such as `7KQM-22XD-PR9A`: almost 20 bits a group."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(groups))


def plain_code(typed: str) -> str:
    """The same however it was typed: capitals, without spaces and dashes."""
    return "".join(sign for sign in typed.upper() if sign not in " -\t")
