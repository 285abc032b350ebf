"""Somebody of the staff in front of a real browser."""

from dataclasses import dataclass
from typing import Self

from playwright.sync_api import Page

from core.staff.records import Role
from tests.admin.staff_page.desk import PASSWORD, Desk


@dataclass
class Clerk:
    """A browser's page, and the app that shows its codes."""

    page: Page
    desk: Desk
    password: str = PASSWORD

    def signs_in(self, role: Role = Role.OWNER, email: str = "") -> Self:
        """As an admin with this role, who is made where there is none yet."""
        self.desk.email = email or f"{role.value}@browser.test"
        self.desk.is_enrolled(role)
        self.page.goto("/admin/sign-in")
        self.types_password()
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/admin/")
        # The next code that is typed must be of a later half minute.
        self.desk.world.moves(seconds=61)
        return self

    def types_password(self) -> None:
        """Address, password and what the app shows now."""
        self.page.get_by_label("E-mail").fill(self.desk.email)
        self.page.get_by_label("Password").fill(self.password)
        self.page.get_by_label("One-time code").fill(self.desk.code())
