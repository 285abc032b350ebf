"""What the service under test has logged."""

import json
import re
import sys
from dataclasses import dataclass, field

import pytest

from tests.world import PIN

# Not as a part of a longer number or of an id.
_CANARY = re.compile(rf"(?<![0-9a-f]){PIN}(?![0-9a-f])")


@dataclass
class Log:
    _capsys: pytest.CaptureFixture[str]
    _lines: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Every line until now."""
        new = self._capsys.readouterr().err
        # Whoever reads the report of a red test wants to see them, too.
        sys.stderr.write(new)
        self._lines += [line for line in new.splitlines() if line not in self._lines]
        return self._lines

    def events(self, name: str) -> list[dict[str, str]]:
        """The lines of this event."""
        found = [json.loads(line) for line in self.lines() if line.startswith("{")]
        return [line for line in found if line["event"] == name]

    def holds_no_pin(self) -> None:
        assert [line for line in self.lines() if _CANARY.search(line)] == []
