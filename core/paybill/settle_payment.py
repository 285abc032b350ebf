"""Use case: what the provider has proven is credited to a player, or waits in suspense."""

from enum import StrEnum

from sqlalchemy import Connection, func, select

from core.deposits.records import deposit, lock_deposit
from core.deposits.settle_deposit import Settled as DepositSettled
from core.deposits.settle_deposit import settle_by_proof
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money
from core.paybill.records import PaybillPayment, PaybillState, paybill_payment
from core.paybill.rules import ProvenBy, Reason, phone_in, reference_in
from core.players.records import find_player
from core.provider.records import receipt


class Settled(StrEnum):
    """What became of a proven payment."""

    CREDITED = "credited"
    SUSPENSE = "suspense"
    ECHO = "echo"
    REPEATED = "repeated"


def settle_payment(
    connection: Connection, found: PaybillPayment, *, amount: Money, proven_by: ProvenBy
) -> Settled:
    """Credit, hold, or recognise as the echo of a deposit; the caller holds the row."""
    if found.transfer_id is not None or found.deposit_id is not None:
        return Settled.REPEATED
    claimed = select(receipt.c.deposit_id).where(receipt.c.receipt == found.receipt)
    deposit_id = connection.execute(claimed).scalar_one_or_none()
    reason = found.reason
    if deposit_id is None and reason is None:
        named = select(deposit.c.id).where(deposit.c.reference == reference_in(found.account))
        deposit_id = connection.execute(named).scalar_one_or_none()
    change = paybill_payment.update().where(paybill_payment.c.id == found.id)
    if deposit_id is not None:
        asked = lock_deposit(connection, deposit_id=deposit_id)
        fits = asked.receipt in {None, found.receipt} and asked.amount == amount
        settled = fits and settle_by_proof(
            connection, asked, receipt=found.receipt, amount=amount, proven_by=proven_by
        )
        if settled and settled is not DepositSettled.REVIEW:
            connection.execute(change.values(state=PaybillState.ECHO, deposit_id=deposit_id))
            return Settled.ECHO
        reason = Reason.NOT_ITS_DEPOSIT
    elif reason is None and amount != found.amount:
        reason = Reason.AMOUNT_DIFFERS
    phone = phone_in(found.account)
    player = None if phone is None else find_player(connection, phone=phone)
    if reason is None and player is None:
        reason = Reason.UNKNOWN_ACCOUNT
    collection = book.system_account(connection, kind=AccountKind.MPESA_COLLECTION)
    if player is not None and reason is None:
        kind, state = TransferKind.PAYBILL, PaybillState.CREDITED
        to = book.available_account(connection, player_id=player.id)
    else:
        kind, state = TransferKind.SUSPENSE, PaybillState.SUSPENSE
        to = book.system_account(connection, kind=AccountKind.MPESA_SUSPENSE)
    posted = book.post(
        connection,
        Transfer(
            kind,
            Key("paybill", str(found.id)),
            (Entry(collection, -amount), Entry(to, amount)),
            actor="system",
        ),
    )
    connection.execute(
        change.values(
            state=state,
            amount_cents=amount.cents,
            reason=reason,
            player_id=None if player is None else player.id,
            transfer_id=posted.transfer_id,
            proven_by=proven_by,
            proven_at=func.kibeezy_now(),
        )
    )
    return Settled.CREDITED if state is PaybillState.CREDITED else Settled.SUSPENSE
