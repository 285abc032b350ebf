"""What `ledger verify` says of the books at the end of a run."""

from typing import Final

from rich.console import Console
from sqlalchemy import text

from bench.books.ground import Ground
from bench.books.watched import Watched, watch
from bench.steps import step

_SEAL_NEXT: Final = text("SELECT seal_next_block(20000)")


def seal(ground: Ground, console: Console) -> None:
    """Seal everything, as the worker does bit by bit."""
    blocks: int | None = 0
    with step(console, "Sealing") as tell:
        while blocks is not None:
            with ground.owner.begin() as connection:
                blocks = connection.execute(_SEAL_NEXT).scalar_one()
            if blocks is not None:
                tell(blocks)


def verify_ledger(ground: Ground, console: Console) -> Watched:
    """Run the operator's command in a process of its own."""
    with step(console, "ledger verify"):
        return watch(ground.flask("ledger", "verify"))


def show_verdict(ground: Ground, console: Console) -> int:
    """Seal what no worker has, run it, print what it says, and return its status."""
    seal(ground, console)
    done = verify_ledger(ground, console)
    console.print(done.output.strip(), markup=False, highlight=False)
    return done.status
