"""What is shown while something takes long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

# Where lines cannot be drawn over, one now and then must do.
_LINE_EVERY_SECONDS = 15.0


@contextmanager
def step(
    console: Console, name: str, *, total: int | None = None
) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs, which tells it how far it is; then how long it took."""
    began = said_at = time.monotonic()
    bars = Progress(
        TextColumn("{task.description:<40}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    bar = bars.add_task(name, total=total)

    def tell(done: int) -> None:
        nonlocal said_at
        bars.update(bar, completed=done)
        now = time.monotonic()
        if not console.is_terminal and now - said_at > _LINE_EVERY_SECONDS:
            console.print(f"  {name}: {done:,}, {now - began:.0f} s", highlight=False)
            said_at = now

    with bars:
        yield tell
    console.print(f"{name}: {time.monotonic() - began:.1f} s", highlight=False)
