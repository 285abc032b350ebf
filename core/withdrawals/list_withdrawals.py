"""The withdrawals, for people: the newest, those of one state, those that nobody is sure of."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from core.players.records import player
from core.provider.subjects import Subject, SubjectKind
from core.withdrawals.records import WITHDRAWALS, Withdrawal, read_withdrawal, withdrawal
from core.withdrawals.rules import IN_DOUBT, STATUS_AFTER, WithdrawalState

MOST_LISTED: Final = 100


@dataclass(frozen=True)
class ListedWithdrawal:
    """A withdrawal with the number that it goes to."""

    withdrawal: Withdrawal
    phone: str


def list_withdrawals(
    connection: Connection, *, state: WithdrawalState | None, only_waiting: bool
) -> list[ListedWithdrawal]:
    """The newest first, a hundred at most; `only_waiting` for a person's eyes."""
    query = _LISTED
    if state is not None:
        query = query.where(withdrawal.c.state == state)
    if only_waiting:
        waits = withdrawal.c.review.is_not(None) | (withdrawal.c.state == WithdrawalState.MANUAL)
        query = query.where(waits)
    return [ListedWithdrawal(read_withdrawal(row), row.phone) for row in connection.execute(query)]


def withdrawals_in_doubt(connection: Connection, since: timedelta) -> list[Subject]:
    """What was sent in the last `since`, long enough ago for an answer, and is not proven."""
    moment = select(func.kibeezy_now()).scalar_subquery()
    query = select(withdrawal.c.id).where(
        withdrawal.c.state.in_(IN_DOUBT),
        withdrawal.c.sent_at > moment - since,
        withdrawal.c.sent_at <= moment - STATUS_AFTER[0],
    )
    ids = connection.execute(query.order_by(withdrawal.c.id)).scalars()
    return [Subject(SubjectKind.WITHDRAWAL, withdrawal_id) for withdrawal_id in ids]


_LISTED = (
    WITHDRAWALS.add_columns(player.c.phone)
    .join(player, player.c.id == withdrawal.c.player_id)
    .order_by(withdrawal.c.id.desc())
    .limit(MOST_LISTED)
)
