"""Use cases: two people decide what became of money that the provider left unclear."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.exc import DBAPIError

from core.audit_trail.records import record
from core.database import sql_state
from core.errors import NoSuchThing, Refused
from core.provider.records import decision
from core.provider.subjects import Subject, SubjectKind
from core.staff.records import MONEY_ROLES, Admin, admin
from core.staff.rules import ProposalChanged, SameAdmin
from core.staff.still_active import ensure_still_active
from core.staff_input import parse_free_text
from core.text import _


class DecisionOutcome(StrEnum):
    """What people may say became of a payment; which fits is up to the kind of payment."""

    CONFIRMED = "confirmed"
    REVERSED = "reversed"
    PAID = "paid"
    FAILED = "failed"
    PLACED = "placed"
    RELEASED = "released"


class ProposedAlready(Refused):
    """A proposal is approved or taken back, never replaced in silence."""

    def __init__(self, proposer: str) -> None:
        super().__init__(
            _("{email} has proposed already: approve that or cancel it.", email=proposer)
        )


class OwnMoney(Refused):
    """An admin would decide about a payment of their own phone."""

    def __init__(self) -> None:
        super().__init__(_("Nobody decides about money of their own phone."))


class NotOpen(Refused):
    """The decision was made, or taken back."""

    def __init__(self, what: str) -> None:
        super().__init__(_("No decision about {what} is open.", what=what))


@dataclass(frozen=True)
class Decision:
    """What one admin proposes and another agrees to; people are named by e-mail address."""

    id: int
    subject: Subject
    player_id: int
    outcome: DecisionOutcome
    receipt: str | None
    evidence: str
    proposed_by: str
    agreed_by: str | None = None


def propose_decision(
    connection: Connection,
    *,
    subject: Subject,
    outcome: DecisionOutcome,
    player_id: int,
    evidence: str,
    by: Admin,
    receipt: str | None = None,
) -> int:
    """Propose what became of a payment of this player's; nothing moves. Returns its number.

    The caller holds the subject's row, and has made sure that the outcome fits. Raises NotAllowed,
    InvalidFreeText, OwnMoney, or ProposedAlready while another proposal is open: whoever is about
    to approve that one must not approve this.
    """
    by.ensure_role(MONEY_ROLES)
    reason = parse_free_text(evidence, what=_("The evidence"))
    proposed = find_open(connection, subject=subject)
    if proposed is not None:
        raise ProposedAlready(proposed.proposed_by)
    values = {
        decision.c[subject.column]: subject.id,
        decision.c.player_id: player_id,
        decision.c.outcome: outcome,
        decision.c.receipt: receipt,
        decision.c.evidence: reason,
        decision.c.proposed_by: by.id,
    }
    with _own_money_refused(connection):
        row = connection.execute(decision.insert().values(values).returning(decision.c.id))
        decision_id = int(row.scalar_one())
    record(
        connection,
        actor=by.email,
        act="decision.proposed",
        subject=str(subject),
        decision=decision_id,
        outcome=outcome,
        receipt=receipt,
        evidence=reason,
    )
    return decision_id


def agree(connection: Connection, *, decision_id: int, by: Admin) -> Decision:
    """Agree to an open decision of another admin's; the caller then does what it says.

    Raises NotAllowed, NoSuchThing, NotOpen (also on a repeat), SameAdmin for its proposer,
    ProposerGone where that could not propose it today, or OwnMoney.
    """
    by.ensure_role(MONEY_ROLES)
    lock = select(decision.c.id).where(decision.c.id == decision_id)
    connection.execute(lock.with_for_update(key_share=True))
    query = _DECISIONS.where(decision.c.id == decision_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NoSuchThing(f"decision {decision_id}")
    if row["agreed_at"] is not None or row["withdrawn_at"] is not None:
        raise NotOpen(f"decision {decision_id}")
    if row["proposed_by"] == by.id:
        raise SameAdmin(_("proposed it"))
    ensure_still_active(
        connection, admin_id=row["proposed_by"], roles=MONEY_ROLES, first_act=_("proposed it")
    )
    change = decision.update().where(decision.c.id == decision_id)
    with _own_money_refused(connection):
        connection.execute(change.values(agreed_by=by.id, agreed_at=func.kibeezy_now()))
    made = _read(row, agreed_by=by.email)
    record(
        connection,
        actor=by.email,
        act="decision.agreed",
        subject=str(made.subject),
        before={"agreed_by": None},
        after={"agreed_by": by.email},
        decision=decision_id,
        outcome=made.outcome,
    )
    return made


def open_decision(
    connection: Connection, *, subject: Subject, decision_id: int | None = None
) -> Decision:
    """What is proposed about the payment, and is the decision that was read, where one is named.

    Raises NotOpen, or ProposalChanged where another is open: a proposer who takes one back and
    makes another must not get a yes to the first for the second.
    """
    found = find_open(connection, subject=subject)
    if found is None:
        raise NotOpen(f"{subject.kind} {subject.id}")
    if decision_id not in {None, found.id}:
        raise ProposalChanged
    return found


def find_agreed(
    connection: Connection, *, subject: Subject, outcome: DecisionOutcome
) -> Decision | None:
    """The last decision of this outcome that two people made about the payment, or None."""
    query = (
        _DECISIONS.add_columns(_AGREER.c.email.label("agreer"))
        .join(_AGREER, _AGREER.c.id == decision.c.agreed_by)
        .where(
            decision.c[subject.column] == subject.id,
            decision.c.outcome == outcome,
            decision.c.agreed_at.is_not(None),
        )
        .order_by(decision.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _read(row, agreed_by=row["agreer"])


def find_open(connection: Connection, *, subject: Subject) -> Decision | None:
    """What is proposed about the payment, or None."""
    query = _DECISIONS.where(decision.c[subject.column] == subject.id, *_OPEN)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _read(row, agreed_by=None)


_AGREER = admin.alias()
_OPEN = (decision.c.agreed_at.is_(None), decision.c.withdrawn_at.is_(None))
_DECISIONS = select(decision, admin.c.email).join(admin, admin.c.id == decision.c.proposed_by)


def _read(row: RowMapping, *, agreed_by: str | None) -> Decision:
    [subject] = [
        Subject(kind, row[f"{kind}_id"]) for kind in SubjectKind if row[f"{kind}_id"] is not None
    ]
    return Decision(
        id=row["id"],
        subject=subject,
        player_id=row["player_id"],
        outcome=DecisionOutcome(row["outcome"]),
        receipt=row["receipt"],
        evidence=row["evidence"],
        proposed_by=row["email"],
        agreed_by=agreed_by,
    )


@contextmanager
def _own_money_refused(connection: Connection) -> Iterator[None]:
    """The database compares the phones of proposer, agreer and player as they are now."""
    try:
        with connection.begin_nested():
            yield
    except DBAPIError as error:
        if sql_state(error) == "KB007":
            raise OwnMoney from error
        raise
