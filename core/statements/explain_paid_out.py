"""What a line of money paid out proves: which withdrawal was paid."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select

from core.phone import may_be
from core.players.records import player
from core.provider.records import receipt
from core.statements.claims import OfDeposit, OfPaybill, OfWithdrawal, claim_of
from core.statements.lines import Line, LineKind
from core.statements.records import KeptLine, statement_line
from core.withdrawals.judge_result import Verdict, prove_paid
from core.withdrawals.records import Withdrawal, get_withdrawal, lock_withdrawal, withdrawal
from core.withdrawals.rules import IN_DOUBT, WithdrawalState

# The provider's clock is not ours, and it writes whole seconds.
CLOCKS_APART: Final = timedelta(minutes=1)
# Nobody knows how long a payment may lie in the provider's queue. What is older is left to a
# person: a failure of last month says nothing about a payment of today.
LONGEST_ON_ITS_WAY: Final = timedelta(days=3)
_PAID: Final = frozenset({Verdict.PAID, Verdict.PAID_AFTER_RELEASE, Verdict.REPEATED})
# Transaction Status may prove a payment and name no receipt: the statement is where it stands.
_KNOWN_PAID: Final = (WithdrawalState.PAID, WithdrawalState.PAID_AFTER_RELEASE)
_PROVABLE: Final = [*IN_DOUBT, WithdrawalState.FAILED, *_KNOWN_PAID]


def explain_paid_out(connection: Connection, kept: KeptLine) -> str | None:
    """Why our books do not say the same, or None where they do, now if not before.

    A receipt that no payment of ours has proves one withdrawal paid where amount, phone and time
    leave exactly one, and exactly this line for it.
    """
    line = kept.line
    match claim_of(connection, receipt=line.receipt):
        case OfWithdrawal(withdrawal_id):
            found = get_withdrawal(connection, withdrawal_id=withdrawal_id)
            return None if found.net == line.amount else f"withdrawal {found.id} is of {found.net}"
        case OfDeposit(deposit_id):
            return f"deposit {deposit_id} has this receipt"
        case OfPaybill(paybill_id):
            return f"paybill payment {paybill_id} has this receipt"
        case None:
            return _of_nobody_yet(connection, line)


def _of_nobody_yet(connection: Connection, line: Line) -> str | None:
    fitting = _fitting_withdrawals(connection, line)
    if len(fitting) != 1:
        return f"{len(fitting) or 'no'} withdrawals in doubt fit amount, phone and time"
    found = lock_withdrawal(connection, withdrawal_id=fitting[0])
    if found.state not in _PROVABLE:
        return f"withdrawal {found.id} was settled meanwhile"
    n_lines = _count_fitting_lines(connection, found, line)
    if n_lines != 1:
        return f"{n_lines} lines fit withdrawal {found.id}"
    verdict = prove_paid(
        connection, found, receipt=line.receipt, amount=line.amount, proven_by="statement"
    )
    return None if verdict in _PAID else f"withdrawal {found.id} went to review"


def _fitting_withdrawals(connection: Connection, line: Line) -> list[int]:
    if line.party is None:
        return []
    net_cents = withdrawal.c.amount_cents - withdrawal.c.fee_cents - withdrawal.c.tax_cents
    rows = connection.execute(
        select(withdrawal.c.id, withdrawal.c.state, player.c.phone)
        .join(player, player.c.id == withdrawal.c.player_id)
        .where(
            withdrawal.c.state.in_(_PROVABLE),
            withdrawal.c.receipt.is_(None),
            net_cents == line.amount.cents,
            withdrawal.c.sent_at.between(
                line.completed_at - LONGEST_ON_ITS_WAY, line.completed_at + CLOCKS_APART
            ),
        )
    )
    fitting = [row for row in rows if may_be(line.party, row.phone)]
    # What is known to be paid has a line of its own, which what seems to have failed may not have.
    paid = [row for row in fitting if row.state in _KNOWN_PAID]
    return [row.id for row in paid or fitting]


def _count_fitting_lines(connection: Connection, found: Withdrawal, line: Line) -> int:
    """How many lines could be this withdrawal's payment, of those that are nobody's yet."""
    assert found.sent_at is not None, "only what was sent fits"
    phone = select(player.c.phone).where(player.c.id == found.player_id).scalar_subquery()
    rows = connection.execute(
        select(statement_line.c.party, phone.label("phone")).where(
            statement_line.c.kind == LineKind.PAID_OUT,
            statement_line.c.amount_cents == line.amount.cents,
            statement_line.c.party.is_not(None),
            statement_line.c.completed_at.between(
                found.sent_at - CLOCKS_APART, found.sent_at + LONGEST_ON_ITS_WAY
            ),
            ~select(receipt.c.receipt)
            .where(receipt.c.receipt == statement_line.c.receipt)
            .exists(),
        )
    )
    return sum(may_be(row.party, row.phone) for row in rows)
