"""How each kind of payment is searched: its columns in the common shape, and what may match."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
)

from core.deposits.records import deposit
from core.deposits.rules import DepositState
from core.inquiries.records import Needs, PaymentKind
from core.paybill.records import PaybillState, paybill_payment
from core.paybill.rules import LATE_AFTER
from core.statements.lines import LineKind
from core.statements.records import COUNTS, statement_import, statement_line
from core.withdrawals.large_waiting import WAITS
from core.withdrawals.records import withdrawal
from core.withdrawals.rules import WithdrawalState

_NO_TEXT: Final = cast(null(), Text)
_NO_NUMBER: Final = cast(null(), BigInteger)
_OPEN: Final = (PaybillState.HEARD, PaybillState.SUSPENSE, PaybillState.UNPROVEN)
_MONEY: Final = (LineKind.PAID_IN, LineKind.PAID_OUT, LineKind.REVERSAL)


@dataclass(frozen=True)
class Caller:
    """Whose payments are looked for: a phone, and its player where it has one."""

    phone: str
    player_id: int | None

    @property
    def spellings(self) -> list[str]:
        """How people type the number as an account."""
        bare = self.phone.removeprefix("+254")
        return [f"{prefix}{bare}" for prefix in ("+254", "254", "0", "")]

    @property
    def masked(self) -> str:
        """How M-Pesa tells the payer of a payment to the paybill."""
        digits = self.phone.removeprefix("+")
        return f"{digits[:4]}*****{digits[-3:]}"


@dataclass(frozen=True)
class Branch:
    """One kind of payment. Each condition names the index it goes by."""

    kind: PaymentKind
    id: Column[Any]
    at: Column[Any]
    cents: Column[Any]
    state: ColumnElement[Any]
    receipt: Column[Any]
    why: ColumnElement[Any]
    player_id: ColumnElement[Any]
    # References are spelled from transfers, except a deposit's, which is older than any.
    transfer_id: ColumnElement[Any]
    transfers: tuple[Column[Any], ...] = ()
    reference: ColumnElement[Any] = _NO_TEXT
    account: ColumnElement[Any] = _NO_TEXT

    @property
    def columns(self) -> Select[Any]:
        """The common shape."""
        return select(
            literal(self.kind.value).label("kind"),
            literal(self.kind.rank).label("rank"),
            self.id.label("id"),
            self.at.label("at"),
            self.cents.label("cents"),
            self.state.label("state"),
            self.player_id.label("player_id"),
            self.account.label("account"),
            self.receipt.label("receipt"),
            self.reference.label("reference"),
            self.transfer_id.label("transfer_id"),
            self.why.label("why"),
        )

    def is_named(
        self, receipts: tuple[str, ...], references: tuple[str, ...], transfers: list[int]
    ) -> ColumnElement[bool]:
        """By the unique indexes of each column."""
        named = [self.receipt.in_(receipts), *(each.in_(transfers) for each in self.transfers)]
        if isinstance(self.reference, Column):
            named.append(self.reference.in_(references))
        return or_(*named)

    def is_of(self, caller: Caller) -> ColumnElement[bool] | None:
        """Whether it is the caller's, or may be; None where nothing of this kind can be."""
        match self.kind:
            case PaymentKind.PAYBILL:
                # paybill_payment_of_account, _of_player and _open.
                is_theirs = false() if caller.player_id is None else self._is_players(caller)
                return or_(
                    paybill_payment.c.account.in_(caller.spellings),
                    is_theirs,
                    and_(
                        paybill_payment.c.state.in_(_OPEN),
                        paybill_payment.c.payer == caller.masked,
                    ),
                )
            case PaymentKind.STATEMENT_LINE:
                # statement_line_unmatched: what our books do not have yet.
                return and_(
                    statement_line.c.matched_at.is_(None),
                    statement_line.c.account.in_(caller.spellings),
                )
            case _ if caller.player_id is None:
                return None
            case _:
                # deposit_of_player and withdrawal_of_player.
                return self._is_players(caller)

    def _is_players(self, caller: Caller) -> ColumnElement[bool]:
        return self.player_id == caller.player_id

    def needs(self, wanted: Needs) -> ColumnElement[bool] | None:
        """Whether a person must look at it; None where this kind never needs what is wanted."""
        return _NEEDS.get((self.kind, wanted))


