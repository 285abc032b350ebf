"""An admin proposes a value and the moment from which it counts."""

from datetime import datetime

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.config.records import dated_value
from core.config.rules import Dated, ensure_ahead, ensure_in_bounds
from core.database import now
from core.staff.records import MONEY_ROLES, Admin
from core.staff_input import parse_free_text, parse_moment
from core.text import _


def propose_value(
    connection: Connection,
    *,
    name: Dated,
    value: int,
    effective_from: str | datetime,
    source: str,
    by: Admin,
) -> int:
    """Write a proposal, which changes nothing until another admin approves it; returns its id.

    The unit of `value` is the end of the name, `effective_from` carries its offset, and `source`
    says where the value comes from, such as a law or a decision. A repeat is a second proposal.
    Raises NotAllowed, ValueOutOfBounds, InvalidMoment, TooSoon or InvalidFreeText.
    """
    by.ensure_role(MONEY_ROLES)
    ensure_in_bounds(name, value)
    moment = parse_moment(effective_from)
    ensure_ahead(moment, now=now(connection))
    reason = parse_free_text(source, what=_("The source"))
    proposal = dated_value.insert().values(
        name=name, value=value, effective_from=moment, source=reason, proposed_by=by.id
    )
    value_id: int = connection.execute(proposal.returning(dated_value.c.id)).scalar_one()
    record(
        connection,
        actor=by.email,
        act="config.proposed",
        subject=f"value:{value_id}",
        name=name,
        value=value,
        effective_from=moment.isoformat(),
        source=reason,
    )
    return value_id
