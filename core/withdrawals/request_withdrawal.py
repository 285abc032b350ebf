"""Use case: a player asks for money; it is held at once, and nobody is called yet."""

import secrets
from typing import Final

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.config.in_force import read_config
from core.deposits.repay_debt import repay_debt
from core.deposits.unconfirmed import unconfirmed
from core.ledger import book
from core.ledger.book import InsufficientFunds, KeyReused
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.money import Money
from core.outbox.records import ask
from core.players.records import lock_player
from core.settings import Settings
from core.switches.records import ensure_running
from core.switches.rules import Switch
from core.withdrawals.check_sim import check_sim
from core.withdrawals.give_up_withdrawal import hold_series
from core.withdrawals.queue_withdrawal import queue_withdrawal
from core.withdrawals.records import WITHDRAWALS, Withdrawal, read_withdrawal, withdrawal
from core.withdrawals.rules import (
    PATIENCE,
    RELEASE_IN_TIME,
    NotWithdrawable,
    Price,
    PriceChanged,
    ensure_in_range,
    ensure_may_withdraw,
    price_in,
)
from core.withdrawals.tell_payee import tell_looked_at
from core.withdrawals.withdrawable import ensure_covered, withdrawable

TOKEN_BYTES: Final = 16
# Capitals and digits, at most 20: the stricter of two documented lengths (daraja.md §5.2).
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORIGINATOR_LENGTH: Final = 20


def request_withdrawal(
    connection: Connection, *, player_id: int, price: Price, key: Key, settings: Settings
) -> Withdrawal:
    """Hold the amount and have it paid to the player's own number, at the price that was shown.

    What is large waits until two people release it, and the player is told so.
    The same key returns the first withdrawal and holds nothing more. Raises KeyReused for another
    player or amount under the key, and Refused, having moved nothing: Stopped, the players' own
    refusals, WithdrawalsPaused, PriceChanged, WithdrawalOutOfRange, NotWithdrawable, or
    WithdrawalGivenUp where the player was told that it was not made.
    """
    player = lock_player(connection, player_id=player_id)
    known = _find(connection, key)
    if known is not None:
        if (known.player_id, known.amount) != (player_id, price.amount):
            raise KeyReused(key)
        return known
    hold_series(connection, player_id=player_id, key=key)
    ensure_running(connection, kind=Switch.WITHDRAWALS)
    ensure_may_withdraw(player)
    config = read_config(connection, settings=settings)
    if price != price_in(config, price.amount):
        raise PriceChanged
    ensure_in_range(price.amount, config)
    debt = repay_debt(connection, player_id=player_id)
    asked = _insert(
        connection,
        player_id,
        price,
        key,
        hold=_hold(connection, player_id, price, key, debt),
        withholding_bps=config.withholding_bps,
    )
    record(
        connection,
        actor=f"player:{player_id}",
        act="withdrawal.requested",
        subject=f"withdrawal:{asked.id}",
        after={"state": asked.state},
        cents=price.amount.cents,
    )
    ask(
        connection,
        kind="withdrawal_waits",
        payload={"withdrawal_id": asked.id},
        key=f"withdrawal_waits:{asked.id}",
        delay=RELEASE_IN_TIME if asked.needs_release else PATIENCE,
    )
    if asked.needs_release:
        # The SIM is asked about when it is released: hours later the answer would be an old one.
        tell_looked_at(connection, asked)
    elif price.amount < config.sim_swap_check_from:
        queue_withdrawal(connection, withdrawal_id=asked.id, because="small")
    else:
        check_sim(connection, withdrawal_id=asked.id)
    return asked


def _find(connection: Connection, key: Key) -> Withdrawal | None:
    query = WITHDRAWALS.where(withdrawal.c.request_key == key.spelled)
    row = connection.execute(query).one_or_none()
    return None if row is None else read_withdrawal(row)


def _hold(connection: Connection, player_id: int, price: Price, key: Key, debt: Money) -> int:
    available = book.available_account(connection, player_id=player_id)
    held = book.held_account(connection, player_id=player_id)
    transfer = Transfer(
        TransferKind.HOLD,
        key,
        (Entry(available, -price.amount), Entry(held, price.amount)),
        actor=f"player:{player_id}",
    )
    try:
        with connection.begin_nested():
            posted = book.post(connection, transfer)
            # Only from here on the wallet stands still, so that nothing is promised twice.
            ensure_covered(connection, player_id=player_id)
    except InsufficientFunds:
        raise _too_much(connection, player_id, debt) from None
    return posted.transfer_id


def _too_much(connection: Connection, player_id: int, debt: Money) -> NotWithdrawable:
    return NotWithdrawable(
        withdrawable=withdrawable(connection, player_id=player_id),
        unconfirmed=unconfirmed(connection, player_id=player_id),
        # As it stood: a refusal takes back what was repaid for it.
        owed=debt,
    )


def _insert(
    connection: Connection,
    player_id: int,
    price: Price,
    key: Key,
    *,
    hold: int,
    withholding_bps: int,
) -> Withdrawal:
    values = {
        "player_id": player_id,
        "amount_cents": price.amount.cents,
        "fee_cents": price.fee.cents,
        "tax_cents": price.tax.cents,
        "withholding_bps": withholding_bps,
        "request_key": key.spelled,
        "originator_id": "".join(secrets.choice(_ALPHABET) for _ in range(_ORIGINATOR_LENGTH)),
        # Lower-case hex: other alphabets spell words that Daraja bans from URLs (daraja.md §6).
        "token": secrets.token_hex(TOKEN_BYTES),
        "hold_transfer_id": hold,
    }
    row = withdrawal.insert().values(values).returning(withdrawal, func.kibeezy_now().label("now"))
    return read_withdrawal(connection.execute(row).one())
