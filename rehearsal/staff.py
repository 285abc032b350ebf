"""The people behind the counter: two for markets, two for money, each pair as the rules want it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final, TypeVar

from sqlalchemy import Connection

from core.config.approve_value import approve_value
from core.config.propose_value import propose_value
from core.config.rules import Dated
from core.database import in_transaction, now
from core.markets.approve_market import approve_market
from core.markets.close_market import close_market
from core.markets.create_market import create_market
from core.markets.market import get_market
from core.markets.propose_result import propose_result
from core.markets.resolve_market import resolve_market
from core.markets.rules import BEFORE_CLOSING, MarketStatus, Outcome, PayoutRule
from core.staff.create_admin import create_admin
from core.staff.records import Admin, Role, find_admin
from core.switches.records import list_switches
from core.switches.start import start
from rehearsal.stage import Stage

_EMAILS: Final = {
    "asha@kibeezy.test": Role.RESOLVER,
    "baraka@kibeezy.test": Role.RESOLVER,
    "chebet@kibeezy.test": Role.FINANCE,
    "daudi@kibeezy.test": Role.FINANCE,
}
_VALUES: Final = {
    Dated.SIM_SWAP_CHECK_FROM_KES: 200,
    Dated.WITHDRAWAL_FEE_KES: 5,
    Dated.WITHHOLDING_BPS: 150,
}
# None, one that rounds nearly everything down to nothing, that of the law, and an odd one.
_RATES_BPS: Final = (0, 1, 500, 1_733)
_PHONES_FROM: Final = 254720000001
Result = TypeVar("Result")


@dataclass(frozen=True)
class Staff:
    """Four admins, who act through the service's own use cases."""

    stage: Stage
    asha: Admin
    baraka: Admin
    chebet: Admin
    daudi: Admin

    def do(self, work: Callable[[Connection], Result]) -> Result:
        """Do something in one transaction."""
        return in_transaction(self.stage.database, work)

    def opens_a_market(self, rng: Random) -> int:
        """One drafts a market, another approves it."""
        hours = rng.randint(5, 30)
        rule = rng.choice(list(PayoutRule))

        def make(connection: Connection) -> int:
            made = create_market(
                connection,
                question="Will Gor Mahia win on Sunday?",
                closes_at=now(connection) + timedelta(hours=hours),
                fee_bps=self.stage.settings.platform_fee_bps,
                payout_rule=rule,
                by=self.asha,
            )
            approve_market(connection, market_id=made.id, by=self.baraka)
            return made.id

        return self.do(make)

    def ends_a_market(self, market_id: int, rng: Random) -> None:
        """One closes it and proposes a result, another resolves it; the worker pays."""
        outcome = rng.choices((Outcome.YES, Outcome.NO, Outcome.VOID), (45, 45, 10))[0]

        def end(connection: Connection) -> None:
            found = get_market(connection, market_id=market_id)
            if found.status in BEFORE_CLOSING:
                close_market(connection, market_id=market_id, by=self.asha)
            elif found.status is not MarketStatus.CLOSED:
                return
            propose_result(
                connection, market_id=market_id, outcome=outcome, evidence="seen", by=self.asha
            )
            resolve_market(
                connection, market_id=market_id, by=self.baraka, challenge_window=timedelta(0)
            )

        self.do(end)

    def changes_the_excise(self, rng: Random) -> None:
        """Two agree on a rate that counts in a minute and a bit, whatever is on its way then."""

        def change(connection: Connection) -> None:
            moment = now(connection) + timedelta(seconds=90)
            _agree(connection, self, Dated.EXCISE_BPS, rng.choice(_RATES_BPS), moment)

        self.do(change)

    def lets_money_run_again(self) -> None:
        """Start what was stopped."""
        for state in self.do(list_switches):
            if state.stopped_at is not None:
                kind = state.kind
                self.do(lambda c, kind=kind: start(c, kind=kind, why="Looked at it", by=self.daudi))  # type: ignore[misc]


def hire(stage: Stage, *, counts_from: datetime) -> Staff:
    """Make the four, and have two of them agree on fee, tax and when a SIM is asked about."""

    def make(connection: Connection) -> None:
        for number, (email, role) in enumerate(_EMAILS.items()):
            create_admin(
                connection,
                email=email,
                phone=f"+{_PHONES_FROM + number}",
                role=role,
                password="a long enough password",  # noqa: S106 - opens nothing
            )

    in_transaction(stage.database, make)
    people = [
        in_transaction(stage.database, lambda c, email=email: find_admin(c, email=email))  # type: ignore[misc]
        for email in _EMAILS
    ]
    staff = Staff(stage, *people)
    for name, value in _VALUES.items():
        staff.do(lambda c, name=name, value=value: _agree(c, staff, name, value, counts_from))  # type: ignore[misc]
    return staff


def _agree(
    connection: Connection, staff: Staff, name: Dated, value: int, counts_from: datetime
) -> None:
    value_id = propose_value(
        connection,
        name=name,
        value=value,
        effective_from=counts_from,
        source="a decision of the board",
        by=staff.chebet,
    )
    approve_value(connection, value_id=value_id, settings=staff.stage.settings, by=staff.daudi)
