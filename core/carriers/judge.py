"""The service looks at both providers, and lets the better one carry."""

from sqlalchemy import Connection, func

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.carriers.records import lock_route, sms_route, tally_of
from core.carriers.rules import Carrier, next_stay, why_to_move

_SUBJECT = "sms:route"


def judge(connection: Connection) -> Carrier | None:
    """Who takes over now, or None. Staff are told, there and back.

    A repeat finds the change made and nothing that happened since; two at once wait for each
    other.
    """
    carried = lock_route(connection)
    here, other = carried.carrier, carried.carrier.other
    reason = why_to_move(
        carried.standing,
        here=tally_of(connection, carrier=here, carried=carried),
        there=tally_of(connection, carrier=other, carried=carried),
    )
    if reason is None:
        return None
    stay_minutes = int(next_stay(carried.standing).total_seconds() // 60)
    connection.execute(
        sms_route.update().values(
            carrier=other,
            since=func.kibeezy_now(),
            why=reason,
            stay_minutes=stay_minutes,
            probe_at=func.kibeezy_now(),
        )
    )
    record(
        connection,
        actor="system",
        act="sms.route_moved",
        subject=_SUBJECT,
        before={"carrier": here},
        after={"carrier": other},
        why=reason,
    )
    why = f"SMS go by {other.known_as} now. {reason}"
    raise_alarm(connection, kind="sms_route", subject=_SUBJECT, why=why, rings_again=True)
    return other
