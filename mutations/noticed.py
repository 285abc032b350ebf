"""Who notices which guard, as it was found out once; and which guards hold nothing, and why."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mutations.guards import Guard

FILE: Final = Path(__file__).with_name("noticed.toml")
_HEAD: Final = """\
# Which test notices that a guard is gone: `make mutate ARGS=--look` writes it. Under [needless], by
# hand, what may go without anybody noticing, and why; a pattern may speak for several.
"""


@dataclass
class Noticed:
    """What is known: the test of each guard, and patterns of guards that hold nothing."""

    tests: dict[str, str]
    needless: dict[str, str]

    def why_needless(self, guard: Guard) -> str | None:
        """The reason why nobody has to notice it, where there is one."""
        return next(
            (why for name, why in self.needless.items() if re.fullmatch(name, guard.name)), None
        )


def read() -> Noticed:
    """Return what the file says; nothing where there is no file yet."""
    told = tomllib.loads(FILE.read_text()) if FILE.exists() else {}
    return Noticed(tests=told.get("noticed", {}), needless=told.get("needless", {}))


def write(known: Noticed) -> None:
    """Write the file, in the order of the alphabet, so that a change of it can be read."""
    sections = [("noticed", sorted(known.tests.items())), ("needless", known.needless.items())]
    lines = [
        line
        for title, pairs in sections
        for line in (f"\n[{title}]", *(f"{_quoted(name)} = {_quoted(v)}" for name, v in pairs))
    ]
    FILE.write_text(_HEAD + "\n".join(lines) + "\n")


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)
