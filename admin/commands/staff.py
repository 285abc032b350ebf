"""Commands about the people who run the service."""

import sys

import click
from sqlalchemy import Engine

from admin.commands.speaking import (
    acting_as,
    as_json,
    iso,
    minute,
    plainly,
    say,
    show_json,
    show_table,
)
from core.database import in_transaction
from core.settings import Settings
from core.staff.create_admin import create_admin
from core.staff.disable_admin import disable_admin
from core.staff.enrol import invite
from core.staff.invite_anew import Invitation, invite_anew
from core.staff.list_staff import Member, list_staff
from core.staff.records import Role, find_admin


def group(*, database: Engine, settings: Settings) -> click.Group:
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
        """Add an admin; the password is read from standard input, the enrolment is printed once."""
        assert password_stdin, "click asks for it"
        password = sys.stdin.readline().rstrip("\r\n")
        key = settings.staff_key
        with database.begin() as connection:
            made = create_admin(
                connection, email=email, phone=phone, role=Role(role), password=password
            )
            code = invite(connection, invited=made, by=made.email, key=key)
        say(f"Admin {made.email} created with the role {made.role}.")
        _show_once(Invitation(made.email, chooses_password=False, code=code), settings)

    _add_looking_after(admin, database, settings)
    return admin


def _add_looking_after(admin: click.Group, database: Engine, settings: Settings) -> None:
    @admin.command()
    @click.argument("whose", metavar="EMAIL")
    @click.option("--forgotten-password", is_flag=True, help="Let them choose another on the way.")
    @acting_as
    @plainly
    def enrol(whose: str, email: str, *, forgotten_password: bool) -> None:
        """Print a new enrolment for an admin whose phone is gone."""
        with database.begin() as connection:
            by = find_admin(connection, email=email)
            invitation = invite_anew(
                connection,
                email=whose,
                by=by,
                key=settings.staff_key,
                forgotten=forgotten_password,
            )
        _show_once(invitation, settings)

    @admin.command()
    @click.argument("whose", metavar="EMAIL")
    @acting_as
    @plainly
    def disable(whose: str, email: str) -> None:
        """Shut an admin out, at once; only a role granted by two owners lets them in again."""
        shut_out = in_transaction(
            database,
            lambda c: disable_admin(
                c, admin_id=find_admin(c, email=whose).id, by=find_admin(c, email=email)
            ),
        )
        say(f"Admin {shut_out} is shut out; every session has ended.")

    @admin.command("list")
    @as_json
    @plainly
    def list_(*, wants_json: bool) -> None:
        """Who works here."""
        staff = in_transaction(database, list_staff)
        if wants_json:
            show_json([_as_json(member) for member in staff])
        else:
            columns = ("E-mail", "Role", "Second factor", "Last seen", "State")
            show_table(columns, [_as_row(member) for member in staff])


def _show_once(invitation: Invitation, settings: Settings) -> None:
    """The address and the code, which never stand in one line: an address ends up in logs."""
    password = "a password of their choice" if invitation.chooses_password else "their password"
    say(f"Enrolment of {invitation.email}, good once, for 24 hours, with {password}:")
    say(f"  {settings.public_url}/admin/enrol")
    say(f"  {invitation.code}")


def _as_json(member: Member) -> dict[str, object]:
    return {
        "email": member.admin.email,
        "phone": member.admin.phone,
        "role": member.admin.role.value,
        "enrolled": member.is_enrolled,
        "last_seen_at": iso(member.seen_at),
        "locked_until": iso(member.locked_until),
        "disabled_at": iso(member.disabled_at),
        "demo": member.is_demo,
    }


def _as_row(member: Member) -> tuple[str, ...]:
    states = {
        "disabled": member.disabled_at is not None,
        "locked": member.locked_until is not None,
        "demo": member.is_demo,
    }
    return (
        member.admin.email,
        member.admin.role.value,
        "set up" if member.is_enrolled else "not yet",
        "never" if member.seen_at is None else minute(member.seen_at),
        ", ".join(state for state, is_so in states.items() if is_so),
    )
