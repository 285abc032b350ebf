"""One's own account: where one is signed in, the password, the second factor."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, g, make_response, render_template

from admin.access import EVERYBODY
from admin.drawing.browser import in_words
from admin.drawing.done import done
from admin.drawing.form import chosen_password
from admin.sign_in.prove import prove
from admin.site import Site, me
from core.staff.change_password import change_password
from core.staff.invite_anew import invite_anew
from core.staff.recovery import codes_left, renew_recovery_codes
from core.staff.sessions import Listed, end_other_sessions, end_session, list_sessions


@dataclass(frozen=True)
class OwnSession:
    """A session as its admin knows it again."""

    id: int
    is_this: bool
    address: str
    browser: str
    began_at: datetime
    seen_at: datetime
    ended_why: str | None


@dataclass(frozen=True)
class Account:
    """What everybody may see and do about themselves."""

    site: Site

    def register(self) -> None:
        """Add it."""
        site, all_roles = self.site, EVERYBODY
        site.page("/account", self.account, roles=all_roles)
        site.act(
            "/account/sessions/<int:session_id>/end",
            self.end_own_session,
            roles=all_roles,
            on=self.account,
            done="That session is over.",
        )
        site.act(
            "/account/sessions/end-others",
            self.end_own_others,
            roles=all_roles,
            on=self.account,
            done="Every other session of yours is over.",
        )
        site.act(
            "/account/password",
            self.change_own_password,
            roles=all_roles,
            on=self.account,
            done="Your password is changed, and every other session of yours is over.",
        )
        site.act(
            "/account/recovery-codes",
            self.renew_own_codes,
            roles=all_roles,
            on=self.account,
            fresh=True,
        )
        site.act(
            "/account/phone", self.change_own_phone, roles=all_roles, on=self.account, fresh=True
        )

    def account(self, **_path: int) -> str:
        """Sessions, password, recovery codes, phone."""
        listed = self.site.read(lambda c: list_sessions(c, admin_id=me().id))
        left = self.site.read(lambda c: codes_left(c, admin_id=me().id))
        sessions = [_own(each) for each in listed]
        return render_template(
            "staff/account.html",
            open_sessions=[each for each in sessions if each.ended_why is None],
            ended_sessions=[each for each in sessions if each.ended_why is not None],
            codes_left=left,
        )

    def end_own_session(self, session_id: int) -> Response:
        """End one, also this one."""
        self.site.write(
            lambda c: end_session(c, session_id=session_id, by=me(), why="ended by hand")
        )
        return done("account")

    def end_own_others(self) -> Response:
        """End every one but this."""
        self.site.write(lambda c: end_other_sessions(c, of=g.session))
        return done("account")

    def change_own_password(self) -> Response:
        """Look at the old one, however lately it was typed, and keep the new one."""
        prove(g.session, database=self.site.database, settings=self.site.settings)
        self.site.write(lambda c: change_password(c, of=g.session, password=chosen_password()))
        return done("account")

    def renew_own_codes(self) -> Response:
        """Show ten new recovery codes, this once."""
        codes = self.site.write(
            lambda c: renew_recovery_codes(c, by=me(), key=self.site.settings.staff_key)
        )
        return make_response(render_template("staff/own_codes.html", codes=codes))

    def change_own_phone(self) -> Response:
        """Show an enrolment code for another phone, this once."""
        invitation = self.site.write(
            lambda c: invite_anew(c, email=me().email, by=me(), key=self.site.settings.staff_key)
        )
        page = render_template("staff/invitation.html", invitation=invitation, is_own=True)
        return make_response(page)


def _own(listed: Listed) -> OwnSession:
    return OwnSession(
        listed.id,
        listed.id == g.session.id,
        listed.address,
        in_words(listed.device),
        listed.began_at,
        listed.seen_at,
        listed.ended_why,
    )
