"""Use cases: two people say whose money in suspense is, and it goes there."""

from dataclasses import dataclass

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.deposits.excise import Taxed, credit, tax_now
from core.deposits.repay_debt import repay_debt
from core.errors import NoSuchThing, Refused
from core.ledger import book
from core.ledger.transfer import AccountKind, Key, Transfer, TransferKind
from core.money import Money
from core.notices import texts
from core.notices.notify import notify
from core.paybill.records import PaybillPayment, PaybillState, lock_payment, paybill_payment
from core.phone import parse_phone
from core.players.records import Player, Status, find_player, lock_player
from core.provider.decide import (
    Decision,
    DecisionOutcome,
    agree,
    open_decision,
    propose_decision,
)
from core.provider.subjects import Subject, SubjectKind
from core.provider.withdraw_decision import withdraw_decision
from core.staff.records import Admin
from core.text import _


class NotInSuspense(Refused):
    """Only proven money that nobody was credited with can be placed."""

    def __init__(self, paybill_id: int, state: PaybillState) -> None:
        super().__init__(
            _(
                "Payment {paybill_id} is {state}, not in suspense.",
                paybill_id=paybill_id,
                state=state,
            )
        )


class PlayerLeft(Refused):
    """A closed account takes no money: nobody could play or withdraw it."""

    def __init__(self, phone: str) -> None:
        super().__init__(_("The account of {phone} is closed.", phone=phone))


@dataclass(frozen=True)
class Placed:
    """What was put into whose wallet, and the excise that went to the state of it."""

    amount: Money
    excise: Money
    phone: str
    reference: str


def propose_placement(
    connection: Connection, *, paybill_id: int, phone: str, evidence: str | None, by: Admin
) -> PaybillPayment:
    """Propose which player a payment in suspense belongs to; moves nothing.

    Any registered player whose account is not closed. Without evidence, the reason why it waits
    stands for it, and not the account: that is mostly a phone, and evidence is kept for good.
    Raises NoSuchThing, NotInSuspense, InvalidPhone, PlayerLeft, and what `propose_decision` raises.
    """
    found = _in_suspense(connection, paybill_id)
    player = _find(connection, parse_phone(phone))
    propose_decision(
        connection,
        subject=_subject(found),
        outcome=DecisionOutcome.PLACED,
        player_id=player.id,
        evidence=evidence or found.reason or "",
        by=by,
    )
    return found


def approve_placement(
    connection: Connection, *, paybill_id: int, by: Admin, decision_id: int | None = None
) -> Placed:
    """Agree to another admin's proposal: the money goes to the player, who is told by SMS.

    Excise is taken from it at the rate of now: nothing was, while it waited. `decision_id` is the
    proposal that was read; None means whichever is open.
    Raises NoSuchThing, NotInSuspense (also on a repeat), PlayerLeft, and what `open_decision` and
    `agree` raise.
    """
    found = _in_suspense(connection, paybill_id)
    proposal = open_decision(connection, subject=_subject(found), decision_id=decision_id)
    player = lock_player(connection, player_id=proposal.player_id)
    _ensure_open(player)
    decision = agree(connection, decision_id=proposal.id, by=by)
    taxed = tax_now(connection, found.amount)
    posted = _post_and_mark(connection, found, taxed, player, decision)
    repay_debt(connection, player_id=player.id)
    notify(
        connection,
        player_id=player.id,
        phone=player.phone,
        language=player.language,
        kind="paybill_received",
        text=texts.deposit_received(
            amount=found.amount,
            excise=taxed.excise,
            receipt=found.receipt,
            reference=posted.reference,
            balance=book.available(connection, player_id=player.id),
        ),
    )
    return Placed(found.amount, taxed.excise, player.phone, posted.reference)


def cancel_placement(
    connection: Connection, *, paybill_id: int, by: Admin, decision_id: int | None = None
) -> None:
    """Take the open proposal back, so that another can be made; moves nothing.

    Raises NoSuchThing, and what `withdraw_decision` raises (also on a repeat).
    """
    found = lock_payment(connection, paybill_id=paybill_id)
    withdraw_decision(connection, subject=_subject(found), by=by, decision_id=decision_id)


def _in_suspense(connection: Connection, paybill_id: int) -> PaybillPayment:
    found = lock_payment(connection, paybill_id=paybill_id)
    if found.state is not PaybillState.SUSPENSE:
        raise NotInSuspense(found.id, found.state)
    return found


def _subject(found: PaybillPayment) -> Subject:
    return Subject(SubjectKind.PAYBILL, found.id)


def _find(connection: Connection, phone: str) -> Player:
    player = find_player(connection, phone=phone)
    if player is None:
        raise NoSuchThing(f"player {phone}")
    _ensure_open(player)
    return player


def _ensure_open(player: Player) -> None:
    if player.status is Status.CLOSED:
        raise PlayerLeft(player.phone)


def _post_and_mark(
    connection: Connection,
    found: PaybillPayment,
    taxed: Taxed,
    player: Player,
    decision: Decision,
) -> book.Posted:
    suspense = book.system_account(connection, kind=AccountKind.MPESA_SUSPENSE)
    assert decision.agreed_by is not None, "it was agreed to just now"
    posted = book.post(
        connection,
        Transfer(
            TransferKind.PLACEMENT,
            Key("placement", str(found.id)),
            credit(connection, taxed, source=suspense, player_id=player.id),
            actor=decision.proposed_by,
            second_actor=decision.agreed_by,
            reason=decision.evidence,
        ),
    )
    change = paybill_payment.update().where(
        paybill_payment.c.id == found.id, paybill_payment.c.state == PaybillState.SUSPENSE
    )
    marked = connection.execute(
        change.values(
            state=PaybillState.PLACED,
            player_id=player.id,
            place_transfer_id=posted.transfer_id,
            **taxed.columns,
        )
    )
    assert marked.rowcount == 1, "the caller holds the lock"
    record(
        connection,
        actor=decision.agreed_by,
        act="paybill.placed",
        subject=f"paybill:{found.id}",
        before={"state": PaybillState.SUSPENSE},
        after={"state": PaybillState.PLACED},
        player=player.id,
        cents=found.amount.cents,
        excise_cents=taxed.excise.cents or None,
    )
    return posted
