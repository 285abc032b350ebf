"""Use case: the provider has proven a payment; its money goes to a player, or into suspense."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func
from sqlalchemy.exc import IntegrityError

from core.audit_trail.records import record
from core.deposits.excise import Taxed, credit, tax, tax_now
from core.deposits.records import Deposit, lock_deposit
from core.deposits.repay_debt import repay_debt
from core.deposits.settle_deposit import Settled as DepositSettled
from core.deposits.settle_deposit import settle_by_proof
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money
from core.notices import texts
from core.notices.notify import notify
from core.paybill.alarm import call_a_person
from core.paybill.echo import deposit_with, mark_echo
from core.paybill.records import UNSETTLED, PaybillPayment, PaybillState, paybill_payment
from core.paybill.rules import (
    OF_DOUBTFUL_ACCOUNT,
    SEEN_WHEN_HEARD,
    ProvenBy,
    Reason,
    Standing,
    why_not,
)
from core.paybill.standing import read_standing
from core.players.records import Player, get_player, lock_player


class Settled(StrEnum):
    """What an answer about a payment led to, or the statement's line."""

    CREDITED = "credited"
    SUSPENSE = "suspense"
    ECHO = "echo"
    REPEATED = "repeated"
    WAITS = "waits for the statement"
    UNPROVEN = "unproven"
    UNCHANGED = "unchanged"


def settle_payment(
    connection: Connection,
    found: PaybillPayment,
    *,
    amount: Money,
    proven_by: ProvenBy,
    account: str | None = None,
) -> Settled:
    """Move the money of a payment that is proven with this amount; the caller holds the payment.

    Once a receipt, whatever came first: a deposit that has the receipt, or whose reference is the
    account, is settled by this proof, and the payment is its echo. Else the player of the account
    is credited, less excise, or all of it goes to suspense with the reason, and the player, where
    there is one, is told. A repeat changes nothing.

    Transaction Status names no account and can be wrong about the amount: where the confirmation
    named no account or another amount, or a deposit's reference with another amount, or was a
    stranger's, nothing moves before the statement, or news from the provider itself. What the
    statement says counts, with the `account` that stands there.
    """
    if found.state not in UNSETTLED:
        return Settled.REPEATED
    proof = _Proof(found, amount, proven_by, account or found.account)
    deposit_id = deposit_with(connection, receipt_code=found.receipt)
    if deposit_id is not None:
        return _echo(connection, proof, deposit_id)
    if proven_by is ProvenBy.STATUS and not _says_the_same(connection, proof):
        return Settled.WAITS
    standing = read_standing(connection, account=proof.account)
    if standing.deposit_id is not None and (account or found.reason not in OF_DOUBTFUL_ACCOUNT):
        return _settle_deposit(connection, proof, standing.deposit_id)
    if standing.player is not None:
        # What the player pays in otherwise waits in line, so that each sees what went before.
        lock_player(connection, player_id=standing.player.id)
        standing = read_standing(connection, account=proof.account)
    return _move(connection, proof, standing.player, _reason(proof, standing))


@dataclass(frozen=True)
class _Proof:
    found: PaybillPayment
    amount: Money
    by: ProvenBy
    account: str


def _says_the_same(connection: Connection, proof: _Proof) -> bool:
    """Whether what was heard and what is proven leave nothing open; else a person is called."""
    heard = proof.found
    if heard.reason == Reason.FROM_A_STRANGER:
        return False
    if heard.amount != proof.amount:
        _contest(connection, proof, f"{heard.amount} was heard, and M-Pesa says {proof.amount}")
        return False
    return bool(heard.account)


def _contest(connection: Connection, proof: _Proof, why: str) -> None:
    call_a_person(connection, paybill_id=proof.found.id, kind="paybill_contested", why=why)


def _reason(proof: _Proof, standing: Standing) -> Reason | None:
    if proof.found.reason in SEEN_WHEN_HEARD:
        return Reason(proof.found.reason)
    if proof.amount != proof.found.amount:
        return Reason.AMOUNT_DIFFERS
    return why_not(standing, amount=proof.amount)


def _settle_deposit(connection: Connection, proof: _Proof, deposit_id: int) -> Settled:
    """The account is a deposit's reference: its prompt was paid, or somebody typed it by hand."""
    deposit = lock_deposit(connection, deposit_id=deposit_id)
    if proof.by is ProvenBy.STATUS and deposit.amount != proof.amount:
        _contest(connection, proof, f"{deposit.amount} was asked for, {proof.amount} is told")
        return Settled.WAITS
    fits = deposit.receipt in {None, proof.found.receipt} and deposit.amount == proof.amount
    if fits and _settle_by_proof(connection, proof, deposit) is not DepositSettled.REVIEW:
        mark_echo(connection, proof.found, deposit_id=deposit_id, proven_by=proof.by)
        return Settled.ECHO
    payer = get_player(connection, player_id=deposit.player_id)
    return _move(connection, proof, payer, Reason.NOT_ITS_DEPOSIT)


