"""Use cases around Transaction Status: which payment is worth asking about, and giving up."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.outbox.records import ask
from core.paybill import rules
from core.paybill.alarm import call_a_person
from core.paybill.echo import mark_if_echo
from core.paybill.records import (
    UNSETTLED,
    PaybillPayment,
    PaybillState,
    lock_payment,
    paybill_payment,
)

NEVER_PROVEN = "never proven by M-Pesa"


def begin_look(connection: Connection, *, paybill_id: int, look: int | None) -> str | None:
    """The receipt to ask about, or None where this look is not needed.

    Asks for the next look before this one is taken, so that a lost worker never ends the chain.
    A look of None is an extra one, also of what was given up. What a deposit has the receipt of is
    its echo; what is not proven after the last look is given up, and a person called. A repeat is
    harmless.
    """
    found = lock_payment(connection, paybill_id=paybill_id)
    if found.state not in UNSETTLED or mark_if_echo(connection, found):
        return None
    if look is None:
        return found.receipt
    if found.state is not PaybillState.HEARD:
        return None
    if look >= len(rules.LOOK_AFTER):
        give_up(connection, found, why=NEVER_PROVEN)
        return None
    look_later(connection, found, look=look + 1)
    # A look that waited past the next one's time would only use up the budget twice.
    overtaken = found.now >= found.heard_at + _ALL_LOOKS[look + 1]
    return None if overtaken else found.receipt


def look_later(connection: Connection, found: PaybillPayment, *, look: int) -> None:
    """Ask the worker for one look of the schedule; the same look is asked for once."""
    ask(
        connection,
        kind="paybill_status",
        payload={"paybill_id": found.id, "look": look},
        key=f"paybill_status:{found.id}:{look}",
        at=found.heard_at + _ALL_LOOKS[look],
    )


def look_again(connection: Connection, found: PaybillPayment) -> None:
    """Ask the worker for one extra look, also at what was given up: more is known of it now."""
    ask(
        connection,
        kind="paybill_status",
        payload={"paybill_id": found.id, "look": None},
        key=f"paybill_status:{found.id}:again",
    )


def give_up(connection: Connection, found: PaybillPayment, *, why: str) -> None:
    """Leave a payment that is only heard to a person; the caller holds it. Proof still counts."""
    # What contradicts it stays: it decides where the money goes if it is proven after all.
    reason = func.coalesce(paybill_payment.c.reason, why)
    change = paybill_payment.update().where(
        paybill_payment.c.id == found.id, paybill_payment.c.state == PaybillState.HEARD
    )
    marked = connection.execute(change.values(state=PaybillState.UNPROVEN, reason=reason))
    assert marked.rowcount == 1, "the caller holds the lock"
    record(
        connection,
        actor="system",
        act="paybill.unproven",
        subject=f"paybill:{found.id}",
        before={"state": PaybillState.HEARD},
        after={"state": PaybillState.UNPROVEN},
        why=why,
    )
    call_a_person(connection, paybill_id=found.id, kind="paybill_unproven", why=why)


_ALL_LOOKS = (*rules.LOOK_AFTER, rules.GIVE_UP_AFTER)
