"""The world around the phone: players, markets, money and the clock, made by the real code."""

from dataclasses import dataclass
from datetime import time, timedelta
from itertools import count

from sqlalchemy import Engine, func, select, text

from core.clock import next_time
from core.config.approve_value import approve_value
from core.config.propose_value import propose_value
from core.config.rules import Dated
from core.database import in_transaction, now
from core.keyed_hash import Pepper
from core.ledger import book
from core.ledger.audit import verify
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.markets.approve_market import approve_market
from core.markets.close_market import close_market
from core.markets.create_market import create_market
from core.markets.propose_result import propose_result
from core.markets.resolve_market import resolve_market
from core.markets.rules import Outcome, PayoutRule
from core.markets.settle_market import settle_market
from core.money import Money, kes
from core.players.records import Player, find_player, player
from core.players.register import register
from core.seal.seal_ledger import seal_ledger
from core.settings import Settings
from core.staff.create_admin import create_admin
from core.staff.records import Admin, Role, find_admin
from core.text import Language

PIN = "4826"
ASHA, BARAKA = "asha@kibeezy.test", "baraka@kibeezy.test"
CHEBET, DAUDI = "chebet@kibeezy.test", "daudi@kibeezy.test"
NOTHING = kes(0)
_numbers = count(1)


@dataclass(frozen=True)
class World:
    database: Engine
    owner: Engine
    settings: Settings

    @property
    def pepper(self) -> Pepper:
        return self.settings.pepper

    def moves(self, **step: float) -> None:
        """Let time pass, for the service; only the owner's login may."""
        with self.owner.begin() as connection:
            connection.execute(
                text("UPDATE clock SET ahead = ahead + :step"), {"step": timedelta(**step)}
            )

    def comes_to(self, hour: int, minute: int = 0) -> None:
        """Let time pass until a Kenyan clock shows this, today or tomorrow."""
        moment = in_transaction(self.database, now)
        step = next_time(moment, at=time(hour, minute)) - moment
        self.moves(seconds=step.total_seconds())

    def has_admin(self, email: str, role: Role = Role.RESOLVER, phone: str | None = None) -> Admin:
        return in_transaction(
            self.database,
            lambda c: create_admin(
                c, email=email, phone=phone, role=role, password="a long enough password"
            ),
        )

    def has_player(
        self,
        phone: str = "+254700000001",
        *,
        name: str = "Wanjiru Kamau",
        balance: Money = NOTHING,
        verified: bool = True,
        language: Language = Language.ENGLISH,
    ) -> Player:
        with self.database.begin() as connection:
            new = register(
                connection,
                phone=phone,
                full_name=name,
                pin=PIN,
                language=language,
                pepper=self.pepper,
            )
            # The code of a made-up player would only clutter the worker's queue.
            connection.execute(text("UPDATE outbox SET done_at = kibeezy_now()"))
            if verified:
                change = player.update().where(player.c.id == new.id)
                connection.execute(change.values(kyc_verified_at=func.kibeezy_now()))
        if balance:
            self.gives(phone, balance)
        return self.player(phone)

    def gives(self, phone: str, amount: Money) -> None:
        """Put the operator's own money into a wallet, as only the owner's login may."""
        with self.owner.begin() as connection:
            capital = book.system_account(connection, kind=AccountKind.OPERATOR_CAPITAL)
            wallet = book.available_account(connection, player_id=self.player(phone).id)
            book.post(
                connection,
                Transfer(
                    TransferKind.CAPITAL,
                    Key("test", str(next(_numbers))),
                    (Entry(capital, -amount), Entry(wallet, amount)),
                    actor="test",
                ),
            )

    def has_market(
        self,
        question: str = "Will Gor Mahia win on Sunday?",
        *,
        closes_in: timedelta = timedelta(days=1),
        payout_rule: PayoutRule = PayoutRule.PRO_RATA,
        label: str | None = None,
        category: str | None = None,
    ) -> int:
        """Open a market, made by one admin and approved by another."""
        asha, baraka = self._two_admins()
        with self.database.begin() as connection:
            market = create_market(
                connection,
                question=question,
                label=label,
                category=category,
                closes_at=now(connection) + closes_in,
                fee_bps=self.settings.platform_fee_bps,
                payout_rule=payout_rule,
                by=asha,
            )
            approve_market(connection, market_id=market.id, by=baraka)
        return market.id

    def settles(self, market_id: int, outcome: str) -> None:
        """Close, propose and resolve the market, with two admins, and pay."""
        asha, baraka = self._two_admins()
        with self.database.begin() as connection:
            close_market(connection, market_id=market_id, by=asha)
            propose_result(
                connection,
                market_id=market_id,
                outcome=Outcome(outcome),
                evidence="seen",
                by=asha,
            )
            resolve_market(
                connection, market_id=market_id, by=baraka, challenge_window=timedelta(0)
            )
        settle_market(self.database, market_id=market_id, progress=lambda _done, _all: None)

    def always_had(self, name: Dated, value: int) -> None:
        """The first value of its name, as if it had been seeded; only the owner's login may."""
        seed = text(
            "INSERT INTO dated_value (name, value, effective_from, source, approved_at)"
            " VALUES (:name, :value, kibeezy_now(), 'test', kibeezy_now())"
        )
        with self.owner.begin() as connection:
            connection.execute(seed, {"name": name, "value": value})

    def seals(self) -> int:
        """Let the worker seal what has become final; returns how many blocks it made."""
        return seal_ledger(self.database, most_seconds=30)

    def agrees_on(self, name: Dated, value: int, *, counts_in: timedelta) -> None:
        """Two admins of finance let a value count so much later; never at once."""
        chebet, daudi = self._two_admins((CHEBET, DAUDI), Role.FINANCE)
        with self.database.begin() as connection:
            value_id = propose_value(
                connection,
                name=name,
                value=value,
                effective_from=now(connection) + counts_in,
                source="a decision of the board",
                by=chebet,
            )
            approve_value(connection, value_id=value_id, settings=self.settings, by=daudi)

    def player(self, phone: str) -> Player:
        found = in_transaction(self.database, lambda c: find_player(c, phone=phone))
        assert found is not None, f"nobody registered {phone}"
        return found

    def wallet(self, phone: str) -> Money:
        player_id = self.player(phone).id
        return in_transaction(self.database, lambda c: book.available(c, player_id=player_id))

    def pool(self, market_id: int, side: str) -> Money:
        with self.database.connect() as connection:
            account_id = book.side_account(connection, market_id=market_id, side=side)
            return book.derived_cents(connection, account_id=account_id)

    def count(self, table: str) -> int:
        with self.owner.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def everything_stored(self) -> list[str]:
        """Every value of every column of every table, as text."""
        with self.owner.connect() as connection:
            tables = connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).scalars()
            return [
                str(value)
                for table in tables
                for row in connection.execute(text(f'SELECT * FROM "{table}"'))
                for value in row
            ]

    def ledger_is_sound(self) -> None:
        with self.database.connect() as connection:
            assert verify(connection) == []

    def _two_admins(
        self, emails: tuple[str, str] = (ASHA, BARAKA), role: Role = Role.RESOLVER
    ) -> tuple[Admin, Admin]:
        with self.database.connect() as connection:
            known = set(connection.execute(select(text("email FROM admin"))).scalars())
        one, other = (
            self._admin(email) if email in known else self.has_admin(email, role)
            for email in emails
        )
        return one, other

    def _admin(self, email: str) -> Admin:
        return in_transaction(self.database, lambda c: find_admin(c, email=email))
