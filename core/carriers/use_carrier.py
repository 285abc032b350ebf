"""A person decides who carries the SMS, and takes it back."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.carriers.records import lock_route, sms_route
from core.carriers.rules import Carrier
from core.staff.records import MONEY_ROLES, Admin
from core.staff_input import parse_free_text
from core.text import _

_SUBJECT = "sms:route"


def use_carrier(connection: Connection, *, carrier: Carrier, why: str, by: Admin) -> bool:
    """Let all SMS go by this provider and no other, whatever happens, until it is taken back.

    A repeat changes nothing: returns whether it did. Raises NotAllowed or InvalidFreeText.
    """
    return _decide(connection, carrier=carrier, forced_by=by.email, why=why, by=by)


def let_service_choose(connection: Connection, *, why: str, by: Admin) -> bool:
    """Take such a decision back; whoever carries goes on until the service finds a reason.

    A repeat changes nothing: returns whether it did. Raises NotAllowed or InvalidFreeText.
    """
    return _decide(connection, carrier=None, forced_by=None, why=why, by=by)


def _decide(
    connection: Connection, *, carrier: Carrier | None, forced_by: str | None, why: str, by: Admin
) -> bool:
    by.ensure_role(MONEY_ROLES)
    reason = parse_free_text(why, what=_("The reason"))
    carried = lock_route(connection)
    chosen = carrier or carried.carrier
    if chosen is carried.carrier and (forced_by is None) == (carried.forced_by is None):
        return False
    connection.execute(
        sms_route.update().values(
            carrier=chosen, since=func.kibeezy_now(), why=reason, forced_by=forced_by
        )
    )
    record(
        connection,
        actor=by.email,
        act="sms.route_chosen" if forced_by else "sms.route_released",
        subject=_SUBJECT,
        before={"carrier": carried.carrier, "forced_by": carried.forced_by},
        after={"carrier": chosen, "forced_by": forced_by},
        why=reason,
    )
    return True
