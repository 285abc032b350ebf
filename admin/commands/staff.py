"""Commands about the people who run the service."""

import sys

import click
from sqlalchemy import Engine

from admin.commands.speaking import plainly, say
from core.database import in_transaction
from core.staff.create_admin import create_admin
from core.staff.records import Role


def group(*, database: Engine) -> click.Group:
    """The group `admin`."""

    @click.group("admin")
    def admin() -> None:
        """People who run the service."""

    @admin.command()
    @click.option("--email", required=True)
    @click.option("--phone", help="The admin's own number: who bets may not decide.")
    @click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
    @click.option("--password-stdin", is_flag=True, required=True, help="Read the password there.")
    @plainly
    def create(email: str, phone: str | None, role: str, *, password_stdin: bool) -> None:
        """Add an admin; the password is read from standard input."""
        assert password_stdin, "click asks for it"
        password = sys.stdin.readline().rstrip("\r\n")
        made = in_transaction(
            database,
            lambda c: create_admin(c, email=email, phone=phone, role=Role(role), password=password),
        )
        say(f"Admin {made.email} created with the role {made.role}.")

    return admin
