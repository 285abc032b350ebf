"""Outlives a killed supervisor just long enough to stop what it had started."""

import sys
from pathlib import Path

from laptop.processes import read_record, stop


def main(record: Path) -> None:
    """Wait until the supervisor is gone, whatever ended it, then stop what is still recorded.

    The supervisor holds the other end of our standard input and never writes to it. The end of
    file comes on every system, also after SIGKILL; a death signal exists on Linux only.
    """
    sys.stdin.buffer.read()
    stop(read_record(record))
    record.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
