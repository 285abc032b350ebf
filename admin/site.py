"""The staff page: how its pages are added, and what stands before each of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from flask import Blueprint, Response, abort, g, make_response, request
from redis import Redis
from sqlalchemy import Connection, Engine
from werkzeug.exceptions import HTTPException

from admin.access import Door, Policy
from admin.faults import page_of_fault
from admin.forgery import has_token, is_from_here
from admin.headers import harden
from admin.readable import ensure_readable
from admin.sign_in.cookie import read_cookie
from admin.sign_in.prove import prove_or_refuse
from core.audit_trail.records import record
from core.database import in_transaction
from core.errors import Refused
from core.settings import Settings
from core.staff.records import Admin, Role
from core.staff.sessions import Session, find_session

Result = TypeVar("Result")
View: TypeAlias = Callable[..., str | Response]

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu, for those who may open it."""

    words: str
    endpoint: str


@dataclass(frozen=True)
class Site:
    """What pages are made with. A page is a view with a policy; without one nobody gets in."""

    database: Engine
    settings: Settings
    redis: Redis
    policies: dict[str, Policy] = field(default_factory=dict)
    menu: list[MenuItem] = field(default_factory=list)
    sentences: dict[str, str] = field(default_factory=dict)
    routes: Blueprint = field(
        default_factory=lambda: Blueprint(
            "admin",
            __name__,
            url_prefix="/admin",
            template_folder=str(HERE / "templates"),
            static_folder=str(HERE / "static"),
            static_url_path="/static",
        )
    )

    def page(
        self, rule: str, view: View, *, roles: frozenset[Role], menu: str | None = None
    ) -> None:
        """Something to read, by GET; `menu` is its line there. Refusals become a page of words."""
        self._add(rule, view, Policy(roles=roles), "GET")
        if menu is not None:
            self.menu.append(MenuItem(menu, f"admin.{_name(view)}"))

    def live(self, rule: str, view: View, *, roles: frozenset[Role]) -> None:
        """A part of a page that refreshes itself, by GET."""
        self._add(rule, view, Policy(roles=roles, live=True), "GET")

    def act(
        self,
        rule: str,
        view: View,
        *,
        roles: frozenset[Role],
        on: View,
        done: str = "",
        fresh: bool = False,
    ) -> None:
        """Something done, by POST. A refusal shows `on`, the page its form stands on, again.

        `on` takes the same arguments from the path. `done` is what the next page says at its top
        (admin.drawing.done). With `fresh` the form asks for password and code unless they were
        given within 10 minutes (`proof` in staff/forms.html).
        """
        policy = Policy(roles=roles, fresh=fresh)
        self.sentences[_name(view)] = done
        self._add(rule, partial(self._acted, view, on, fresh), policy, "POST", _name(view))

    def open(self, rule: str, view: View, *, method: str, door: Door = Door.OPEN) -> None:
        """What stands before signing in."""
        self._add(rule, view, Policy(door=door), method)

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """What a page shows; nothing is kept."""
        with self.database.connect() as connection:
            return work(connection)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """What an act does, in one transaction that is tried again after a collision."""
        return in_transaction(self.database, work)

    def look(self, work: Callable[[Connection], Result], *, act: str, subject: str) -> Result:
        """The same as `read` of a person's data: who looks is written down with it."""

        def looked(connection: Connection) -> Result:
            seen = work(connection)
            record(connection, actor=me().email, act=act, subject=subject)
            return seen

        return in_transaction(self.database, looked)

    def blueprint(self) -> Blueprint:
        """`/admin/` and everything below, guarded."""
        self.policies["admin.static"] = Policy(door=Door.OPEN)
        self.routes.before_request(self._guard)
        self.routes.register_error_handler(Exception, page_of_fault)
        # Where no page is, these routes are not asked; the answer is ours all the same.
        self.routes.after_app_request(self._harden)
        for code in (404, 405):
            self.routes.app_errorhandler(code)(self._not_found)
        return self.routes

    def _add(self, rule: str, view: View, policy: Policy, method: str, name: str = "") -> None:
        name = name or _name(view)
        self.policies[f"admin.{name}"] = policy
        self.routes.add_url_rule(
            rule, name, view, methods=[method], provide_automatic_options=False
        )

    def _guard(self) -> Response | None:
        policy = self.policies.get(request.endpoint or "")
        if policy is None:
            abort(403)
        is_act = request.method not in {"GET", "HEAD"}
        if is_act and not is_from_here(request, public_url=self.settings.public_url):
            abort(400)
        # Read whole, before anybody is let in: who is shut out meanwhile does nothing with it.
        ensure_readable(request)
        g.site, g.session = self, self._session(policy)
        if policy.door is Door.OPEN:
            return None
        session = g.session
        is_enrolling = session is not None and session.enrolment_id is not None
        if session is None or is_enrolling != (policy.door is Door.ENROLLING):
            abort(401)
        if policy.door is Door.SIGNED_IN and session.admin.role not in policy.roles:
            abort(403)
        if is_act and not has_token(request, session, key=self.settings.staff_key):
            abort(400)
        return None

    def _session(self, policy: Policy) -> Session | None:
        token = read_cookie(request, settings=self.settings)
        if token is None or request.endpoint == "admin.static":
            return None
        found = in_transaction(
            self.database,
            lambda c: find_session(
                c, token=token, key=self.settings.staff_key, is_used=not policy.live
            ),
        )
        # A demo's admin, whose password this machine's key makes, is nobody anywhere else.
        return None if found is not None and found.is_demo and not self.settings.is_local else found

    def _acted(
        self,
        view: View,
        on: View,
        fresh: bool,  # noqa: FBT001 - bound once, when the act is added
        **path: Any,  # noqa: ANN401 - what the rule holds
    ) -> str | Response:
        try:
            if fresh:
                prove_or_refuse(g.session, database=self.database, settings=self.settings)
            return view(**path)
        except Refused as refusal:
            g.refused = refusal
            # Where the page itself is of nothing, it says so.
            shown = make_response(on(**path))
            shown.status_code = 422
            return shown

    def _not_found(self, error: HTTPException) -> Response | HTTPException:
        return page_of_fault(error) if _is_ours(request.path) else error

    def _harden(self, response: Response) -> Response:
        if not _is_ours(request.path):
            return response
        return harden(
            response,
            is_https=self.settings.public_url.startswith("https:"),
            is_asset=request.endpoint == "admin.static" and response.status == "200 OK",
        )


def me() -> Admin:
    """Who is signed in, in a view."""
    admin = g.session.admin
    assert isinstance(admin, Admin)
    return admin


def _is_ours(path: str) -> bool:
    return path == "/admin" or path.startswith("/admin/")


def _name(view: View) -> str:
    named = view.func if isinstance(view, partial) else view
    return named.__name__
