"""What `ledger verify` says of the books at the end of a run."""

from rich.console import Console

from bench.books.ground import Ground
from bench.books.watched import Watched, watch
from bench.steps import step


def verify_ledger(ground: Ground, console: Console) -> Watched:
    """Run the operator's command in a process of its own."""
    with step(console, "ledger verify"):
        return watch(ground.flask("ledger", "verify"))


def show_verdict(ground: Ground, console: Console) -> int:
    """Run it, print what it says, and return its status."""
    done = verify_ledger(ground, console)
    console.print(done.output.strip(), markup=False, highlight=False)
    return done.status
