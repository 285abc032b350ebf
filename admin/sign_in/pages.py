"""Signing in and out, and setting up a second factor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import segno
import structlog
from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from redis.exceptions import RedisError
from sqlalchemy import Connection

from admin.access import EVERYBODY, OWNERS, Door
from admin.drawing.form import chosen_password, typed
from admin.sign_in.cookie import drop_cookie, set_cookie
from admin.sign_in.prove import check_proof
from admin.site import Site, me
from core.alarms.raise_alarm import raise_alarm
from core.client_address import client_address
from core.errors import Refused
from core.staff.enrol import Enrolment, check_invited, enrol, find_enrolment, open_enrolment
from core.staff.sessions import Whence, end_session, open_session
from core.staff.sign_in import Candidate, Proof, accept_sign_in, count_try
from core.staff.totp import totp_uri

log = structlog.get_logger()

# Of one address: more than a clumsy office of five types, and too few to guess with.
TRIES_OF_ADDRESS: Final = 30
_WITHIN_SECONDS: Final = 10 * 60


@dataclass(frozen=True)
class SignIn:
    """The pages before, and the way out."""

    site: Site

    def register(self) -> None:
        """Add them."""
        site = self.site
        site.open("/sign-in", self.sign_in, method="GET")
        site.open("/sign-in", self.take_sign_in, method="POST")
        site.open("/enrol", self.enrol, method="GET")
        site.open("/enrol", self.take_enrol, method="POST")
        site.open("/enrol/app", self.enrol_app, method="GET", door=Door.ENROLLING)
        site.open("/enrol/app", self.take_app, method="POST", door=Door.ENROLLING)
        site.act("/sign-out", self.sign_out, roles=EVERYBODY, on=self.sign_in)

    def sign_in(self) -> str:
        """Address, password, code."""
        return render_template("staff/sign_in.html", then=request.values.get("then", ""))

    def take_sign_in(self) -> Response:
        """Begin a new session, whatever the browser brought, and go where one wanted to."""
        self._count_address()
        try:
            proof = check_proof(
                email=typed("email"),
                password=request.form.get("password", ""),
                code=typed("code"),
                database=self.site.database,
                settings=self.site.settings,
            )
            token = self.site.write(lambda c: self._begin(c, proof))
        except Refused as refusal:
            return _again(refusal, self.sign_in)
        return self._go(_local(request.form.get("then", "")), token)

    def sign_out(self) -> Response:
        """End this session."""
        self.site.write(
            lambda c: end_session(c, session_id=g.session.id, by=me(), why="signed out")
        )
        response = make_response(redirect(url_for("admin.sign_in"), 303))
        drop_cookie(response, settings=self.site.settings)
        return response

    def enrol(self) -> str:
        """Address, password, and the one-time code that somebody handed over."""
        return render_template("staff/enrol.html")

    def take_enrol(self) -> Response:
        """Begin a session that can only finish this enrolment."""
        self._count_address()
        key = self.site.settings.staff_key

        def count(connection: Connection) -> tuple[Candidate | None, Enrolment | None]:
            candidate = count_try(connection, email=typed("email"))
            found = find_enrolment(connection, candidate=candidate, code=typed("code"), key=key)
            return candidate, found

        try:
            candidate, found = self.site.write(count)
            begun = check_invited(candidate, found, password=request.form.get("password", ""))
        except Refused as refusal:
            return _again(refusal, self.enrol)
        assert candidate is not None, "whoever was invited is known"
        token = self.site.write(
            lambda c: open_session(
                c, of=candidate.admin, enrolment_id=begun.id, key=key, whence=self._whence()
            )
        )
        return self._go(url_for("admin.enrol_app"), token)

    def enrol_app(self) -> str:
        """The QR code that an app reads, drawn here, and the same to type."""
        begun = self._begun()
        secret = begun.secret(self.site.settings.staff_key)
        code = segno.make(totp_uri(secret, email=me().email), error="m")
        return render_template(
            "staff/enrol_app.html",
            drawing=code.svg_inline(scale=5, border=2, svgclass="qr", lineclass=None),
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            chooses_password=begun.chooses_password,
        )

    def take_app(self) -> Response:
        """Finish once the app shows its code; the recovery codes are shown this once."""
        key = self.site.settings.staff_key
        begun = self._begun()

        def finish(connection: Connection) -> tuple[list[str], str]:
            chosen = chosen_password() if begun.chooses_password else None
            codes = enrol(
                connection, of=me(), begun=begun, code=typed("code"), key=key, password=chosen
            )
            # Whoever made the code could have used it: the other owners ask whose hands it was in.
            raise_alarm(
                connection,
                kind="admin_enrolled",
                subject=f"admin:{me().id}",
                why=f"{me().email} has set up a second factor. Ask whether it was they.",
                roles=OWNERS,
                rings_again=True,
            )
            return codes, open_session(connection, of=me(), key=key, whence=self._whence())

        try:
            codes, token = self.site.write(finish)
        except Refused as refusal:
            return _again(refusal, self.enrol_app)
        g.session = None
        response = make_response(render_template("staff/recovery_codes.html", codes=codes))
        set_cookie(response, token, settings=self.site.settings)
        return response

    def _begin(self, connection: Connection, proof: Proof) -> str:
        key = self.site.settings.staff_key
        accept_sign_in(connection, proof=proof, key=key)
        if g.session is not None and g.session.admin.id == proof.admin.id:
            end_session(connection, session_id=g.session.id, by=proof.admin, why="signed in anew")
        return open_session(connection, of=proof.admin, key=key, whence=self._whence())

    def _begun(self) -> Enrolment:
        return self.site.read(
            lambda c: open_enrolment(c, enrolment_id=g.session.enrolment_id, admin_id=me().id)
        )

    def _go(self, there: str, token: str) -> Response:
        response = make_response(redirect(there, 303))
        set_cookie(response, token, settings=self.site.settings)
        return response

    def _whence(self) -> Whence:
        address = client_address(
            forwarded=request.headers.getlist("X-Forwarded-For"),
            peer=request.remote_addr,
            trusted_proxies=self.site.settings.trusted_proxy_count,
        )
        return Whence(str(address or "unknown"), request.headers.get("User-Agent", "unknown"))

    def _count_address(self) -> None:
        # Each account counts its own tries in the database; this only spares the processor.
        key = f"staff:tries:{self._whence().address}"
        try:
            with self.site.redis.pipeline() as pipe:
                pipe.set(key, 0, ex=_WITHIN_SECONDS, nx=True)
                pipe.incr(key)
                _, tries = pipe.execute()
        except RedisError:
            log.warning("staff_tries_uncounted")
            return
        if tries > TRIES_OF_ADDRESS:
            abort(429)


def _again(refusal: Refused, page: Callable[[], str]) -> Response:
    g.refused = refusal
    return make_response(page(), 422)


def _local(there: str) -> str:
    """Where to go after signing in: a page of ours and nothing else."""
    is_ours = there.startswith("/admin/") and there.isprintable() and "\\" not in there
    is_ours = is_ours and "//" not in there
    return there if is_ours else url_for("admin.home")
