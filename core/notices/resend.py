"""Use case: somebody of the staff has an SMS sent again that did not arrive."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from core.audit_trail.records import record
from core.errors import NoSuchThing, Refused
from core.notices.kinds import Sort, kind_named
from core.notices.records import NOT_DELIVERED, sms_out
from core.outbox.records import ask
from core.outbox.replay import find_set_aside, replay
from core.staff.records import MONEY_ROLES, Admin, Role
from core.staff_input import parse_free_text
from core.text import _

# What a caller is told again moves no money.
RESENDING_ROLES: Final = MONEY_ROLES | {Role.SUPPORT}


class NeverSentAgain(Refused):
    """A code is drawn anew, and news is no news any more."""

    def __init__(self) -> None:
        super().__init__(_("Codes and news are never sent again."))


class OnItsWay(Refused):
    """The message waits, is on its way or has arrived."""

    def __init__(self, sms_id: int, state: str) -> None:
        super().__init__(
            _(
                "SMS {sms_id} is {state}. Only one that did not arrive is sent again.",
                sms_id=sms_id,
                state=state,
            )
        )


class MayHaveArrived(Refused):
    """Nobody knows, and a receipt twice looks like money twice."""

    def __init__(self, sms_id: int) -> None:
        super().__init__(
            _(
                "SMS {sms_id} may have arrived: say that it may arrive twice to send it.",
                sms_id=sms_id,
            )
        )


@dataclass(frozen=True)
class Resent:
    """The message in the place of the one that did not arrive; `earlier` if it was there before.

    It is the same message where that had never gone out: its job had been set aside.
    """

    sms_id: int
    earlier: bool


def resend(
    connection: Connection, *, sms_id: int, why: str, by: Admin, may_arrive_twice: bool = False
) -> Resent:
    """Queue the same words to the same phone again, once; a repeat returns the first result.

    Only for what surely did not arrive, unless it `may_arrive_twice`. What waits because its job
    was set aside is due again itself; a repeat of that raises OnItsWay. Raises NotAllowed,
    InvalidFreeText, NoSuchThing, NeverSentAgain, OnItsWay or MayHaveArrived.
    """
    by.ensure_role(RESENDING_ROLES)
    reason = parse_free_text(why, what=_("The reason"))
    # Whoever asks for the same waits here, and then finds what was sent.
    lost = connection.execute(
        select(sms_out).where(sms_out.c.id == sms_id).with_for_update()
    ).one_or_none()
    if lost is None:
        raise NoSuchThing(f"SMS {sms_id}")
    again = select(sms_out.c.id).where(sms_out.c.resend_of == sms_id)
    earlier = connection.execute(again).scalar_one_or_none()
    if earlier is not None:
        return Resent(earlier, earlier=True)
    _ensure_repeatable(lost)
    aside = _job_set_aside(connection, lost)
    if aside is None:
        _ensure_lost(lost, may_arrive_twice=may_arrive_twice)
        resent = _queue(connection, lost)
    else:
        replay(connection, job_id=aside, why=reason, by=by, allowed=RESENDING_ROLES)
        resent = sms_id
    record(
        connection,
        actor=by.email,
        act="sms.resent",
        subject=f"sms:{sms_id}",
        state=lost.status,
        resent_as=resent,
        player=lost.player_id,
        why=reason,
    )
    return Resent(resent, earlier=False)


def _ensure_repeatable(lost: Row[*tuple[Any, ...]]) -> None:
    # A code has no words, of whichever release it is.
    if lost.body is None or kind_named(lost.kind).sort in {Sort.CODE, Sort.NEWS}:
        raise NeverSentAgain


def _job_set_aside(connection: Connection, lost: Row[*tuple[Any, ...]]) -> int | None:
    if lost.status != "queued":
        return None
    return find_set_aside(connection, kind="send_sms", payload={"sms_id": lost.id})


def _ensure_lost(lost: Row[*tuple[Any, ...]], *, may_arrive_twice: bool) -> None:
    if lost.status == "unknown" and not may_arrive_twice:
        raise MayHaveArrived(lost.id)
    if lost.status not in NOT_DELIVERED:
        raise OnItsWay(lost.id, lost.status)


def _queue(connection: Connection, lost: Row[*tuple[Any, ...]]) -> int:
    row = sms_out.insert().values(
        player_id=lost.player_id,
        phone=lost.phone,
        kind=lost.kind,
        body=lost.body,
        resend_of=lost.id,
    )
    sms_id: int = connection.execute(row.returning(sms_out.c.id)).scalar_one()
    priority = kind_named(lost.kind).priority
    ask(connection, kind="send_sms", payload={"sms_id": sms_id}, priority=priority)
    return sms_id
