"""A member of staff at a browser without JavaScript: signs in, reads pages, sends forms."""

import html
import re
from dataclasses import dataclass, field
from itertools import count
from typing import Self

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.database import in_transaction, now
from core.staff.enrol import enrol, invite, open_enrolment
from core.staff.records import Role, admin, admin_of, enrolment
from core.staff.totp import STEP_SECONDS, totp_secret
from tests.world import World

HERE = "http://127.0.0.1:8000"
PASSWORD = "a long enough password"
_numbers = count(1)


@dataclass
class Shown:
    """A page as it came back."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def words(self) -> str:
        """What a person reads, with one space between the words."""
        bare = re.sub(r"<(script|style|title)\b.*?</\1>", " ", self.html, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())

    def shows(self, *pieces: str) -> Self:
        for piece in pieces:
            assert piece in self.words, f"{piece!r} is not in: {self.words}"
        return self

    def shows_not(self, *pieces: str) -> Self:
        for piece in pieces:
            assert piece not in self.words, f"{piece!r} is in: {self.words}"
        return self

    def refuses(self, *pieces: str) -> Self:
        assert self.status == 422, self.words
        return self.shows("Not done.", *pieces)


@dataclass
class Desk:
    """One browser of one admin."""

    world: World
    client: FlaskClient
    email: str = ""
    csrf: str = field(default="", repr=False)

    def signs_in(self, role: Role = Role.OWNER, email: str | None = None) -> Self:
        """As an admin with this role, who is made and enrolled where there is none yet."""
        self.email = email or f"{role.value}{next(_numbers)}@kibeezy.test"
        self.is_enrolled(role)
        self.sends_sign_in()
        assert self.csrf, "signed in"
        return self

    def is_enrolled(self, role: Role = Role.OWNER) -> None:
        key = self.world.settings.staff_key
        with self.world.database.connect() as connection:
            row = connection.execute(select(admin).where(admin.c.email == self.email)).first()
        if row is not None and row.totp_nonce is not None:
            return
        if row is None:
            self.world.has_admin(self.email, role)
        with self.world.database.begin() as connection:
            row = connection.execute(select(admin).where(admin.c.email == self.email)).one()
            invite(connection, invited=admin_of(row), by="test", key=key)
            newest = connection.execute(
                select(enrolment.c.id)
                .where(enrolment.c.admin_id == row.id)
                .order_by(enrolment.c.id.desc())
                .limit(1)
            ).scalar_one()
            begun = open_enrolment(connection, enrolment_id=newest, admin_id=row.id)
            code = self.code_of(begun.secret(key))
            enrol(connection, of=admin_of(row), begun=begun, code=code, key=key)
        self.world.moves(seconds=2 * STEP_SECONDS)

    def code(self) -> str:
        """What the app shows now."""
        with self.world.database.connect() as connection:
            row = connection.execute(select(admin).where(admin.c.email == self.email)).one()
        key = self.world.settings.staff_key
        return self.code_of(totp_secret(admin_id=row.id, nonce=row.totp_nonce, key=key))

    def code_of(self, secret: str) -> str:
        moment = in_transaction(self.world.database, now)
        return pyotp.TOTP(secret).at(int(moment.timestamp()))

    def sends_sign_in(self, **changes: str) -> Shown:
        given = {"email": self.email, "password": PASSWORD, "code": self.code(), **changes}
        shown = self.posts("/admin/sign-in", given)
        # The next code that is typed must be of a later half minute.
        self.world.moves(seconds=2 * STEP_SECONDS)
        self._note_token()
        return shown

    def opens(self, path: str) -> Shown:
        return Shown(self.client.get(path, base_url=HERE, follow_redirects=True))

    def sends(self, path: str, **fields: object) -> Shown:
        """Send a form of one of our pages, and read the page that it leads to."""
        return self.posts(path, {"csrf": self.csrf, **{k: str(v) for k, v in fields.items()}})

    def proof(self) -> dict[str, str]:
        """Password and code, for what moves money."""
        return {"password": PASSWORD, "code": self.code()}

    def posts(self, path: str, form: dict[str, str], **headers: str) -> Shown:
        return Shown(
            self.client.post(
                path,
                base_url=HERE,
                data=form,
                headers={"Origin": HERE, **headers},
                follow_redirects=True,
            )
        )

    def _note_token(self) -> None:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.opens("/admin/").html)
        self.csrf = found[1] if found else ""
