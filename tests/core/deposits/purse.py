"""A player's deposits, driven through the use cases; the provider is played by the test."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import count
from typing import Self

from sqlalchemy import select, text

from core.config.in_force import read_config, read_value
from core.config.rules import Dated
from core.database import in_transaction
from core.deposits.answers import Answer, Failed, Heard, Paid
from core.deposits.ask_for_proof import ASK_AGAIN_AFTER, begin_proof_look
from core.deposits.begin_push import Push, begin_push
from core.deposits.decide_deposit import decide_deposit, propose_deposit_outcome
from core.deposits.judge_callback import Verdict, judge_callback
from core.deposits.record_answer import Outcome, give_up, record_answer
from core.deposits.record_push import push_accepted
from core.deposits.records import Deposit, get_deposit, lock_deposit
from core.deposits.request_deposit import request_deposit
from core.deposits.settle_deposit import Settled, settle_by_proof
from core.deposits.unconfirmed import unconfirmed
from core.errors import NoSuchThing
from core.ledger import book
from core.ledger.transfer import AccountKind, Key
from core.markets.rules import Side
from core.money import Money, kes
from core.players.limits import LimitKind, set_limit
from core.provider.decide import Decision, DecisionOutcome
from core.provider.records import provider_callback
from core.provider.store_callback import CallbackKind, store_callback
from core.staff.records import Admin, Role, find_admin
from core.text import Text
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

SMALLEST, THOUSAND, LARGEST = kes(1), kes(1000), kes(150_000)
NEEMA, JUMA = "neema@kibeezy.test", "juma@kibeezy.test"
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
        return in_transaction(
            self.world.database,
            lambda c: request_deposit(
                c,
                player_id=self.player_id,
                amount=amount,
                key=Key("purse", key or str(next(_keys))),
                config=read_config(c, settings=self.world.settings),
                push_delay=timedelta(seconds=3),
            ),
        )

    def limits_itself(self, amount: Money) -> None:
        """To this much a day, from now on."""
        player_id, kind = self.player_id, LimitKind.DAILY_DEPOSIT
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

    def proves(
        self, deposit: Deposit, *, amount: Money | None = None, receipt: str | None = None
    ) -> Settled:
        """What the provider's statement says of the deposit's own receipt."""
        return in_transaction(
            self.world.database,
            lambda c: settle_by_proof(
                c,
                lock_deposit(c, deposit_id=deposit.id),
                receipt=receipt or f"RECEIPT{deposit.id}",
                amount=amount or deposit.amount,
                proven_by="statement",
            ),
        )

    def is_decided(
        self, deposit: Deposit, outcome: DecisionOutcome, *, receipt: str | None = None
    ) -> None:
        """Two people of finance say what became of it."""
        self.is_proposed(deposit, outcome, receipt=receipt)
        self.is_approved(deposit)

    def is_proposed(
        self,
        deposit: Deposit,
        outcome: DecisionOutcome,
        *,
        receipt: str | None = None,
        by: str = NEEMA,
    ) -> int:
        admin = self.admin(by)
        return in_transaction(
            self.world.database,
            lambda c: propose_deposit_outcome(
                c,
                deposit_id=deposit.id,
                outcome=outcome,
                evidence="M-Pesa portal, page 7",
                by=admin,
                receipt=receipt,
            ),
        )

    def is_approved(self, deposit: Deposit, *, by: str = JUMA) -> Decision:
        admin = self.admin(by)
        return in_transaction(
            self.world.database, lambda c: decide_deposit(c, deposit_id=deposit.id, by=admin)
        )

    def admin(self, email: str) -> Admin:
        """A member of staff who is allowed to decide about money."""
        try:
            return in_transaction(self.world.database, lambda c: find_admin(c, email=email))
        except NoSuchThing:
            return self.world.has_admin(email, Role.FINANCE)

    def is_left_alone(self, deposit: Deposit) -> None:
        """A day passes, and the worker does what is left to do."""
        self.world.moves(days=1)
        self.is_pushed(deposit)
        in_transaction(self.world.database, lambda c: give_up(c, deposit_id=deposit.id))

    def is_asked_about_in_vain(self, deposit: Deposit) -> None:
        """Transaction Status has had its last chance to prove the deposit's receipt."""
        last = len(ASK_AGAIN_AFTER)
        in_transaction(
            self.world.database,
            lambda c: begin_proof_look(c, deposit_id=deposit.id, because="a test", look=last),
        )

    def now(self, deposit: Deposit) -> Deposit:
        return in_transaction(self.world.database, lambda c: get_deposit(c, deposit_id=deposit.id))

    def state(self, deposit: Deposit) -> str:
        return self.now(deposit).state.value

    @property
    def money(self) -> Money:
        return self.world.wallet(self.phone)

    @property
    def held(self) -> Money:
        return in_transaction(self.world.database, lambda c: book.held(c, player_id=self.player_id))

    @property
    def owed(self) -> Money:
        with self.world.database.begin() as connection:
            account_id = book.clawback_account(connection, player_id=self.player_id)
            return -book.derived_cents(connection, account_id=account_id)

    @property
    def excise_bps(self) -> int:
        return in_transaction(self.world.database, lambda c: read_value(c, name=Dated.EXCISE_BPS))

    @property
    def excise_paid(self) -> Money:
        """By all players, what was not given back."""
        with self.world.database.connect() as connection:
            kind = AccountKind.EXCISE_PAYABLE
            account_id = book.system_account(connection, kind=kind)
            return book.derived_cents(connection, account_id=account_id)

    @property
    def unconfirmed(self) -> Money:
        return in_transaction(
            self.world.database, lambda c: unconfirmed(c, player_id=self.player_id)
        )

    @cached_property
    def player_id(self) -> int:
        return self.world.player(self.phone).id

    @property
    def staked(self) -> Money:
        """All that was bet; nothing is ever won here."""
        query = "SELECT coalesce(sum(stake_cents), 0)::bigint::text FROM bet WHERE player_id = "
        return Money(int(*self._column(query + str(self.player_id))))

    def posted(self, kind: str) -> int:
        """How many transfers of this kind moved the player's money."""
        query = (
            "SELECT t.id::text FROM transfer t JOIN entry e ON e.transfer_id = t.id"
            " JOIN account a ON a.id = e.account_id AND a.kind = 'player_available'"
            f" WHERE t.kind = '{kind}' AND a.owner = {self.player_id}"
        )
        return len(self._column(query))

    def spends(self, amount: Money) -> None:
        """On a bet."""
        market_id = self.world.has_market()
        Bookmaker(self.world).bets(self.phone, market_id, Side.YES, amount)

    def messages(self) -> list[str]:
        query = "SELECT body FROM sms_out WHERE kind LIKE 'deposit%' ORDER BY id"
        return self._column(query)

    def asked_for(self, kind: str) -> int:
        """How many jobs of this kind were ever wanted."""
        return len(self._column(f"SELECT id::text FROM outbox WHERE kind = '{kind}'"))

    def alarms(self) -> list[str]:
        query = "SELECT kind FROM alarm ORDER BY id"
        return self._column(query)

    def _column(self, query: str) -> list[str]:
        with self.world.database.connect() as connection:
            return list(connection.execute(text(query)).scalars())
