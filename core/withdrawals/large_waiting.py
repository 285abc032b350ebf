"""The large withdrawals that nobody is asked to pay before two people have released them."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from core.players.records import player
from core.provider.decide import Decision, DecisionOutcome, find_agreed
from core.provider.records import decision
from core.provider.subjects import Subject, SubjectKind
from core.staff.records import admin
from core.withdrawals.list_withdrawals import MOST_LISTED
from core.withdrawals.records import WITHDRAWALS, Withdrawal, read_withdrawal, withdrawal
from core.withdrawals.rules import WithdrawalState

# By the index withdrawal_open.
WAITS = and_(
    withdrawal.c.state == WithdrawalState.REQUESTED.value,
    withdrawal.c.needs_release,
    ~select(decision.c.id)
    .where(
        decision.c.withdrawal_id == withdrawal.c.id,
        decision.c.outcome == DecisionOutcome.RELEASED.value,
        decision.c.agreed_at.is_not(None),
    )
    .correlate(withdrawal)
    .exists(),
)


@dataclass(frozen=True)
class Proposed:
    """What one person says shall become of it, and why; another must agree."""

    outcome: DecisionOutcome
    by: str
    why: str


@dataclass(frozen=True)
class Waiting:
    """A large withdrawal that waits for people, the number it goes to, and what is proposed."""

    withdrawal: Withdrawal
    phone: str
    proposal: Proposed | None


def waiting(connection: Connection) -> list[Waiting]:
    """Those that wait, the longest first, a hundred at most."""
    return [
        Waiting(read_withdrawal(row), row.phone, _proposed(row.outcome, row.email, row.evidence))
        for row in connection.execute(_WAITING)
    ]


def is_waiting(connection: Connection, found: Withdrawal) -> bool:
    """Whether nobody is called before two people have released it."""
    unsent = found.needs_release and found.state is WithdrawalState.REQUESTED
    return unsent and released(connection, found) is None


def released(connection: Connection, found: Withdrawal) -> Decision | None:
    """What two people have agreed on, where they have released it."""
    outcome = DecisionOutcome.RELEASED
    return find_agreed(
        connection, subject=Subject(SubjectKind.WITHDRAWAL, found.id), outcome=outcome
    )


def _proposed(outcome: str | None, by: str | None, why: str | None) -> Proposed | None:
    if outcome is None or by is None or why is None:
        return None
    return Proposed(DecisionOutcome(outcome), by, why)


_OPEN = and_(
    decision.c.withdrawal_id == withdrawal.c.id,
    decision.c.agreed_at.is_(None),
    decision.c.withdrawn_at.is_(None),
)
_WAITING = (
    WITHDRAWALS.add_columns(player.c.phone, decision.c.outcome, admin.c.email, decision.c.evidence)
    .select_from(withdrawal)
    .join(player, player.c.id == withdrawal.c.player_id)
    .outerjoin(decision, _OPEN)
    .outerjoin(admin, admin.c.id == decision.c.proposed_by)
    .where(WAITS)
    .order_by(withdrawal.c.id)
    .limit(MOST_LISTED)
)
