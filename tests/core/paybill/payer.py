"""Somebody who pays the paybill; the statement proves it at once, or later, or never."""

from itertools import count

from sqlalchemy import func, select

from core.database import in_transaction
from core.money import Money, kes
from core.paybill.hear_payment import Told, hear_payment
from core.paybill.records import get_payment, lock_payment, paybill_payment
from core.paybill.rules import ProvenBy
from core.paybill.settle_payment import Settled, settle_payment
from tests.world import World

FIVE_HUNDRED = kes(500)
_receipts = count(1)


def is_heard(
    world: World, *, account: str, amount: Money = FIVE_HUNDRED, payer: str | None = None
) -> int:
    """A confirmation comes; the payment's id."""
    told = Told(f"SIMPLE{next(_receipts):04}", amount, account, payer=payer)
    return in_transaction(
        world.database,
        lambda c: hear_payment(c, told=told, settings=world.settings).payment.id,
    )


def is_proven(world: World, paybill_id: int) -> Settled:
    """By the statement, with the amount that was heard."""
    return in_transaction(
        world.database,
        lambda c: settle_payment(
            c,
            lock_payment(c, paybill_id=paybill_id),
            amount=get_payment(c, paybill_id=paybill_id).amount,
            proven_by=ProvenBy.STATEMENT,
        ),
    )


def pays(
    world: World, *, account: str, amount: Money = FIVE_HUNDRED, payer: str | None = None
) -> int:
    """A payment that is heard of and proven; its id."""
    paybill_id = is_heard(world, account=account, amount=amount, payer=payer)
    is_proven(world, paybill_id)
    return paybill_id


def newest_payment(world: World) -> int:
    """The id of what was heard of last."""
    with world.database.connect() as connection:
        newest = select(func.max(paybill_payment.c.id))
        return int(connection.execute(newest).scalar_one())
