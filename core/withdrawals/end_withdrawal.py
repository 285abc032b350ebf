"""Use cases: a withdrawal ends, with the money on the phone or back in the wallet; once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func
from sqlalchemy.exc import IntegrityError

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.clock import short_time
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.notices import texts
from core.text import Text
from core.withdrawals.records import Withdrawal, withdrawal
from core.withdrawals.rules import IN_DOUBT, UNSENT, WithdrawalState
from core.withdrawals.tell_payee import tell

SCOPE: Final = "withdrawal"
# The result code of a large one that a person refused to release.
REFUSED: Final = "refused"


def pay_withdrawal(
    connection: Connection, found: Withdrawal, *, receipt: str | None, proven_by: str
) -> bool:
    """Book that M-Pesa has paid it, and tell the player; False where the receipt is another's.

    The caller holds the row, whose state is in doubt, and has compared amount and ids.
    """
    assert found.state in IN_DOUBT, "what has ended is not paid again"

    def pay() -> None:
        posted = book.post(connection, _payment(connection, found))
        _end(
            connection,
            found,
            to=WithdrawalState.PAID,
            transfer_id=posted.transfer_id,
            receipt=receipt,
            code="0",
        )

    if not claims_receipt(connection, found, receipt=receipt, act=pay):
        return False
    _audit(
        connection,
        found,
        "withdrawal.paid",
        before={"state": found.state},
        after={"state": WithdrawalState.PAID},
        receipt=receipt,
        proven_by=proven_by,
    )
    balance = book.available(connection, player_id=found.player_id)
    tell(
        connection,
        found,
        kind="withdrawal_paid",
        text=texts.withdrawal_paid(
            net=found.net, receipt=receipt, reference=found.reference, balance=balance
        ),
    )
    return True


def attach_receipt(
    connection: Connection, found: Withdrawal, *, receipt: str, proven_by: str
) -> bool:
    """Name the receipt of what was booked without one; False where the receipt is another's."""
    change = withdrawal.update().where(withdrawal.c.id == found.id, withdrawal.c.receipt.is_(None))
    named = change.values(receipt=receipt)
    if not claims_receipt(
        connection, found, receipt=receipt, act=lambda: connection.execute(named)
    ):
        return False
    _audit(
        connection,
        found,
        "withdrawal.receipt",
        before={"receipt": None},
        after={"receipt": receipt},
        proven_by=proven_by,
    )
    return True


def claims_receipt(
    connection: Connection, found: Withdrawal, *, receipt: str | None, act: Callable[[], object]
) -> bool:
    """Do what writes the receipt down, or nothing of it and a review where it is another's.

    The receipt is unique over all payments; whoever races for it loses here, whole.
    """
    try:
        with connection.begin_nested():
            act()
    except IntegrityError as error:
        if receipt is None or "receipt" not in str(error.orig):
            raise
        review_withdrawal(connection, found, why=f"receipt {receipt} is on another payment")
        return False
    return True


def fail_withdrawal(connection: Connection, found: Withdrawal, *, code: str, reason: Text) -> None:
    """Give the money back: M-Pesa surely paid nothing. The caller holds the row."""
    _release(connection, found, to=WithdrawalState.FAILED, code=code)
    _audit(
        connection,
        found,
        "withdrawal.failed",
        before={"state": found.state},
        after={"state": WithdrawalState.FAILED},
        code=code,
    )
    balance = book.available(connection, player_id=found.player_id)
    tell(
        connection,
        found,
        kind="withdrawal_failed",
        text=texts.withdrawal_failed(
            amount=found.amount, reason=reason, reference=found.reference, balance=balance
        ),
    )


def cancel_withdrawal(connection: Connection, found: Withdrawal, *, until: datetime) -> bool:
    """Give the money back before anybody was called, and say until when withdrawals wait.

    False, and nothing changes, where M-Pesa was asked already. What only waits in the queue, as it
    does while withdrawals are stopped, is cancelled too.
    """
    if found.state not in UNSENT or found.sent_at is not None:
        return False
    _release(connection, found, to=WithdrawalState.CANCELLED, code="sim_swapped")
    _audit(
        connection,
        found,
        "withdrawal.cancelled",
        before={"state": found.state},
        after={"state": WithdrawalState.CANCELLED},
        code="sim_swapped",
    )
    tell(
        connection,
        found,
        kind="withdrawal_cancelled",
        text=texts.withdrawal_cancelled(
            amount=found.amount, until=short_time(until), reference=found.reference
        ),
    )
    return True


