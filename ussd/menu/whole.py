"""The whole menu of this service, and what can be dialled straight to."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from ussd import screens
from ussd.hop import SEPARATOR
from ussd.menu.findings import Elsewhere, To
from ussd.menu.graph import Graph
from ussd.menu.joining import Beginnings, join
from ussd.menu.reading import read_function
from ussd.pages import CONTINUED, STEPS
from ussd.screens import arrival, refusals
from ussd.shortcuts import SHORTCUTS

# Shortcuts are declared for any market; which one does not matter to where they lead.
ANY_MARKET: Final = 101


def whole_menu() -> Graph:
    """The graph of everything that is registered, and of screens that nothing imports yet."""
    for module in iter_modules(screens.__path__, f"{screens.__name__}."):
        import_module(module.name)
    # Shortcuts are written on the pages that they open; as links from the dial they would hide
    # the way through the menu.
    dialled = (Elsewhere("a shortcut's page"),)
    left_open = tuple(To(step) for step in sorted(CONTINUED))
    standing = (Elsewhere("the page before"),)
    beginnings = Beginnings(
        dial=read_function(arrival.arrive, given={"before": left_open, "dialled": dialled}),
        refusals=read_function(refusals.place_for, given={"standing": standing}),
        shortcuts={one.digits: one.opens(ANY_MARKET).step for one in SHORTCUTS},
    )
    return join(steps=STEPS, beginnings=beginnings)


def shortcut_lines(*, service_code: str) -> Iterator[str]:
    """What is dialled and the pages that it may open, side by side."""
    graph = whole_menu()
    code = service_code.removesuffix("#")
    rows = {f"{code}{SEPARATOR}{one.digits}#": graph.opened_by(one.digits) for one in SHORTCUTS}
    width = max(len(dialled) for dialled in rows)
    for dialled, pages in rows.items():
        yield f"{dialled:<{width}} -> {' or '.join(pages)}"
