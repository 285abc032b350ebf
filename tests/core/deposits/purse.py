"""A player's deposits, driven through the use cases; the provider is played by the test."""

import json
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Self

from sqlalchemy import select

from core.database import in_transaction
from core.deposits.answers import Answer, Failed, Heard, Paid
from core.deposits.begin_push import Push, begin_push
from core.deposits.judge_callback import Verdict, judge_callback
from core.deposits.record_answer import Outcome, give_up, record_answer
from core.deposits.record_push import push_accepted
from core.deposits.records import Deposit, get_deposit
from core.deposits.request_deposit import request_deposit
from core.ledger.transfer import Key
from core.money import Money, kes
from core.players.limits import LimitKind, set_limit
from core.provider.records import provider_callback
from core.provider.store_callback import CallbackKind, store_callback
from core.text import Text
from tests.world import World

SMALLEST, THOUSAND, LARGEST = kes(1), kes(1000), kes(150_000)
CANCELLED = Failed("1032", Text("You cancelled the M-Pesa prompt."))
_keys = count(1)


@dataclass
class Purse:
    world: World
    phone: str

    @classmethod
    def of_a_new_player(cls, world: World, *, phone: str) -> Self:
        world.has_player(phone)
        return cls(world, phone)

    def asks(
        self,
        amount: Money = THOUSAND,
        *,
        key: str | None = None,
    ) -> Deposit:
        player_id = self.world.player(self.phone).id
        return in_transaction(
            self.world.database,
            lambda c: request_deposit(
                c,
                player_id=player_id,
                amount=amount,
                key=Key("purse", key or str(next(_keys))),
                settings=self.world.settings,
                push_delay=timedelta(seconds=3),
            ),
        )

    def limits_itself(self, amount: Money) -> None:
        """To this much a day, from now on."""
        player_id, kind = self.world.player(self.phone).id, LimitKind.DAILY_DEPOSIT
        in_transaction(
            self.world.database,
            lambda c: set_limit(c, player_id=player_id, kind=kind, amount=amount),
        )

    def is_pushed(self, deposit: Deposit) -> Push | None:
        return in_transaction(self.world.database, lambda c: begin_push(c, deposit_id=deposit.id))

    def is_accepted(self, deposit: Deposit, *, checkout: str | None = None) -> None:
        in_transaction(
            self.world.database,
            lambda c: push_accepted(
                c,
                deposit_id=deposit.id,
                merchant_request_id=f"merchant-{deposit.id}",
                checkout_request_id=checkout or f"checkout-{deposit.id}",
            ),
        )

    def becomes_pending(self, amount: Money = THOUSAND) -> Deposit:
        deposit = self.asks(amount)
        self.is_pushed(deposit)
        self.is_accepted(deposit)
        return self.now(deposit)

    def hears(
        self,
        deposit: Deposit,
        answer: Answer,
        *,
        receipt: str | None = None,
        amount: Money | None = None,
    ) -> Verdict | None:
        """A callback with the right ids; amount and receipt are the deposit's own."""
        heard = Heard(
            answer,
            merchant_request_id=f"merchant-{deposit.id}",
            checkout_request_id=f"checkout-{deposit.id}",
            receipt=receipt or f"RECEIPT{deposit.id}",
            amount=(amount or deposit.amount) if answer == Paid() else None,
        )
        return self.judges(self.keeps(deposit), heard)

    def keeps(self, deposit: Deposit) -> int:
        """The id of a stored callback whose body says nothing."""
        with self.world.database.begin() as connection:
            body = json.dumps({})
            assert store_callback(
                connection, kind=CallbackKind.STK, token=deposit.token, body=body, trusted=True
            )
            newest = select(provider_callback.c.id).order_by(provider_callback.c.id.desc())
            return int(connection.execute(newest.limit(1)).scalar_one())

    def judges(self, callback_id: int, heard: Heard | None) -> Verdict | None:
        return in_transaction(
            self.world.database,
            lambda c: judge_callback(c, callback_id=callback_id, read=lambda _: heard),
        )

    def is_answered(self, deposit: Deposit, answer: Answer) -> Outcome:
        """A query about the id that the deposit has now."""
        asked_about = self.now(deposit).checkout_request_id
        if asked_about is None:
            return Outcome.UNCHANGED
        return in_transaction(
            self.world.database,
            lambda c: record_answer(
                c, deposit_id=deposit.id, asked_about=asked_about, answer=answer
            ),
        )

    def is_left_alone(self, deposit: Deposit) -> None:
        """A day passes, and the worker does what is left to do."""
        self.world.moves(days=1)
        self.is_pushed(deposit)
        in_transaction(self.world.database, lambda c: give_up(c, deposit_id=deposit.id))

    def now(self, deposit: Deposit) -> Deposit:
        return in_transaction(self.world.database, lambda c: get_deposit(c, deposit_id=deposit.id))

    def state(self, deposit: Deposit) -> str:
        return self.now(deposit).state.value

    @property
    def money(self) -> Money:
        return self.world.wallet(self.phone)