def _echo(connection: Connection, proof: _Proof, deposit_id: int) -> Settled:
    """The deposit has the receipt already; this proof is one of the deposit."""
    _settle_by_proof(connection, proof, lock_deposit(connection, deposit_id=deposit_id))
    mark_echo(connection, proof.found, deposit_id=deposit_id, proven_by=proof.by)
    return Settled.ECHO


def _settle_by_proof(connection: Connection, proof: _Proof, deposit: Deposit) -> DepositSettled:
    return settle_by_proof(
        connection,
        deposit,
        receipt=proof.found.receipt,
        amount=proof.amount,
        proven_by=proof.by,
    )


def _move(
    connection: Connection, proof: _Proof, player: Player | None, reason: Reason | None
) -> Settled:
    credited = player is not None and reason is None
    taxed = tax_now(connection, proof.amount) if credited else tax(proof.amount, bps=0)
    try:
        # Whoever moves money for a receipt claims it; who races for it loses here, whole.
        with connection.begin_nested():
            posted = _post_and_mark(connection, proof, taxed, player, reason)
    except IntegrityError as error:
        deposit_id = deposit_with(connection, receipt_code=proof.found.receipt)
        if not _is_claimed(error) or deposit_id is None:
            raise
        return _echo(connection, proof, deposit_id)
    _write_down(connection, proof, taxed, reason)
    if player is not None and credited:
        repay_debt(connection, player_id=player.id)
    if player is not None:
        _tell(connection, proof, taxed, player, posted=posted, reason=reason)
    return Settled.CREDITED if reason is None else Settled.SUSPENSE


def _post_and_mark(
    connection: Connection,
    proof: _Proof,
    taxed: Taxed,
    player: Player | None,
    reason: Reason | None,
) -> book.Posted:
    collection = book.system_account(connection, kind=AccountKind.MPESA_COLLECTION)
    if player is not None and reason is None:
        kind, state = TransferKind.PAYBILL, PaybillState.CREDITED
        entries = credit(connection, taxed, source=collection, player_id=player.id)
    else:
        kind, state = TransferKind.SUSPENSE, PaybillState.SUSPENSE
        suspense = book.system_account(connection, kind=AccountKind.MPESA_SUSPENSE)
        entries = (Entry(collection, -proof.amount), Entry(suspense, proof.amount))
    posted = book.post(
        connection,
        Transfer(
            kind,
            Key("paybill", str(proof.found.id)),
            entries,
            actor="system",
            reason=reason,
        ),
    )
    change = paybill_payment.update().where(
        paybill_payment.c.id == proof.found.id, paybill_payment.c.state.in_(UNSETTLED)
    )
    marked = connection.execute(
        change.values(
            state=state,
            account=proof.account,
            amount_cents=proof.amount.cents,
            reason=reason,
            player_id=None if player is None else player.id,
            transfer_id=posted.transfer_id,
            proven_by=proof.by,
            proven_at=func.kibeezy_now(),
            **taxed.columns,
        )
    )
    assert marked.rowcount == 1, "the caller holds the lock"
    return posted


def _is_claimed(error: IntegrityError) -> bool:
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None) == "receipt_pkey"


def _write_down(connection: Connection, proof: _Proof, taxed: Taxed, reason: Reason | None) -> None:
    record(
        connection,
        actor="system",
        act="paybill.credited" if reason is None else "paybill.suspense",
        subject=f"paybill:{proof.found.id}",
        before={"state": proof.found.state},
        after={"state": PaybillState.CREDITED if reason is None else PaybillState.SUSPENSE},
        receipt=proof.found.receipt,
        cents=proof.amount.cents,
        heard_cents=proof.found.amount.cents,
        by=proof.by,
        reason=reason,
        excise_cents=taxed.excise.cents or None,
    )


def _tell(
    connection: Connection,
    proof: _Proof,
    taxed: Taxed,
    player: Player,
    *,
    posted: book.Posted,
    reason: Reason | None,
) -> None:
    if reason is None:
        words = texts.deposit_received(
            amount=proof.amount,
            excise=taxed.excise,
            receipt=proof.found.receipt,
            reference=posted.reference,
            balance=book.available(connection, player_id=player.id),
        )
    else:
        words = texts.paybill_held(
            amount=proof.amount, receipt=proof.found.receipt, reason=reason.words
        )
    notify(
        connection,
        player_id=player.id,
        phone=player.phone,
        language=player.language,
        kind="paybill_received" if reason is None else "paybill_held",
        text=words,
    )
