"""The only way to move money: one database function, called from here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Label, func, select, text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from core.errors import Refused
from core.ledger.records import account, balance, entry
from core.ledger.reference import reference_of
from core.ledger.transfer import AccountKind, Transfer
from core.money import Money
from core.text import _

_POST = text(
    "SELECT * FROM post_transfer(:kind, :scope, :key, :request_hash, :accounts, :cents,"
    " :actor, :second_actor, :reason, :reverses)"
)


class InsufficientFunds(Refused):
    """A wallet or hold would go below its minimum."""

    def __init__(self) -> None:
        super().__init__(_("You do not have enough money. No money was taken."))


class KeyReused(Exception):
    """The idempotency key already stands for a different transfer."""


@dataclass(frozen=True)
class Posted:
    """A transfer in the book. `replayed` says that it stood there before this call."""

    transfer_id: int
    posted_at: datetime
    replayed: bool

    @property
    def reference(self) -> str:
        """What receipts call this transfer."""
        return reference_of(self.transfer_id)


def post(connection: Connection, transfer: Transfer) -> Posted:
    """Write the transfer and move the balances of its wallets, in the caller's transaction.

    The same key with the same contents returns the first result and moves nothing.
    Raises InsufficientFunds or KeyReused; the transaction must then be rolled back.
    """
    try:
        row = connection.execute(
            _POST,
            {
                "kind": transfer.kind,
                "scope": transfer.key.scope,
                "key": transfer.key.value,
                "request_hash": transfer.request_hash,
                "accounts": [line.account_id for line in transfer.entries],
                "cents": [line.amount.cents for line in transfer.entries],
                "actor": transfer.actor,
                "second_actor": transfer.second_actor,
                "reason": transfer.reason,
                "reverses": transfer.reverses,
            },
        ).one()
    except DBAPIError as error:
        if sql_state(error) == "KB001":
            raise KeyReused(transfer.key) from error
        if sql_state(error) == "KB002":
            raise InsufficientFunds from error
        raise
    return Posted(row.transfer_id, row.posted_at, row.replayed)


def open_wallet(connection: Connection, *, player_id: int) -> None:
    """Open a player's available and held accounts; a repeat changes nothing."""
    for kind in (AccountKind.PLAYER_AVAILABLE, AccountKind.PLAYER_HELD):
        connection.execute(select(func.open_account(kind, player_id, None, None)))


def open_pool(connection: Connection, *, market_id: int) -> None:
    """Open the accounts of a market's two sides; a repeat changes nothing."""
    for side in ("yes", "no"):
        connection.execute(
            select(func.open_account(AccountKind.MARKET_SIDE, None, market_id, side))
        )


def available_account(connection: Connection, *, player_id: int) -> int:
    """The account of the money a player may use."""
    return _player_account(connection, AccountKind.PLAYER_AVAILABLE, player_id)


def held_account(connection: Connection, *, player_id: int) -> int:
    """The account of the money that waits to be proven."""
    return _player_account(connection, AccountKind.PLAYER_HELD, player_id)


def clawback_account(connection: Connection, *, player_id: int) -> int:
    """The account of what the player owes us, opened where it is missing."""
    opened = select(func.open_account(AccountKind.PLAYER_CLAWBACK, player_id, None, None))
    return int(connection.execute(opened).scalar_one())


def side_account(connection: Connection, *, market_id: int, side: str) -> int:
    """The account that holds what was staked on one side of a market."""
    query = select(account.c.id).where(
        account.c.kind == AccountKind.MARKET_SIDE,
        account.c.market == market_id,
        account.c.side == side,
    )
    return int(connection.execute(query).scalar_one())


def system_account(connection: Connection, *, kind: AccountKind) -> int:
    """The one account of its kind."""
    query = select(account.c.id).where(
        account.c.kind == kind, account.c.owner.is_(None), account.c.market.is_(None)
    )
    return int(connection.execute(query).scalar_one())


def left_in(wallet_account: int) -> Label[int]:
    """What the wallet holds, in cents, as a column `left_cents` of whatever is asked for."""
    left = select(balance.c.cents).where(balance.c.account_id == wallet_account)
    return left.scalar_subquery().label("left_cents")


def available(connection: Connection, *, player_id: int) -> Money:
    """What the player may bet with, in whole cents."""
    return _balance(connection, AccountKind.PLAYER_AVAILABLE, player_id)


def held(connection: Connection, *, player_id: int) -> Money:
    """What waits for a withdrawal to be proven."""
    return _balance(connection, AccountKind.PLAYER_HELD, player_id)


def owed(connection: Connection, *, player_id: int) -> Money:
    """What was paid to the player wrongly and was not there to be taken back."""
    query = (
        select(func.coalesce(-func.sum(entry.c.cents), 0))
        .join(account, account.c.id == entry.c.account_id)
        .where(account.c.kind == AccountKind.PLAYER_CLAWBACK, account.c.owner == player_id)
    )
    return Money(int(connection.execute(query).scalar_one()))


def derived_cents(connection: Connection, *, account_id: int) -> Money:
    """The balance of an account without a balance row: the sum of its entries."""
    query = select(func.coalesce(func.sum(entry.c.cents), 0)).where(
        entry.c.account_id == account_id
    )
    return Money(int(connection.execute(query).scalar_one()))


def _balance(connection: Connection, kind: AccountKind, player_id: int) -> Money:
    query = (
        select(balance.c.cents)
        .join(account, account.c.id == balance.c.account_id)
        .where(account.c.kind == kind, account.c.owner == player_id)
    )
    return Money(connection.execute(query).scalar_one())


def _player_account(connection: Connection, kind: AccountKind, player_id: int) -> int:
    query = select(account.c.id).where(account.c.kind == kind, account.c.owner == player_id)
    return int(connection.execute(query).scalar_one())