BRANCHES: Final = (
    Branch(
        PaymentKind.DEPOSIT,
        id=deposit.c.id,
        at=deposit.c.requested_at,
        cents=deposit.c.amount_cents,
        state=deposit.c.state,
        receipt=deposit.c.receipt,
        why=deposit.c.review,
        player_id=deposit.c.player_id,
        transfer_id=deposit.c.transfer_id,
        transfers=(deposit.c.transfer_id, deposit.c.reversal_transfer_id),
        reference=deposit.c.reference,
    ),
    Branch(
        PaymentKind.WITHDRAWAL,
        id=withdrawal.c.id,
        at=withdrawal.c.requested_at,
        cents=withdrawal.c.amount_cents,
        state=withdrawal.c.state,
        receipt=withdrawal.c.receipt,
        why=withdrawal.c.review,
        player_id=withdrawal.c.player_id,
        transfer_id=withdrawal.c.hold_transfer_id,
        transfers=(
            withdrawal.c.hold_transfer_id,
            withdrawal.c.end_transfer_id,
            withdrawal.c.clawback_transfer_id,
        ),
    ),
    Branch(
        PaymentKind.PAYBILL,
        id=paybill_payment.c.id,
        at=paybill_payment.c.heard_at,
        cents=paybill_payment.c.amount_cents,
        state=paybill_payment.c.state,
        receipt=paybill_payment.c.receipt,
        why=paybill_payment.c.reason,
        player_id=paybill_payment.c.player_id,
        transfer_id=func.coalesce(
            paybill_payment.c.place_transfer_id, paybill_payment.c.transfer_id
        ),
        transfers=(paybill_payment.c.transfer_id, paybill_payment.c.place_transfer_id),
        account=paybill_payment.c.account,
    ),
    Branch(
        PaymentKind.STATEMENT_LINE,
        id=statement_line.c.id,
        at=statement_line.c.completed_at,
        cents=statement_line.c.amount_cents,
        state=statement_line.c.kind,
        receipt=statement_line.c.receipt,
        why=statement_line.c.why,
        player_id=_NO_NUMBER,
        transfer_id=_NO_NUMBER,
        account=statement_line.c.account,
    ),
)
# What one person has imported says nothing before another has vouched for it.
LINE_COUNTS: Final = and_(
    statement_line.c.kind.in_(_MONEY),
    exists().where(statement_import.c.id == statement_line.c.import_id, COUNTS),
)

_LATE: Final = and_(
    paybill_payment.c.state == PaybillState.HEARD,
    paybill_payment.c.heard_at < select(func.kibeezy_now() - LATE_AFTER).scalar_subquery(),
)
# The partial indexes deposit_to_decide, withdrawal_to_decide and paybill_payment_open.
_NEEDS: Final[dict[tuple[PaymentKind, Needs], ColumnElement[bool]]] = {
    (PaymentKind.DEPOSIT, Needs.DEPOSITS): or_(
        deposit.c.review.is_not(None), deposit.c.state == DepositState.UNRESOLVED.value
    ),
    (PaymentKind.WITHDRAWAL, Needs.WITHDRAWALS): or_(
        withdrawal.c.review.is_not(None),
        withdrawal.c.state.in_([WithdrawalState.UNKNOWN.value, WithdrawalState.MANUAL.value]),
    ),
    (PaymentKind.WITHDRAWAL, Needs.LARGE): WAITS,
    (PaymentKind.PAYBILL, Needs.SUSPENSE): and_(
        paybill_payment.c.state.in_(_OPEN),
        or_(paybill_payment.c.state != PaybillState.HEARD, _LATE),
    ),
}