def refuse_withdrawal(connection: Connection, found: Withdrawal, *, why: str, by: str) -> None:
    """Give the money back because a person refuses to have it paid; nobody was called.

    The caller holds the row. The reason is for staff: the player reads that it was not approved.
    """
    assert found.state in UNSENT, "what M-Pesa may have been asked to pay is not given back"
    _release(connection, found, to=WithdrawalState.CANCELLED, code=REFUSED, actor=by, reason=why)
    record(
        connection,
        actor=by,
        act="withdrawal.refused",
        subject=f"withdrawal:{found.id}",
        before={"state": found.state},
        after={"state": WithdrawalState.CANCELLED},
        why=why,
    )
    balance = book.available(connection, player_id=found.player_id)
    text = texts.withdrawal_refused(amount=found.amount, reference=found.reference, balance=balance)
    tell(connection, found, kind="withdrawal_refused", text=text)


def review_withdrawal(connection: Connection, found: Withdrawal, *, why: str) -> None:
    """Put it before a person; state and money stay as they are. The first reason stays."""
    change = withdrawal.update().where(withdrawal.c.id == found.id)
    connection.execute(change.values(review=func.coalesce(withdrawal.c.review, why)))
    _audit(
        connection,
        found,
        "withdrawal.review",
        before={"review": found.review},
        after={"review": found.review or why},
        why=why,
    )
    subject = f"withdrawal:{found.id}"
    raise_alarm(connection, kind="withdrawal_review", subject=subject, why=why)


def charges(connection: Connection, found: Withdrawal) -> tuple[Entry, ...]:
    """Where a paid amount goes: to the phone, and to fee and tax where there are any."""
    parts = (
        (AccountKind.MPESA_PAYOUT, found.net),
        (AccountKind.FEE_REVENUE, found.fee),
        (AccountKind.WITHHOLDING_PAYABLE, found.tax),
    )
    return tuple(
        Entry(book.system_account(connection, kind=kind), cents) for kind, cents in parts if cents
    )


def _payment(connection: Connection, found: Withdrawal) -> Transfer:
    held = book.held_account(connection, player_id=found.player_id)
    return Transfer(
        TransferKind.WITHDRAWAL,
        Key(SCOPE, f"{found.id}:paid"),
        (Entry(held, -found.amount), *charges(connection, found)),
        actor="system",
    )


def _release(
    connection: Connection,
    found: Withdrawal,
    *,
    to: WithdrawalState,
    code: str,
    actor: str = "system",
    reason: str | None = None,
) -> None:
    held = book.held_account(connection, player_id=found.player_id)
    available = book.available_account(connection, player_id=found.player_id)
    posted = book.post(
        connection,
        Transfer(
            TransferKind.RELEASE,
            Key(SCOPE, f"{found.id}:released"),
            (Entry(held, -found.amount), Entry(available, found.amount)),
            actor=actor,
            reason=reason,
            reverses=found.hold_transfer_id,
        ),
    )
    _end(connection, found, to=to, transfer_id=posted.transfer_id, receipt=None, code=code)


def _end(
    connection: Connection,
    found: Withdrawal,
    *,
    to: WithdrawalState,
    transfer_id: int,
    receipt: str | None,
    code: str,
) -> None:
    change = withdrawal.update().where(
        withdrawal.c.id == found.id, withdrawal.c.state == found.state
    )
    ended = connection.execute(
        change.values(
            state=to,
            end_transfer_id=transfer_id,
            receipt=receipt,
            result_code=code,
            ended_at=func.kibeezy_now(),
        )
    )
    assert ended.rowcount == 1, "the caller holds the lock"


def _audit(
    connection: Connection,
    found: Withdrawal,
    act: str,
    *,
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
    **details: str | None,
) -> None:
    subject = f"withdrawal:{found.id}"
    change = {"before": before, "after": after}
    record(connection, actor="system", act=act, subject=subject, **change, **details)
