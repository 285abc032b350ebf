"""Somebody who was handed an enrolment code, at a browser of their own."""

import re
from dataclasses import dataclass, field

from tests.admin.staff_page.desk import PASSWORD, Desk, Shown

SECRET = re.compile(r'<p class="mono">([A-Z2-7 ]+)</p>')
ENROLMENT_CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}\b")
RECOVERY_CODE = re.compile(r"<code>((?:[0-9A-Z]{4}-){2}[0-9A-Z]{4})</code>")


@dataclass
class Newcomer:
    desk: Desk
    email: str
    password: str = PASSWORD
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    def brings(self, code: str, **changes: str) -> Shown:
        """Type what they were handed; with the right code the QR page is next."""
        self.desk.email = self.email
        shown = self.desk.posts(
            "/admin/enrol",
            {"email": self.email, "password": self.password, "code": code, **changes},
        )
        found = SECRET.search(shown.html)
        self.secret = found[1].replace(" ", "") if found else ""
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', shown.html)
        self.desk.csrf = token[1] if token else ""
        return shown

    def scans(self, **changes: str) -> Shown:
        """Type what the app shows, which is the last step."""
        shown = self.desk.sends(
            "/admin/enrol/app", **{"code": self.desk.code_of(self.secret), **changes}
        )
        self.recovery_codes = RECOVERY_CODE.findall(shown.html) or self.recovery_codes
        return shown

    def enrols(self, code: str) -> None:
        self.brings(code).shows("Scan this with your app")
        self.scans().shows("Keep these on paper")
        self.desk.world.moves(minutes=1)
        self.desk._note_token()

    def becomes(self, code: str) -> None:
        """Enrol with a code that lets them choose their password."""
        self.brings(code, password="").shows("New password")
        chosen = {"new_password": self.password, "new_password_again": self.password}
        self.scans(**chosen).shows("Keep these on paper")


def code_in(words: str) -> str:
    """The one enrolment code of what was printed or shown."""
    [code] = ENROLMENT_CODE.findall(words)
    assert isinstance(code, str)
    return code
