"""A process of ours, and how much memory it had at its highest."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

_LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """A process that has ended."""

    status: int
    output: str
    seconds: float
    peak_bytes: int


def watch(process: "subprocess.Popen[str]", *, look: Callable[[], None] | None = None) -> Watched:
    """Wait until it ends; it must say little. `look` is called between two looks at its memory."""
    began, peak = time.monotonic(), 0
    seen = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, seen.memory_info().rss)
        except psutil.Error:
            break
        if look is not None:
            look()
        time.sleep(_LOOK_EVERY_SECONDS)
    output, _nothing = process.communicate()
    return Watched(
        status=process.returncode,
        output=output,
        seconds=time.monotonic() - began,
        peak_bytes=peak,
    )
