"""A kind of money stops."""

from sqlalchemy import Connection, func

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.staff.records import MONEY_ROLES, Admin
from core.staff_input import parse_free_text
from core.switches.records import switch
from core.switches.rules import Switch
from core.text import _


def stop(connection: Connection, *, kind: Switch, why: str, by: Admin | str) -> bool:
    """Let no more of this kind of money be asked for, and raise an alarm.

    `by` is an admin, or the name of that part of the service which found a reason. A repeat changes
    nothing: returns whether it ran until now. Raises NotAllowed or InvalidFreeText.
    """
    reason = parse_free_text(why, what=_("The reason"))
    if not turn_off(connection, kind=kind, why=reason, actor=_actor(by)):
        return False
    raise_alarm(
        connection,
        kind="switch",
        subject=f"switch:{kind}",
        why=f"{kind.capitalize()} stopped. {reason}",
    )
    return True


def turn_off(connection: Connection, *, kind: Switch, why: str, actor: str) -> bool:
    """The same without the alarm, for a part of the service that raises one of its own."""
    change = switch.update().where(switch.c.kind == kind, switch.c.stopped_at.is_(None))
    stopped = {"stopped_at": func.kibeezy_now(), "why": why, "by": actor}
    if connection.execute(change.values(stopped)).rowcount == 0:
        return False
    record(
        connection,
        actor=actor,
        act="switch.stopped",
        subject=f"switch:{kind}",
        before={"state": "runs"},
        after={"state": "stopped"},
        why=why,
    )
    return True


def _actor(by: Admin | str) -> str:
    match by:
        case Admin():
            by.ensure_role(MONEY_ROLES)
            return by.email
        case str():
            return by
