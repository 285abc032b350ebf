"""Commands about SMS."""

import click
from sqlalchemy import Engine

from admin.commands.sms_route import add_route_commands


def group(*, database: Engine) -> click.Group:
    """The group `sms`."""

    @click.group("sms")
    def sms() -> None:
        """SMS: who carries them."""

    add_route_commands(sms, database=database)
    return sms
