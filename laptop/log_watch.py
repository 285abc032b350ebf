"""Shows on the terminal what a service logs as an error, and nothing else of its log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ALARMING = {"error", "critical"}
_LONGEST_LINE = 300


@dataclass
class LogWatch:
    """One service's log and how far it has been read."""

    name: str
    path: Path
    _offset: int = 0

    def errors(self) -> Iterator[str]:
        """Yield the errors logged since the last call; a line still being written waits."""
        with self.path.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                text = line.decode(errors="replace").strip()
                if _is_error(text):
                    yield f"{self.name}: {text[:_LONGEST_LINE]}"


def _is_error(text: str) -> bool:
    try:
        entry = json.loads(text)
    except ValueError:
        return " ERROR " in f" {text} " or text.startswith("Traceback ")
    return isinstance(entry, dict) and str(entry.get("level", "")).lower() in _ALARMING
