"""Use cases: write down how the call that asks a phone for money ended."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from core.audit_trail.records import record
from core.deposits import rules
from core.deposits.contradict_deposit import contradict_deposit
from core.deposits.fail_deposit import tell
from core.deposits.records import Deposit, deposit, lock_deposit
from core.deposits.rules import DepositState
from core.notices import texts
from core.outbox.records import ask
from core.players.records import Player, get_player
from core.text import Text

_ANSWERABLE = [DepositState.SUBMITTING, DepositState.SUBMIT_UNKNOWN]


def push_accepted(
    connection: Connection,
    *,
    deposit_id: int,
    merchant_request_id: str | None,
    checkout_request_id: str,
) -> None:
    """The provider took the push: pending, and asked about from now on. A repeat changes nothing.

    A callback may have been faster; then only the ids are added. This answer is authenticated and
    callbacks are not, so its ids replace others, which puts the deposit under review.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    if _is_another(found.checkout_request_id, checkout_request_id) or _is_another(
        found.merchant_request_id, merchant_request_id
    ):
        _disown_ids(connection, found)
    if not bind_ids(
        connection,
        found,
        merchant_request_id=merchant_request_id,
        checkout_request_id=checkout_request_id,
    ):
        push_unknown(connection, deposit_id=deposit_id, code="other_id")
        return
    if _move(connection, found, to=DepositState.PENDING):
        _audit(connection, found, to=DepositState.PENDING)
    look_later(connection, deposit_id=deposit_id, look=0, pushed_at=found.pushed_at or found.now)


def push_rejected(
    connection: Connection,
    *,
    deposit_id: int,
    code: str,
    reason: Text,
    paybill: str | None = None,
) -> None:
    """The provider surely did nothing: final, and the player is told at once; once only.

    Where the player is better off paying by hand than trying again, `paybill` is where.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    rejectable = [DepositState.CREATED, *_ANSWERABLE]
    change = (
        deposit.update()
        .where(deposit.c.id == found.id, deposit.c.state.in_(rejectable))
        .values(state=DepositState.REJECTED, result_code=code)
    )
    if connection.execute(change).rowcount == 1:
        _audit(connection, found, to=DepositState.REJECTED, code=code)
        payer = get_player(connection, player_id=found.player_id)
        tell(connection, payer, text=_words(found, payer, reason, paybill))
    elif found.state is not DepositState.REJECTED:
        contradict_deposit(connection, found, why=f"refused ({code}) after it was heard of")


def push_unknown(connection: Connection, *, deposit_id: int, code: str) -> None:
    """The call may have happened. Never pushed again; a callback or a person will tell."""
    found = lock_deposit(connection, deposit_id=deposit_id)
    if not _move(connection, found, to=DepositState.SUBMIT_UNKNOWN, result_code=code):
        return
    _audit(connection, found, to=DepositState.SUBMIT_UNKNOWN, code=code)
    # Without the provider's id there is nothing to ask, so only the last look remains.
    look_later(
        connection,
        deposit_id=deposit_id,
        look=rules.LAST_LOOK,
        pushed_at=found.pushed_at or found.now,
    )
    ask(
        connection,
        kind="deposit_unknown",
        payload={"deposit_id": deposit_id},
        key=f"deposit_unknown:{deposit_id}",
        delay=rules.PROMPT_LIFE,
    )


def tell_unknown(connection: Connection, *, deposit_id: int) -> None:
    """Tell the player, once the prompt has had its time, that nobody knows yet.

    Says nothing where the callback was faster; a repeat tells again.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    if found.state is DepositState.SUBMIT_UNKNOWN:
        payer = get_player(connection, player_id=found.player_id)
        tell(connection, payer, text=texts.deposit_unknown(amount=found.amount))


def look_later(connection: Connection, *, deposit_id: int, look: int, pushed_at: datetime) -> None:
    """Ask the worker to query this deposit at its next place in the schedule; once per place."""
    ask(
        connection,
        kind="stk_query",
        payload={"deposit_id": deposit_id, "look": look},
        key=f"stk_query:{deposit_id}:{look}",
        at=pushed_at + rules.QUERY_AFTER[look],
    )


def bind_ids(
    connection: Connection,
    found: Deposit,
    *,
    merchant_request_id: str | None,
    checkout_request_id: str,
) -> bool:
    """Note the provider's ids. False, and under review, where another deposit has them."""
    change = (
        deposit.update()
        .where(deposit.c.id == found.id, deposit.c.checkout_request_id.is_(None))
        .values(merchant_request_id=merchant_request_id, checkout_request_id=checkout_request_id)
    )
    try:
        with connection.begin_nested():
            connection.execute(change)
    except IntegrityError:
        contradict_deposit(connection, found, why="the provider's id belongs to another deposit")
        return False
    return True


def _words(found: Deposit, payer: Player, reason: Text, paybill: str | None) -> Text:
    if paybill is None:
        return texts.deposit_rejected(amount=found.amount, reason=reason)
    return texts.deposit_rejected_pay_bill(
        amount=found.amount, short_reason=reason, paybill=paybill, phone=payer.phone
    )


def _is_another(known: str | None, answered: str | None) -> bool:
    return None not in {known, answered} and known != answered


def _disown_ids(connection: Connection, found: Deposit) -> None:
    """Forget the ids that a callback named, and what was learnt by asking about them."""
    change = deposit.update().where(deposit.c.id == found.id)
    connection.execute(
        change.values(
            merchant_request_id=None,
            checkout_request_id=None,
            confirmed_at=None,
            query_zero_at=None,
        )
    )
    contradict_deposit(
        connection,
        replace(found, confirmed_at=None),
        why="the push was answered with another id than a callback's",
    )


def _move(
    connection: Connection, found: Deposit, *, to: DepositState, result_code: str | None = None
) -> bool:
    change = (
        deposit.update()
        .where(deposit.c.id == found.id, deposit.c.state.in_(_ANSWERABLE), deposit.c.state != to)
        .values(state=to, result_code=result_code)
    )
    return connection.execute(change).rowcount == 1


def _audit(
    connection: Connection, found: Deposit, *, to: DepositState, code: str | None = None
) -> None:
    record(
        connection,
        actor="system",
        act=f"deposit.{to}",
        subject=f"deposit:{found.id}",
        before={"state": found.state},
        after={"state": to},
        code=code,
    )
