"""An operator at a terminal: types a command, reads what it answers."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

from click.testing import Result
from flask.testing import FlaskCliRunner

REFUSED = 1
MISUSED = 2


@dataclass(frozen=True)
class Operator:
    runner: FlaskCliRunner

    def types(self, line: str, *, stdin: str = "") -> str:
        """Type a command that must work; return what it printed."""
        result = self.tries(line, stdin=stdin)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        return result.stdout

    def reads(self, line: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.types(line))

    def is_refused(self, line: str, *, stdin: str = "", status: int = REFUSED) -> str:
        """Type a command that must fail; return the one line that says why."""
        result = self.tries(line, stdin=stdin)
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert (result.exit_code, result.stdout) == (status, ""), result.output
        fault = result.stderr.splitlines()[-1]
        assert fault.startswith("Error: ")
        if status == REFUSED:
            assert result.stderr.count("\n") == 1, result.stderr
        return fault

    def tries(self, line: str, *, stdin: str = "") -> Result:
        return self.runner.invoke(args=shlex.split(line), input=stdin)
