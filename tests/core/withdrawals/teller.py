"""A player's withdrawals through the use cases; the test plays network and M-Pesa."""

import json
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Self

from sqlalchemy import func, select, text

from core.config.in_force import read_config
from core.config.records import dated_value
from core.config.rules import Dated
from core.database import in_transaction
from core.ledger import book
from core.ledger.transfer import Key
from core.money import Money, kes
from core.players.records import player
from core.provider.decide import DecisionOutcome
from core.provider.receipts import ReceiptTaken
from core.provider.records import provider_callback
from core.provider.status_answers import Fate, StatusAnswer
from core.provider.store_callback import CallbackKind, store_callback
from core.staff.records import Admin, Role, admin, find_admin
from core.text import Text
from core.withdrawals.answers import HeardPayout, NotPaid, PaidOut, PayoutAnswer
from core.withdrawals.check_sim import SimAnswer, sim_answered, sim_question_taken
from core.withdrawals.decide_withdrawal import (
    WrongWithdrawalState,
    decide_withdrawal,
    propose_withdrawal_outcome,
)
from core.withdrawals.judge_result import Verdict, judge_result
from core.withdrawals.judge_status import judge_withdrawal_status, leave_to_a_person
from core.withdrawals.queue_withdrawal import queue_withdrawal
from core.withdrawals.records import Withdrawal, get_withdrawal
from core.withdrawals.request_withdrawal import request_withdrawal
from core.withdrawals.rules import Price, price_in
from core.withdrawals.send_payout import Payout, begin_payout, payout_accepted
from tests.world import ASHA, BARAKA, World

FIVE_HUNDRED, THOUSAND = kes(500), kes(1000)
NO_FLOAT = NotPaid("1", Text("M-Pesa could not pay now."), ours=True)
NO_ACCOUNT = NotPaid("2040", Text("This number has no M-Pesa account."), ours=False)
_keys = count(1)


