"""The guards that are named by hand, because no pattern finds them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg

from mutations.guards import Guard, Kind
from mutations.source import ROOT

_FILE: Final = Path(__file__).with_name("by_hand.toml")
_DEFINITION: Final = "SELECT pg_get_functiondef(%s::regproc)"


class GoneError(Exception):
    """What a guard stands on is not there (any more), or is there more than once."""


def by_hand(connection: psycopg.Connection[Any]) -> Iterator[Guard]:
    """Every guard of by_hand.toml. Raises GoneError."""
    for given in tomllib.loads(_FILE.read_text())["guard"]:
        old, new = given["old"], given["new"]
        kind: Kind = "condition" if given["name"].startswith("condition") else "lock"
        words = {"removal": f"“{old}” → “{new}”", "name": given["name"]}
        if "function" in given:
            ((found,),) = connection.execute(_DEFINITION, (given["function"],)).fetchall()
            yield Guard(
                kind=kind,
                where=given["function"],
                sql=_changed(found, old, new, given["name"]),
                told_by=given["function"],
                **words,
            )
        else:
            text = (ROOT / given["file"]).read_text()
            changed = _changed(text, old, new, given["name"])
            yield Guard(kind=kind, where=given["file"], new=changed, **words)


def _changed(text: str, old: str, new: str, name: str) -> str:
    if text.count(old) != 1:
        raise GoneError(f"{name}: “{old}” is there {text.count(old)} times")
    return text.replace(old, new)
