"""Asking for a deposit: a row and the wish to send an M-Pesa prompt, nothing more yet."""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Text, cast, func, literal, or_, select

from core.audit_trail.records import recording
from core.config.in_force import Config
from core.database import now
from core.deposits import rules
from core.deposits.excise import tax
from core.deposits.records import DEPOSITS, Deposit, deposit, read_deposit
from core.deposits.rules import DepositState, Earlier
from core.deposits.today import deposited_today
from core.ledger import book
from core.ledger.book import KeyReused
from core.ledger.reference import ALPHABET
from core.ledger.transfer import Key
from core.money import Money
from core.outbox.records import URGENT, ask
from core.players.limits import LimitKind, own_limit, tighter
from core.players.records import lock_player
from core.players.rules import ensure_may_play
from core.switches.records import ensure_running
from core.switches.rules import Switch

REFERENCE_LENGTH: Final = 8
TOKEN_BYTES: Final = 16
# Longer than any prompt lives and than the same amount is refused.
_LOOK_BACK: Final = timedelta(hours=1)


def request_deposit(
    connection: Connection,
    *,
    player_id: int,
    amount: Money,
    key: Key,
    config: Config,
    push_delay: timedelta,
) -> Deposit:
    """Write the deposit down and ask the worker to push it after the delay; moves no money.

    Its excise is found when it is credited, by what is in force then; `config` is what counts now.

    One request of a player waits for the other, so that each sees what went before. The same key
    returns the first deposit and asks for nothing. Raises KeyReused for another player or amount
    under the key, Stopped, the player rules' refusals, DepositOutOfRange, WalletWouldOverflow,
    DepositInProgress, SameAmountTooSoon and DailyDepositLimit (the player's own or everybody's,
    per day in Nairobi).
    """
    player = lock_player(connection, player_id=player_id)
    known = _find(connection, key)
    if known is not None:
        if (known.player_id, known.amount) != (player_id, amount):
            raise KeyReused(key)
        return known
    ensure_running(connection, kind=Switch.DEPOSITS)
    ensure_may_play(player)
    smallest, largest = config.deposit_range
    rules.ensure_in_range(amount, smallest=smallest, largest=largest)
    _ensure_room(connection, player_id, amount, config)
    _ensure_none_in_the_way(connection, player_id, amount, config.daily_deposit_max)
    asked = _insert(connection, player_id, amount, key)
    ask(
        connection,
        kind="stk_push",
        payload={"deposit_id": asked.id},
        key=f"stk_push:{asked.id}",
        delay=push_delay,
        priority=URGENT,
    )
    return asked


def _find(connection: Connection, key: Key) -> Deposit | None:
    row = connection.execute(DEPOSITS.where(deposit.c.request_key == key.spelled)).one_or_none()
    return None if row is None else read_deposit(row)


def _ensure_room(connection: Connection, player_id: int, amount: Money, config: Config) -> None:
    if config.wallet_max is None:
        return
    there = book.available(connection, player_id=player_id)
    waits = book.held(connection, player_id=player_id)
    if there + waits + tax(amount, bps=config.excise_bps).net > config.wallet_max:
        raise rules.WalletWouldOverflow(largest=config.wallet_max)


def _ensure_none_in_the_way(
    connection: Connection, player_id: int, amount: Money, everybodys: Money | None
) -> None:
    moment = now(connection)
    recent = connection.execute(
        select(
            deposit.c.state, deposit.c.amount_cents, deposit.c.requested_at, deposit.c.pushed_at
        ).where(
            deposit.c.player_id == player_id,
            or_(
                deposit.c.requested_at > moment - _LOOK_BACK,
                deposit.c.state.in_([DepositState.CREATED, DepositState.SUBMITTING]),
            ),
        )
    )
    earlier = [
        Earlier(DepositState(row.state), Money(row.amount_cents), row.requested_at, row.pushed_at)
        for row in recent
    ]
    own = own_limit(connection, player_id=player_id, kind=LimitKind.DAILY_DEPOSIT)
    limit = tighter(own, everybodys)
    today = Money(0) if limit is None else deposited_today(connection, player_id=player_id)
    rules.ensure_none_in_the_way(earlier, amount=amount, daily_limit=limit, today=today, now=moment)


def _insert(connection: Connection, player_id: int, amount: Money, key: Key) -> Deposit:
    values = {
        "player_id": player_id,
        "amount_cents": amount.cents,
        "request_key": key.spelled,
        "reference": "".join(secrets.choice(ALPHABET) for _ in range(REFERENCE_LENGTH)),
        # Lower-case hex: other alphabets spell words that Daraja bans from URLs (daraja.md §6).
        "token": secrets.token_hex(TOKEN_BYTES),
    }
    row = deposit.insert().values(values).returning(deposit, func.kibeezy_now().label("now"))
    asked = row.cte("asked")
    event = recording(
        actor=literal(f"player:{player_id}"),
        act="deposit.requested",
        subject=literal("deposit:").concat(cast(asked.c.id, Text)),
        of=asked,
        cents=amount.cents,
    )
    return read_deposit(connection.execute(select(asked).add_cte(event)).one())
