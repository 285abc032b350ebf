"""An owner at the staff page of a running service, over HTTP, and where the links lead."""

import re
import time
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyotp
import urllib3

from bench.books.bookmaker import PASSWORD, PROPOSER
from bench.books.ground import Ground
from core.database import in_transaction
from core.staff.enrol import invite
from core.staff.records import find_admin

SIGN_IN = "/admin/sign-in"
HOME = "/admin/"
_OK, _SEE_OTHER = 200, 303
_SECONDS = 60.0
_LINK = re.compile(r'(?:href|data-live)="(/admin/[^"#]*)')
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_SECRET = re.compile(r'class="mono"[^>]*>([A-Z2-7 ]{16,})<')


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it came back."""

    status: int
    text: str
    milliseconds: float
    is_page: bool = True

    def links(self) -> list[str]:
        """Where it leads, within the staff page."""
        found = (unescape(link) for link in _LINK.findall(self.text))
        return [link for link in found if not link.startswith("/admin/static/")]


@dataclass
class Visitor:
    """One browser, which keeps its connection and its cookie."""

    pool: urllib3.HTTPConnectionPool
    cookie: str = field(default="", repr=False)

    def opens(self, path: str) -> Seen:
        """Read a page to its end; of a file, which may be long, only that it begins."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        began = time.perf_counter()
        answer = self.pool.request(
            "GET",
            path,
            headers=headers,
            redirect=False,
            retries=False,
            timeout=_SECONDS,
            preload_content=False,
        )
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        if not is_page:
            answer.close()
        text = answer.data.decode(errors="replace") if is_page else ""
        answer.release_conn()
        return Seen(answer.status, text, (time.perf_counter() - began) * 1000, is_page)

    def enrols(self, ground: Ground) -> None:
        """Set up a second factor as one of the two admins; that signs in, too."""

        def invited(connection: object) -> str:
            admin = find_admin(connection, email=PROPOSER)  # type: ignore[arg-type]
            return invite(connection, invited=admin, by="bench", key=ground.settings.staff_key)  # type: ignore[arg-type]

        code = in_transaction(ground.database, invited)
        self._posts("/admin/enrol", {"email": PROPOSER, "password": PASSWORD, "code": code})
        page = self.opens("/admin/enrol/app").text
        token, secret = _TOKEN.search(page), _SECRET.search(page)
        assert token is not None, page
        assert secret is not None, page
        shown = pyotp.TOTP(secret[1].replace(" ", "")).now()
        self._posts("/admin/enrol/app", {"csrf": token[1], "code": shown})

    def _posts(self, path: str, form: dict[str, str]) -> None:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{self.pool.host}:{self.pool.port}",
            **({"Cookie": self.cookie} if self.cookie else {}),
        }
        answer = self.pool.request(
            "POST", path, body=urlencode(form), headers=headers, redirect=False, retries=False
        )
        assert answer.status in {_OK, _SEE_OTHER}, f"{answer.status}: {answer.data.decode()}"
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]


def shape_of(path: str) -> str:
    """The same for all pages of a kind: numbers, and what filters are set to, left out."""
    parts = urlsplit(path)
    names = "&".join(sorted({name for name, _ in parse_qsl(parts.query)}))
    return re.sub(r"\d+", "#", parts.path) + (f"?{names}" if names else "")


def walk(visitor: Visitor, *, begins: list[str]) -> dict[str, str]:
    """A path of each shape that a person reaches by links, the first that is found."""
    found: dict[str, str] = {}
    waiting = list(begins)
    while waiting:
        path = waiting.pop(0)
        if shape_of(path) in found:
            continue
        seen = visitor.opens(path)
        if seen.is_page:
            found[shape_of(path)] = path
        if seen.status == _OK:
            waiting += seen.links()
    return found
