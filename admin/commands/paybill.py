"""Commands about the paybill itself."""

from collections.abc import Callable

import click

from admin.commands.speaking import plainly, say


def group(*, register: Callable[[], list[str]]) -> click.Group:
    """The group `c2b`; `register` tells the provider our URLs and returns them without secret."""

    @click.group("c2b")
    def c2b() -> None:
        """The paybill, as the provider knows it."""

    @c2b.command("register")
    @plainly
    def register_() -> None:
        """Tell the provider where to tell us of payments to the paybill."""
        urls = register()
        say("Daraja will call:")
        for url in urls:
            say(url)

    return c2b
