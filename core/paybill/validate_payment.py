"""Use case: the provider asks whether a payment to the paybill should be made at all."""

from enum import StrEnum

from sqlalchemy import Connection

from core.config.in_force import config_of
from core.money import CENTS_PER_SHILLING, Money
from core.paybill.rules import why_not
from core.paybill.standing import read_standing
from core.settings import Settings


class Objection(StrEnum):
    """What is wrong with a payment that is better not made."""

    ACCOUNT = "account"
    AMOUNT = "amount"


def validate_payment(
    connection: Connection, *, account: str, amount: Money, settings: Settings
) -> Objection | None:
    """Why this payment could not be credited as of now, or None; one statement, moves nothing.

    To refuse is harmless: the money stays with the payer, who reads at once that it failed. To
    accept leads to suspense, and to waiting for two people. So it is refused exactly where the
    proven payment could not be credited. The reference of a deposit is the second news of a
    prompt, and is always accepted.
    """
    standing = read_standing(connection, account=account)
    if standing.deposit_id is not None:
        return None
    smallest, largest = config_of(standing.in_force, settings=settings).deposit_range
    if not smallest <= amount <= largest or amount.cents % CENTS_PER_SHILLING:
        return Objection.AMOUNT
    return None if why_not(standing, amount=amount) is None else Objection.ACCOUNT
