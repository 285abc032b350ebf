"""Use case: write down that somebody paid the paybill, and ask whether it is true."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record
from core.config.in_force import read_config
from core.money import Money
from core.paybill.alarm import call_a_person
from core.paybill.ask_for_proof import look_later
from core.paybill.echo import mark_if_echo
from core.paybill.records import (
    UNSETTLED,
    PaybillPayment,
    get_payment,
    lock_payment,
    paybill_payment,
)
from core.paybill.rules import Reason, is_same_account, phone_in
from core.players.records import player
from core.provider.records import provider_callback
from core.settings import Settings


@dataclass(frozen=True)
class Told:
    """A payment as the provider tells it; the payer's number is masked where it is known."""

    receipt: str
    amount: Money
    account: str
    payer: str | None = None
    paid_at: datetime | None = None


class Hearing(StrEnum):
    """What news of a payment led to; none of it moves money."""

    HEARD = "heard"
    ECHO = "echo"
    REPEATED = "repeated"
    CONTESTED = "contested"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Heard:
    """The payment that the news is about, held until the transaction ends, and what it led to."""

    payment: PaybillPayment
    hearing: Hearing


def hear_callback(
    connection: Connection,
    *,
    callback_id: int,
    read: Callable[[str], Told | None],
    settings: Settings,
) -> Hearing | None:
    """Act on a stored confirmation once; None for a repeat. `read` makes sense of the body.

    Anybody who knows the address can send one, so it moves no money: the provider is asked.
    """
    row = connection.execute(
        select(provider_callback)
        .where(provider_callback.c.id == callback_id)
        .with_for_update(key_share=True)
    ).one()
    if row.processed_at is not None:
        return None
    told = read(row.body)
    hearing = Hearing.UNREADABLE
    if told is not None:
        hearing = hear_payment(connection, told=told, settings=settings).hearing
    change = provider_callback.update().where(provider_callback.c.id == callback_id)
    connection.execute(change.values(processed_at=func.kibeezy_now(), verdict=hearing))
    return hearing


def hear_payment(connection: Connection, *, told: Told, settings: Settings) -> Heard:
    """Write the payment down, one row a receipt, and ask for proof of it; moves no money.

    The same again changes nothing. Another amount or account under a known receipt keeps the first
    and calls a person: once proven, such a payment goes to suspense. So does one above the largest
    deposit of now. One whose receipt a deposit has is that deposit's echo, and is not asked about.
    """
    new_id = _insert(connection, told, settings)
    if new_id is None:
        return _compare(connection, told)
    found = get_payment(connection, paybill_id=new_id)
    if mark_if_echo(connection, found):
        return Heard(get_payment(connection, paybill_id=new_id), Hearing.ECHO)
    record(
        connection,
        actor="system",
        act="paybill.heard",
        subject=f"paybill:{new_id}",
        receipt=found.receipt,
        cents=found.amount.cents,
    )
    look_later(connection, found, look=0)
    return Heard(found, Hearing.HEARD)


def _insert(connection: Connection, told: Told, settings: Settings) -> int | None:
    largest = read_config(connection, settings=settings).deposit_range[1]
    owner = select(player.c.id).where(player.c.phone == phone_in(told.account))
    row = (
        insert(paybill_payment)
        .values(
            receipt=told.receipt,
            amount_cents=told.amount.cents,
            account=told.account,
            payer=told.payer,
            paid_at=told.paid_at,
            player_id=owner.scalar_subquery(),
            reason=Reason.OVER_LARGEST if told.amount > largest else None,
        )
        .on_conflict_do_nothing(index_elements=["receipt"])
    )
    return connection.execute(row.returning(paybill_payment.c.id)).scalar_one_or_none()


def _compare(connection: Connection, told: Told) -> Heard:
    known = select(paybill_payment.c.id).where(paybill_payment.c.receipt == told.receipt)
    found = lock_payment(connection, paybill_id=connection.execute(known).scalar_one())
    if found.amount == told.amount and is_same_account(found.account, told.account):
        return Heard(found, Hearing.REPEATED)
    _contest(connection, found, told)
    return Heard(get_payment(connection, paybill_id=found.id), Hearing.CONTESTED)


def _contest(connection: Connection, found: PaybillPayment, told: Told) -> None:
    if found.state in UNSETTLED:
        change = paybill_payment.update().where(paybill_payment.c.id == found.id)
        connection.execute(change.values(reason=Reason.CONTESTED))
    # Without the accounts, which are phone numbers: both stand in the stored confirmations.
    why = f"{found.amount} was heard first, now {told.amount}"
    if found.amount == told.amount:
        why = "another account than the one that was heard first"
    call_a_person(connection, paybill_id=found.id, kind="paybill_contested", why=why)
