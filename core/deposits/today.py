"""What a player has paid in today, by prompt or without one, as the player's own limit counts."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, literal, select

from core.deposits.records import deposit
from core.deposits.rules import COUNTS_TODAY
from core.ledger.records import account, entry, transfer
from core.ledger.transfer import AccountKind, TransferKind
from core.money import Money

_paid = entry.alias("paid")
_MIDNIGHT = func.date_trunc("day", func.kibeezy_now(), "Africa/Nairobi")


def deposited_today(connection: Connection, *, player_id: int) -> Money:
    """Since midnight in Nairobi; a prompt that waits for its PIN counts as paid."""
    query = select(deposited_cents(literal(player_id)))
    return Money(int(connection.execute(query).scalar_one()))


def deposited_cents(player_id: ColumnElement[int]) -> ColumnElement[Any]:
    """The same as a part of another query."""
    return _asked_for(player_id) + _paid_without_a_prompt(player_id)


def _asked_for(player_id: ColumnElement[int]) -> ScalarSelect[Any]:
    return (
        select(func.coalesce(func.sum(deposit.c.amount_cents), 0))
        .where(
            deposit.c.player_id == player_id,
            deposit.c.state.in_(COUNTS_TODAY),
            deposit.c.requested_at >= _MIDNIGHT,
        )
        .correlate_except(deposit)
        .scalar_subquery()
    )


def _paid_without_a_prompt(player_id: ColumnElement[int]) -> ScalarSelect[Any]:
    # From the ledger, since deposits stand below paybill payments; with the excise on them.
    return (
        select(func.coalesce(func.sum(_paid.c.cents), 0))
        .select_from(entry)
        .join(account, account.c.id == entry.c.account_id)
        .join(transfer, transfer.c.id == entry.c.transfer_id)
        .join(_paid, _paid.c.transfer_id == transfer.c.id)
        .where(
            account.c.kind == AccountKind.PLAYER_AVAILABLE,
            account.c.owner == player_id,
            transfer.c.kind == TransferKind.PAYBILL,
            transfer.c.posted_at >= _MIDNIGHT,
            _paid.c.cents > 0,
        )
        .correlate_except(account, entry, transfer, _paid)
        .scalar_subquery()
    )
