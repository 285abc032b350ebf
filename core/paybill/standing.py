"""Whose account a payer typed, and what that player may still pay in, in one statement."""

from sqlalchemy import Connection, Text, bindparam, column, func, literal, select

from core.deposits.records import deposit
from core.deposits.today import deposited_cents
from core.ledger.records import account, balance
from core.money import Money
from core.paybill.rules import Standing, phone_in, reference_in
from core.players.limits import LimitKind, limit_cents
from core.players.records import player, player_from


def read_standing(connection: Connection, *, account: str) -> Standing:
    """Who may be credited for this account as of now; reads only."""
    row = connection.execute(
        _STANDING, {"phone": phone_in(account), "reference": reference_in(account)}
    ).one()
    return Standing(
        deposit_id=row.deposit_id,
        player=None if row.id is None else player_from(row),
        daily_limit=None if row.limit_cents is None else Money(row.limit_cents),
        today=Money(int(row.today_cents)),
        wallet=Money(int(row.wallet_cents)),
        in_force=row.in_force or {},
    )


_WALLET = (
    select(func.coalesce(func.sum(balance.c.cents), 0))
    .join(account, account.c.id == balance.c.account_id)
    .where(account.c.owner == player.c.id)
    .correlate(player)
    .scalar_subquery()
)
_NOBODY_YET = select(literal(1).label("only_row")).subquery()
_STANDING = (
    select(
        player,
        deposit.c.id.label("deposit_id"),
        limit_cents(player.c.id, kind=LimitKind.DAILY_DEPOSIT).label("limit_cents"),
        deposited_cents(player.c.id).label("today_cents"),
        _WALLET.label("wallet_cents"),
        select(func.jsonb_object_agg(column("name"), column("value")))
        .select_from(func.values_in_force(func.kibeezy_now()))
        .scalar_subquery()
        .label("in_force"),
        func.kibeezy_now().label("now"),
    )
    .select_from(_NOBODY_YET)
    .outerjoin(player, player.c.phone == bindparam("phone", type_=Text))
    .outerjoin(deposit, deposit.c.reference == bindparam("reference", type_=Text))
)
