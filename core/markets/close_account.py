"""Use case: a player leaves for good. It must see money, deposits and bets, so it stands here."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Row, exists, func, or_, select

from core.audit_trail.records import record
from core.clock import short_time
from core.deposits.records import deposit
from core.deposits.repay_debt import repay_debt
from core.deposits.rules import ON_ITS_WAY
from core.errors import Refused
from core.ledger.records import account, balance
from core.ledger.transfer import AccountKind
from core.markets.correction import FINAL_AFTER
from core.markets.records import bet, market, settlement
from core.markets.rules import OVER
from core.money import Money
from core.notices import staff_texts
from core.notices.notify import notify
from core.paybill.records import PaybillState, paybill_payment
from core.players.help_player import hold_player
from core.players.records import Player, Status, lock_player, player
from core.staff.records import Admin
from core.staff_input import parse_free_text
from core.text import _

_OF_PLAYERS: Final = (AccountKind.PLAYER_AVAILABLE, AccountKind.PLAYER_HELD)


class MoneyLeft(Refused):
    """An account with money or open bets stays open."""

    def __init__(self) -> None:
        super().__init__(_("You still have money or open bets here, so your account stays open."))


class DebtLeft(Refused):
    """The money that is left is kept for what the player owes."""

    def __init__(self, owed: Money) -> None:
        super().__init__(
            _(
                "You owe us {owed}, and still have money or open bets here, so your account stays"
                " open.",
                owed=owed,
            )
        )


class DepositOnItsWay(Refused):
    """Money that was asked for may still arrive, and must find an account."""

    def __init__(self) -> None:
        super().__init__(
            _("A deposit is still on its way, so your account stays open. Try again later.")
        )


class ResultNotFinal(Refused):
    """A correction would pay, or take back, where nobody is left."""

    def __init__(self, final_at: datetime) -> None:
        super().__init__(
            _(
                "The result of a bet of yours may still be corrected. Try again after {time}.",
                time=short_time(final_at),
            )
        )
        self.final_at = final_at


def close_account(connection: Connection, *, player_id: int) -> None:
    """Close the account for good, as the player asks on the menu; a repeat changes nothing.

    The player's row is held, so no deposit is asked for meanwhile. What is owed is repaid first.
    Raises MoneyLeft while there is money or an open bet, also one whose correction is proposed;
    DebtLeft where that player owes us still; DepositOnItsWay while a deposit may still become
    money, or while what was paid to the paybill for this player waits for proof or for two people;
    ResultNotFinal while a bet's market can be corrected.
    """
    found = lock_player(connection, player_id=player_id)
    if found.status is not Status.CLOSED:
        _close(connection, found, actor=f"player:{player_id}", why=None)


def close_for_player(connection: Connection, *, player_id: int, why: str, by: Admin) -> None:
    """The same by staff, for a player who asked for it, who is told by SMS.

    Raises what close_account and hold_player do, or InvalidFreeText.
    """
    found = hold_player(connection, player_id=player_id, by=by)
    reason = parse_free_text(why, what=_("The reason"))
    _close(connection, found, actor=by.email, why=reason)
    notify(
        connection,
        player_id=player_id,
        phone=found.phone,
        language=found.language,
        kind="account_closed",
        text=staff_texts.account_closed(),
    )


def _close(connection: Connection, found: Player, *, actor: str, why: str | None) -> None:
    debt = repay_debt(connection, player_id=found.id)
    left = _what_is_left(connection, found.id)
    if left.money or left.bets:
        raise DebtLeft(debt) if debt else MoneyLeft()
    if left.deposits:
        raise DepositOnItsWay
    if left.final_at is not None:
        raise ResultNotFinal(left.final_at)
    change = player.update().where(player.c.id == found.id)
    connection.execute(change.values(closed_at=func.kibeezy_now()))
    record(
        connection,
        actor=actor,
        act="player.closed",
        subject=f"player:{found.id}",
        before={"status": found.status},
        after={"status": Status.CLOSED},
        why=why,
    )


def _what_is_left(connection: Connection, player_id: int) -> Row[bool, bool, bool, datetime | None]:
    # One statement, since a payout between two would be seen neither as a bet nor as money.
    money = exists().where(
        balance.c.account_id == account.c.id,
        account.c.kind.in_(_OF_PLAYERS),
        account.c.owner == player_id,
        balance.c.cents != 0,
    )
    bets = exists().where(
        bet.c.player_id == player_id,
        market.c.id == bet.c.market_id,
        market.c.status.not_in(OVER),
    )
    deposits = exists().where(deposit.c.player_id == player_id, deposit.c.state.in_(ON_ITS_WAY))
    payments = exists().where(
        paybill_payment.c.player_id == player_id,
        paybill_payment.c.state.in_([PaybillState.HEARD, PaybillState.SUSPENSE]),
    )
    last_final = (
        select(func.max(settlement.c.finished_at) + FINAL_AFTER)
        .join(bet, bet.c.market_id == settlement.c.market_id)
        .where(bet.c.player_id == player_id, settlement.c.version == 1)
        .where(settlement.c.finished_at > func.kibeezy_now() - FINAL_AFTER)
    )
    query = select(
        money.label("money"),
        bets.label("bets"),
        or_(deposits, payments).label("deposits"),
        last_final.scalar_subquery().label("final_at"),
    )
    return connection.execute(query).one()
