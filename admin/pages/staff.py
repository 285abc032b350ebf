"""Who works here: owners take people on, shut them out, and grant roles by two."""

from dataclasses import dataclass

from flask import Response, make_response, render_template

from admin.access import OWNERS
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.site import Site, me
from core.errors import NoSuchThing
from core.staff.disable_admin import disable_admin
from core.staff.hire import hire
from core.staff.invite_anew import Invitation, invite_anew
from core.staff.list_staff import (
    list_enrolments,
    list_role_proposals,
    list_staff,
    read_member,
)
from core.staff.records import Role, admin_by_id
from core.staff.roles import approve_role, propose_role, withdraw_role
from core.staff.unlock_admin import unlock_admin

# What each may do, for whoever grants it; core says the same in its own rules.
ROLES = (
    (Role.VIEWER, "Viewer: sees markets and sums, no person"),
    (Role.SUPPORT, "Support: sees persons, helps them"),
    (Role.RESOLVER, "Resolver: markets and their results"),
    (Role.FINANCE, "Finance: payments, limits and fees"),
    (Role.OWNER, "Owner: everything, and who works here"),
)


@dataclass(frozen=True)
class Staff:
    """The list, and a page for each of them."""

    site: Site

    def register(self) -> None:
        """Add them."""
        site, one, grant = self.site, "/staff/<int:admin_id>", "<int:grant_id>"
        site.page("/staff", self.staff_list, roles=OWNERS, menu="Staff")
        site.page(one, self.staff_member, roles=OWNERS)
        site.act("/staff", self.hire_staff, roles=OWNERS, on=self.staff_list, fresh=True)
        for path, view, words, is_fresh in (
            ("invite", self.invite_staff, "", True),
            ("disable", self.disable_staff, "Shut out: every session has ended.", True),
            ("unlock", self.unlock_staff, "The wrong tries are forgotten.", True),
            ("role", self.propose_staff_role, "Proposed: another owner approves it.", True),
            (f"role/{grant}/approve", self.approve_staff_role, "Granted: it counts now.", True),
            (f"role/{grant}/withdraw", self.withdraw_staff_role, "Withdrawn.", False),
        ):
            site.act(
                f"{one}/{path}",
                view,
                roles=OWNERS,
                on=self.staff_member,
                done=words,
                fresh=is_fresh,
            )

    def staff_list(self) -> str:
        """Everybody, and the roles that wait for a second owner."""
        return render_template(
            "staff/staff_list.html",
            staff=self.site.read(list_staff),
            proposals=self.site.read(list_role_proposals),
            roles=ROLES,
        )

    def staff_member(self, admin_id: int, **_path: int) -> str:
        """One of them, with what an owner can do."""
        member = self.site.read(lambda c: read_member(c, admin_id=admin_id))
        proposals = self.site.read(list_role_proposals)
        return render_template(
            "staff/staff_member.html",
            member=member,
            proposal=next((each for each in proposals if each.admin_id == admin_id), None),
            enrolments=self.site.read(lambda c: list_enrolments(c, admin_id=admin_id)),
            roles=ROLES,
        )

    def hire_staff(self) -> Response:
        """Add somebody, and show the enrolment code this once."""
        invitation = self.site.write(
            lambda c: hire(
                c,
                email=typed("email"),
                phone=typed("phone") or None,
                role=_role(),
                why=typed("why"),
                by=me(),
                key=self.site.settings.staff_key,
            )
        )
        return _shown_once(invitation)

    def invite_staff(self, admin_id: int) -> Response:
        """Show a new enrolment code this once."""
        invited = self.site.read(lambda c: admin_by_id(c, admin_id=admin_id))
        invitation = self.site.write(
            lambda c: invite_anew(c, email=invited.email, by=me(), key=self.site.settings.staff_key)
        )
        return _shown_once(invitation)

    def disable_staff(self, admin_id: int) -> Response:
        """Shut somebody out."""
        self.site.write(lambda c: disable_admin(c, admin_id=admin_id, by=me()))
        return done("staff_member", admin_id=admin_id)

    def unlock_staff(self, admin_id: int) -> Response:
        """Let somebody try again."""
        self.site.write(lambda c: unlock_admin(c, admin_id=admin_id, by=me()))
        return done("staff_member", admin_id=admin_id)

    def propose_staff_role(self, admin_id: int) -> Response:
        """Ask another owner for a role."""
        role, why = _role(), typed("why")
        self.site.write(lambda c: propose_role(c, admin_id=admin_id, role=role, why=why, by=me()))
        return done("staff_member", admin_id=admin_id)

    def approve_staff_role(self, admin_id: int, grant_id: int) -> Response:
        """Let it count."""
        self.site.write(lambda c: approve_role(c, grant_id=grant_id, by=me()))
        return done("staff_member", admin_id=admin_id)

    def withdraw_staff_role(self, admin_id: int, grant_id: int) -> Response:
        """Drop it."""
        self.site.write(lambda c: withdraw_role(c, grant_id=grant_id, by=me()))
        return done("staff_member", admin_id=admin_id)


def _role() -> Role:
    try:
        return Role(typed("role"))
    except ValueError:
        raise NoSuchThing("such role") from None


def _shown_once(invitation: Invitation) -> Response:
    return make_response(render_template("staff/invitation.html", invitation=invitation))
