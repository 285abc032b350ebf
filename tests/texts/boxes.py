"""A page as it stands on a small screen, for whoever reads a failing test."""

from textwrap import wrap
from typing import Final

from core.gsm7 import septets

COLUMNS: Final = 32


def boxed(body: str, *, most: int) -> str:
    """The page in a frame, under the number of its septets."""
    lines = [part for line in body.split("\n") for part in wrap(line, COLUMNS) or [""]]
    edge = f"+{'-' * (COLUMNS + 2)}+"
    framed = [f"| {line:<{COLUMNS}} |" for line in lines]
    return "\n".join([f"{septets(body)} of {most} septets", edge, *framed, edge])
