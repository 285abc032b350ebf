"""The first page: what needs a person now, and the money of today."""

from dataclasses import dataclass

from flask import render_template

from admin.access import EVERYBODY
from admin.site import Site


@dataclass(frozen=True)
class Home:
    """What everybody sees first."""

    site: Site

    def register(self) -> None:
        """Add it."""
        self.site.page("/", self.home, roles=EVERYBODY, menu="Home")

    def home(self) -> str:
        """What needs a person now."""
        return render_template("staff/home.html")
