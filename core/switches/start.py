"""A kind of money runs again."""

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.staff.records import MONEY_ROLES, Admin
from core.staff_input import parse_free_text
from core.switches.records import switch
from core.switches.rules import Switch
from core.text import _


def start(connection: Connection, *, kind: Switch, why: str, by: Admin) -> bool:
    """Let this kind of money be asked for again; only a person can. Its alarm stays open.

    A repeat changes nothing: returns whether it was stopped until now. Raises NotAllowed or
    InvalidFreeText.
    """
    by.ensure_role(MONEY_ROLES)
    reason = parse_free_text(why, what=_("The reason"))
    change = switch.update().where(switch.c.kind == kind, switch.c.stopped_at.is_not(None))
    running = {"stopped_at": None, "why": None, "by": None}
    if connection.execute(change.values(running)).rowcount == 0:
        return False
    record(
        connection,
        actor=by.email,
        act="switch.started",
        subject=f"switch:{kind}",
        before={"state": "stopped"},
        after={"state": "runs"},
        why=reason,
    )
    return True
