"""Use case: write down that somebody paid the paybill, and ask whether it is true."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record
from core.config.in_force import read_config
from core.money import Money
from core.paybill.alarm import call_a_person
from core.paybill.ask_for_proof import look_again, look_later
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


class Teller(StrEnum):
    """Who tells of a payment."""

    STATEMENT = "statement"
    CONFIRMATION = "confirmation"
    # A confirmation from an address that is not the provider's.
    STRANGER = "stranger"


@dataclass(frozen=True)
class Told:
    """A payment as somebody tells it; the payer's number is masked where it is known."""

    receipt: str
    amount: Money
    account: str
    payer: str | None = None
    paid_at: datetime | None = None
    teller: Teller = Teller.STATEMENT


class Hearing(StrEnum):
    """What news of a payment led to; none of it moves money."""

    HEARD = "heard"
    ECHO = "echo"
    REPEATED = "repeated"
    CONTESTED = "contested"
    BELIEVED = "replaced what a stranger told"
    DISBELIEVED = "not believed, from a stranger"
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

    Anybody who knows the address can send one, so it moves no money: the provider is asked. What a
    stranger sends is believed only until the provider itself tells.
    """
    row = connection.execute(
        select(provider_callback)
        .where(provider_callback.c.id == callback_id)
        .with_for_update(key_share=True)
    ).one()
    if row.processed_at is not None:
        return None
    told = read(row.body)
    hearing, paybill_id = Hearing.UNREADABLE, None
    if told is not None:
        teller = Teller.CONFIRMATION if row.trusted else Teller.STRANGER
        told = replace(told, teller=teller)
        heard = hear_payment(connection, told=told, settings=settings)
        hearing, paybill_id = heard.hearing, heard.payment.id
    change = provider_callback.update().where(provider_callback.c.id == callback_id)
    connection.execute(
        change.values(processed_at=func.kibeezy_now(), verdict=hearing, paybill_id=paybill_id)
    )
    return hearing


def hear_payment(connection: Connection, *, told: Told, settings: Settings) -> Heard:
    """Write the payment down, one row a receipt, and ask for proof of it; moves no money.

    The same again changes nothing. Another amount or account under a known receipt keeps the first
    and calls a person: once proven, such a payment goes to suspense. So does one above the largest
    deposit of now. One whose receipt a deposit has is that deposit's echo, and is not asked about.

    A stranger may be the first to tell, and choose the account: that is replaced by what the
    provider tells later, as long as no money has moved. He contests nothing.
    """
    new_id = _insert(connection, told, settings)
    if new_id is None:
        return _compare(connection, told, settings)
    found = get_payment(connection, paybill_id=new_id)
    if mark_if_echo(connection, found):
        return Heard(get_payment(connection, paybill_id=new_id), Hearing.ECHO)
    record(
        connection,
        actor="system",
        act="paybill.heard",
        subject=f"paybill:{new_id}",
        after={"state": found.state},
        receipt=found.receipt,
        cents=found.amount.cents,
    )
    look_later(connection, found, look=0)
    return Heard(found, Hearing.HEARD)


def _insert(connection: Connection, told: Told, settings: Settings) -> int | None:
    row = (
        insert(paybill_payment)
        .values(receipt=told.receipt, **_as_told(connection, told, settings))
        .on_conflict_do_nothing(index_elements=["receipt"])
    )
    return connection.execute(row.returning(paybill_payment.c.id)).scalar_one_or_none()


def _as_told(connection: Connection, told: Told, settings: Settings) -> dict[str, Any]:
    largest = read_config(connection, settings=settings).deposit_range[1]
    owner = select(player.c.id).where(player.c.phone == phone_in(told.account))
    reason = Reason.OVER_LARGEST if told.amount > largest else None
    return {
        "amount_cents": told.amount.cents,
        "account": told.account,
        "payer": told.payer,
        "paid_at": told.paid_at,
        "player_id": owner.scalar_subquery(),
        "reason": Reason.FROM_A_STRANGER if told.teller is Teller.STRANGER else reason,
    }


def _compare(connection: Connection, told: Told, settings: Settings) -> Heard:
    known = select(paybill_payment.c.id).where(paybill_payment.c.receipt == told.receipt)
    found = lock_payment(connection, paybill_id=connection.execute(known).scalar_one())
    if _is_better_known(found, told):
        return _believe(connection, found, told, settings)
    if found.amount == told.amount and is_same_account(found.account, told.account):
        return Heard(found, Hearing.REPEATED)
    if told.teller is Teller.STRANGER:
        return Heard(found, Hearing.DISBELIEVED)
    _contest(connection, found, told)
    return Heard(get_payment(connection, paybill_id=found.id), Hearing.CONTESTED)


def _is_better_known(found: PaybillPayment, told: Told) -> bool:
    if found.reason != Reason.FROM_A_STRANGER or found.state not in UNSETTLED:
        return False
    match told.teller:
        case Teller.CONFIRMATION:
            return True
        case Teller.STATEMENT:
            # One that names no account is told here with the stranger's.
            return not is_same_account(found.account, told.account)
        case Teller.STRANGER:
            return False


def _believe(
    connection: Connection, found: PaybillPayment, told: Told, settings: Settings
) -> Heard:
    change = paybill_payment.update().where(paybill_payment.c.id == found.id)
    connection.execute(change.values(_as_told(connection, told, settings)))
    record(
        connection,
        actor="system",
        act="paybill.believed",
        subject=f"paybill:{found.id}",
        before={"cents": found.amount.cents, "reason": found.reason},
        after={"cents": told.amount.cents, "reason": None},
    )
    look_again(connection, found)
    return Heard(get_payment(connection, paybill_id=found.id), Hearing.BELIEVED)


def _contest(connection: Connection, found: PaybillPayment, told: Told) -> None:
    if found.state in UNSETTLED:
        change = paybill_payment.update().where(paybill_payment.c.id == found.id)
        connection.execute(change.values(reason=Reason.CONTESTED))
        record(
            connection,
            actor="system",
            act="paybill.contested",
            subject=f"paybill:{found.id}",
            before={"reason": found.reason},
            after={"reason": Reason.CONTESTED},
        )
    # Without the accounts, which are phone numbers: both stand in the stored confirmations.
    why = f"{found.amount} was heard first, now {told.amount}"
    if found.amount == told.amount:
        why = "another account than the one that was heard first"
    call_a_person(connection, paybill_id=found.id, kind="paybill_contested", why=why)