@dataclass
class Teller:
    world: World
    phone: str

    @classmethod
    def of_a_new_player(cls, world: World, *, phone: str, balance: Money = THOUSAND) -> Self:
        world.has_player(phone, balance=balance)
        return cls(world, phone)

    @property
    def player_id(self) -> int:
        return self.world.player(self.phone).id

    def price(self, amount: Money = FIVE_HUNDRED) -> Price:
        """What the page says now."""
        with self.world.database.connect() as connection:
            config = read_config(connection, settings=self.world.settings)
        return price_in(config, amount)

    def asks(
        self, amount: Money = FIVE_HUNDRED, *, key: str | None = None, price: Price | None = None
    ) -> Withdrawal:
        player_id, shown = self.player_id, price or self.price(amount)
        return in_transaction(
            self.world.database,
            lambda c: request_withdrawal(
                c,
                player_id=player_id,
                price=shown,
                key=Key("teller", key or f"call-{next(_keys)}:1"),
                settings=self.world.settings,
            ),
        )

    def is_queued(self, asked: Withdrawal) -> bool:
        """Nobody says anything against the SIM."""
        return in_transaction(
            self.world.database,
            lambda c: queue_withdrawal(c, withdrawal_id=asked.id, because="test"),
        )

    def is_sent(self, asked: Withdrawal) -> Payout | None:
        return in_transaction(
            self.world.database, lambda c: begin_payout(c, withdrawal_id=asked.id)
        )

    def is_accepted(self, asked: Withdrawal, *, known_as: str | None = None) -> None:
        conversation_id = known_as or f"AG_{asked.id}"
        in_transaction(
            self.world.database,
            lambda c: payout_accepted(c, withdrawal_id=asked.id, conversation_id=conversation_id),
        )

    def goes_out(self, amount: Money = FIVE_HUNDRED) -> Withdrawal:
        """A withdrawal that M-Pesa has taken and said nothing more about."""
        asked = self.asks(amount)
        self.is_queued(asked)
        self.is_sent(asked)
        self.is_accepted(asked)
        return self.now(asked)

    def is_asked_about_its_sim(self, asked: Withdrawal) -> str:
        request_id = f"ATXSwid_{asked.id}"
        in_transaction(
            self.world.database,
            lambda c: sim_question_taken(c, withdrawal_id=asked.id, request_id=request_id),
        )
        return request_id

    def sim_is(
        self, asked: Withdrawal, answer: SimAnswer, *, swapped_on: date | None = None
    ) -> None:
        request_id = f"ATXSwid_{asked.id}"
        in_transaction(
            self.world.database,
            lambda c: sim_answered(c, request_id=request_id, answer=answer, swapped_on=swapped_on),
        )

    def hears(
        self,
        asked: Withdrawal,
        answer: PayoutAnswer,
        *,
        amount: Money | None = None,
        receipt: str | None = None,
        originator_id: str | None = None,
        kind: CallbackKind = CallbackKind.B2C_RESULT,
    ) -> Verdict | None:
        """A result, with the withdrawal's own ids, amount and receipt unless others are given."""
        paid = answer == PaidOut()
        heard = HeardPayout(
            answer,
            originator_id=originator_id or asked.originator_id,
            conversation_id=self.now(asked).conversation_id,
            receipt=(receipt or f"PAID{asked.id:06}") if paid else None,
            amount=(amount or asked.net) if paid else None,
        )
        return self.judges(self.keeps(asked, kind), heard)

    def keeps(self, asked: Withdrawal, kind: CallbackKind = CallbackKind.B2C_RESULT) -> int:
        """The id of a stored callback whose body says nothing."""
        with self.world.database.begin() as connection:
            body = json.dumps({})
            assert store_callback(connection, kind=kind, token=asked.token, body=body, trusted=True)
            newest = select(provider_callback.c.id).order_by(provider_callback.c.id.desc())
            return int(connection.execute(newest.limit(1)).scalar_one())

    def judges(self, callback_id: int, heard: HeardPayout | None) -> Verdict | None:
        return in_transaction(
            self.world.database,
            lambda c: judge_result(c, callback_id=callback_id, read=lambda _: heard),
        )

    def status_is(
        self,
        asked: Withdrawal,
        fate: Fate,
        *,
        originator_id: str | None = "its own",
        receipt: str | None = None,
        amount: Money | None = None,
    ) -> Verdict:
        answer = StatusAnswer(
            fate,
            code=fate.value,
            receipt=receipt,
            amount=amount,
            originator_id=asked.originator_id if originator_id == "its own" else originator_id,
        )
        return in_transaction(
            self.world.database,
            lambda c: judge_withdrawal_status(c, withdrawal_id=asked.id, answer=answer),
        )

    def is_left(self, asked: Withdrawal) -> bool:
        return in_transaction(
            self.world.database, lambda c: leave_to_a_person(c, withdrawal_id=asked.id)
        )

    def people_say(self, asked: Withdrawal, outcome: DecisionOutcome) -> bool:
        """Two admins agree; False where it is not theirs to decide."""
        asha, baraka = (find_or_make(self.world, email, Role.FINANCE) for email in (ASHA, BARAKA))
        try:
            with self.world.database.begin() as connection:
                propose_withdrawal_outcome(
                    connection,
                    withdrawal_id=asked.id,
                    outcome=outcome,
                    evidence="seen in the portal",
                    by=asha,
                    receipt=f"PAID{asked.id:06}" if outcome is DecisionOutcome.PAID else None,
                )
                decide_withdrawal(connection, withdrawal_id=asked.id, by=baraka)
        except (WrongWithdrawalState, ReceiptTaken):
            return False
        return True

    def now(self, asked: Withdrawal) -> Withdrawal:
        return in_transaction(
            self.world.database, lambda c: get_withdrawal(c, withdrawal_id=asked.id)
        )

    def state(self, asked: Withdrawal) -> str:
        return self.now(asked).state.value

    @property
    def money(self) -> Money:
        return self.world.wallet(self.phone)

    @property
    def held(self) -> Money:
        player_id = self.player_id
        return in_transaction(self.world.database, lambda c: book.held(c, player_id=player_id))

    @property
    def owes(self) -> Money:
        player_id = self.player_id
        return in_transaction(self.world.database, lambda c: book.owed(c, player_id=player_id))

    @property
    def paused_until(self) -> object:
        return self.world.player(self.phone).withdrawals_paused_until

    def becomes(self, **columns: object) -> None:
        """What happened to the player elsewhere."""
        with self.world.owner.begin() as connection:
            change = player.update().where(player.c.phone == self.phone)
            connection.execute(change.values(columns))

    def column(self, query: str) -> list[str]:
        with self.world.database.connect() as connection:
            return list(connection.execute(text(query)).scalars())


def sets(world: World, name: Dated, value: int) -> None:
    """Let a value that nobody has set count from now on."""
    with world.owner.begin() as connection:
        now = func.kibeezy_now()
        seed = dated_value.insert().values(
            name=name, value=value, effective_from=now, source="test", approved_at=now
        )
        connection.execute(seed)


def find_or_make(world: World, email: str, role: Role) -> Admin:
    with world.database.connect() as connection:
        known = connection.execute(select(admin.c.id).where(admin.c.email == email)).all()
    if not known:
        return world.has_admin(email, role)
    return in_transaction(world.database, lambda c: find_admin(c, email=email))
