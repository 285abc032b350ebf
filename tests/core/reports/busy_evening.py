"""An evening on which each kind of thing comes to wait for a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from core.carriers.rules import Carrier
from core.carriers.use_carrier import use_carrier
from core.config.propose_value import propose_value
from core.config.rules import Dated
from core.database import in_transaction, now
from core.ledger.groups import INVARIANTS
from core.markets.create_market import create_market
from core.markets.rules import Outcome, PayoutRule
from core.money import kes
from core.outbox.deliver import Worker
from core.outbox.records import ask, claim, set_aside
from core.provider.decide import DecisionOutcome
from core.reports.needs import NeedKind
from core.seal.seal_ledger import LATE_AFTER
from core.staff.records import Admin, Role
from core.statements.lines import Source
from core.switches.rules import Switch
from core.switches.stop import stop
from core.watch import jobs as watch_jobs
from core.watch.rules import Pace
from tests.core.deposits.purse import Purse
from tests.core.markets.bookmaker import Bookmaker
from tests.core.paybill.payer import is_heard, pays
from tests.core.statements.office import Office
from tests.core.withdrawals.teller import Teller
from tests.world import World

WANJIRU, OTIENO, STRANGER = "+254700000001", "+254700000002", "+254799999999"
FINANCE, OWNER = "fatuma@kibeezy.test", "omar@kibeezy.test"
BROKEN = "every transfer balances"


def all_is_looked_at(world: World) -> None:
    """The worker has seen every invariant, and sealed what there is."""
    watch_jobs.begin(world.database)
    pace = Pace(quick_seconds=20.0)
    Worker(world.database, watch_jobs.jobs(database=world.database, pace=pace)).run_due()
    world.seals()


@dataclass
class BusyEvening:
    world: World
    finance: Admin
    owner: Admin

    @staticmethod
    def begins(world: World) -> "BusyEvening":
        world.has_player(WANJIRU, balance=kes(2_000))
        world.has_player(OTIENO, name="Otieno Odhiambo", balance=kes(2_000))
        world.has_market(closes_in=timedelta(days=20))
        return BusyEvening(
            world, world.has_admin(FINANCE, Role.FINANCE), world.has_admin(OWNER, Role.OWNER)
        )

    @property
    def bookmaker(self) -> Bookmaker:
        return Bookmaker(self.world)

    @property
    def trouble(self) -> Mapping[NeedKind, Callable[[], object]]:
        """What brings one of each kind about, and maybe others; first what takes days."""
        return {
            NeedKind.DECISION_TO_APPROVE: self._decision,
            NeedKind.DEPOSIT_UNCLEAR: self._deposit_nobody_knows,
            NeedKind.WITHDRAWAL_UNCLEAR: self._withdrawal_left,
            NeedKind.WITHDRAWAL_LARGE: self._large,
            NeedKind.DRAFT_TO_APPROVE: self._draft,
            NeedKind.RESULT_MISSING: lambda: self.bookmaker.closes(self._market()),
            NeedKind.RESULT_TO_RESOLVE: self._result,
            NeedKind.DISPUTE: self._dispute,
            NeedKind.MPESA_LATE_IN: self._late_in,
            NeedKind.MPESA_LATE_OUT: self._late_out,
            NeedKind.PAYBILL_SUSPENSE: lambda: pays(self.world, account=STRANGER, amount=kes(300)),
            NeedKind.PAYBILL_UNPROVEN: self._unproven,
            NeedKind.STATEMENT_TO_APPROVE: self._statement,
            NeedKind.STATEMENT_BREAK: self._break,
            NeedKind.SMS_WAITING: self._sms,
            NeedKind.JOB_SET_ASIDE: self._job,
            NeedKind.VALUE_TO_APPROVE: self._value,
            NeedKind.ROLE_TO_APPROVE: self._role,
            NeedKind.SWITCH_OFF: self._switch,
            NeedKind.SMS_ROUTE_AWAY: self._route,
            NeedKind.INVARIANT_BROKEN: self._invariant,
            NeedKind.INVARIANT_UNCHECKED: lambda: self.world.moves(minutes=20),
            NeedKind.SEAL_LATE: self._unsealed,
            NeedKind.SEAL_BEHIND: self._restored,
        }

    def _market(self) -> int:
        return self.world.has_market(closes_in=timedelta(days=20))

    def _draft(self) -> None:
        with self.world.database.begin() as connection:
            create_market(
                connection,
                question="Will it rain in Kisumu on Friday?",
                label=None,
                category=None,
                closes_at=now(connection) + timedelta(days=2),
                fee_bps=1000,
                payout_rule=PayoutRule.PRO_RATA,
                by=self.bookmaker.asha,
            )

    def _result(self) -> int:
        market_id = self._market()
        self.bookmaker.closes(market_id)
        self.bookmaker.proposes(market_id, Outcome.YES)
        return market_id

    def _dispute(self) -> None:
        market_id = self._result()
        dispute = text(
            "INSERT INTO dispute (market_id, proposed_at, player_id)"
            " SELECT id, proposed_at, :player FROM market WHERE id = :market"
        )
        with self.world.owner.begin() as connection:
            connection.execute(text("ALTER TABLE dispute DISABLE TRIGGER USER"))
            values = {"player": self.world.player(WANJIRU).id, "market": market_id}
            connection.execute(dispute, values)
            connection.execute(text("ALTER TABLE dispute ENABLE TRIGGER USER"))

    def _deposit_nobody_knows(self) -> None:
        purse = Purse(self.world, WANJIRU)
        purse.is_left_alone(purse.becomes_pending(kes(450)))

    def _decision(self) -> None:
        purse = Purse(self.world, OTIENO)
        deposit = purse.becomes_pending(kes(350))
        purse.is_left_alone(deposit)
        purse.is_proposed(deposit, DecisionOutcome.FAILED)

    def _late_in(self) -> None:
        Purse(self.world, OTIENO).becomes_pending(kes(250))
        self.world.moves(minutes=16)

    def _withdrawal_left(self) -> None:
        teller = Teller(self.world, WANJIRU)
        asked = teller.goes_out(kes(100))
        self.world.moves(days=1, hours=1)
        assert teller.is_left(asked)

    def _large(self) -> None:
        self.world.always_had(Dated.WITHDRAWAL_APPROVAL_FROM_KES, 300)
        Teller(self.world, WANJIRU).asks(kes(300))

    def _late_out(self) -> None:
        Teller(self.world, OTIENO).goes_out(kes(200))
        self.world.moves(minutes=16)

    def _unproven(self) -> None:
        is_heard(self.world, account=WANJIRU, amount=kes(75))
        self.world.moves(minutes=61)

    def _statement(self) -> None:
        office = Office(self.world)
        office.imports(office.paid_in(kes(60)), source=Source.CSV, by=self.finance)

    def _break(self) -> None:
        office = Office(self.world)
        office.explains(office.reversal(kes(90), of="NOBODY0001"))

    def _sms(self) -> None:
        with self.world.database.begin() as connection:
            ask(connection, kind="send_sms")
        self.world.moves(minutes=2)

    def _job(self) -> None:
        with self.world.database.begin() as connection:
            ask(connection, kind="poison")
            [job] = claim(connection, kinds=["poison"], limit=1, lease=timedelta(minutes=1))
            set_aside(connection, job, error="ValueError")

    def _value(self) -> None:
        with self.world.database.begin() as connection:
            propose_value(
                connection,
                name=Dated.EXCISE_BPS,
                value=500,
                effective_from=now(connection) + timedelta(days=30),
                source="Finance Act 2026",
                by=self.finance,
            )

    def _role(self) -> None:
        grant = text(
            "INSERT INTO admin_role_grant (admin_id, role, why, proposed_by)"
            " VALUES (:admin, 'owner', 'she leads now', :by)"
        )
        with self.world.database.begin() as connection:
            connection.execute(grant, {"admin": self.finance.id, "by": self.owner.id})

    def _switch(self) -> None:
        why = "M-Pesa answers nobody since noon"
        in_transaction(
            self.world.database,
            lambda c: stop(c, kind=Switch.DEPOSITS, why=why, by=self.finance),
        )

    def _route(self) -> None:
        in_transaction(
            self.world.database,
            lambda c: use_carrier(c, carrier=Carrier.INFOBIP, why="a test", by=self.finance),
        )

    def _invariant(self) -> None:
        assert BROKEN in INVARIANTS
        change = text(
            "UPDATE invariant SET broken_since = kibeezy_now(), unbroken_since = NULL,"
            " violations = 2, details = '[\"transfer 7 is 3 cents out\"]' WHERE name = :name"
        )
        with self.world.database.begin() as connection:
            connection.execute(change, {"name": BROKEN})

    def _unsealed(self) -> None:
        self.world.gives(WANJIRU, kes(1))
        self.world.moves(seconds=LATE_AFTER.total_seconds() + 1)

    def _restored(self) -> None:
        """As a dump is that was restored into another cluster."""
        self._moves_the_chain(10**9)

    def ends(self) -> None:
        """The books are whole again."""
        self._moves_the_chain(-(10**9))

    def _moves_the_chain(self, by: int) -> None:
        with self.world.owner.begin() as connection:
            connection.execute(text("ALTER TABLE seal_block DISABLE TRIGGER USER"))
            step = text("UPDATE seal_block SET until_xid = until_xid + :by")
            connection.execute(step, {"by": by})
            connection.execute(text("ALTER TABLE seal_block ENABLE TRIGGER USER"))
