"""Two and a half days of a lively service, so that each page has something to show.

It is made by the service's own routes, use cases and worker. The clock stands at five past two on
a Wednesday afternoon, so that the same pages look the same on any day.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import requests
from flask import Flask
from sqlalchemy import select

from core.clock import in_nairobi
from core.config.propose_value import propose_value
from core.config.rules import Dated
from core.database import now
from core.errors import Refused
from core.markets.close_account import close_account
from core.markets.rules import Outcome
from core.money import kes
from core.paybill.place_payment import propose_placement
from core.paybill.records import paybill_payment
from core.players.account import take_break
from core.players.check_pin import check_pin
from core.staff.records import Admin
from core.statements.import_statement import import_statement
from core.statements.lines import Flow, Line, LineKind, Source
from core.switches.rules import Switch
from core.switches.stop import stop
from core.watch import jobs as watch_jobs
from tests.admin.staff_page.busy_markets import A_DAY, Markets
from tests.admin.staff_page.busy_people import NAMES, NEWCOMER, PASSER_BY, PHONES, STAFF
from tests.admin.staff_page.desk import HERE
from tests.admin.staff_page.town import Town, open_town
from tests.payments.daraja import error
from tests.world import PIN, World

_HOURS: Final = (
    *(f"2026-11-23T{hour:02}:00" for hour in range(9, 22)),
    *(f"2026-11-24T{hour:02}:00" for hour in range(7, 23)),
    *(f"2026-11-25T{hour:02}:{minute}" for hour in range(7, 14) for minute in ("00", "30")),
)
_NOON: Final = "2026-11-24T12:00"


@dataclass(frozen=True)
class BusyDay:
    """What came of it, and where to find it."""

    world: World
    app: Flask
    markets: dict[str, int]
    deposits: dict[str, int]
    withdrawals: dict[str, int]
    paybill: dict[str, int]
    statement: int
    players: list[int]
    admins: dict[str, Admin]


def live_through(world: World, app: Flask) -> BusyDay:
    """All of it, in a few seconds."""
    with open_town(world, app) as town:
        return _Days(town).live()


class _Days:
    def __init__(self, town: Town) -> None:
        self.town = town
        self.deposits: dict[str, int] = {}
        self.withdrawals: dict[str, int] = {}
        self.paybill: dict[str, int] = {}

    def live(self) -> BusyDay:
        self.admins = {
            email: self.town.world.has_admin(email, role, phone=f"+2547990000{number:02}")
            for number, (email, role) in enumerate(STAFF.items(), start=1)
        }
        self.markets = Markets(
            self.town,
            maker=self.admins["asha@kibeezy.test"],
            approver=self.admins["baraka@kibeezy.test"],
            third=self.admins["otieno@kibeezy.test"],
        )
        self._people()
        self.markets.open()
        acts = {
            "2026-11-23T10:00": self._money_of_monday,
            "2026-11-23T19:00": lambda: self._pays_result("eliud", Outcome.NO),
            "2026-11-24T11:00": lambda: self._pays_result("fog", Outcome.NO),
            _NOON: self._money_of_tuesday,
            "2026-11-24T17:00": lambda: self._pays_result("safari", Outcome.YES),
            "2026-11-24T20:00": self._results_of_tuesday,
            "2026-11-25T08:00": self._morning,
            "2026-11-25T12:30": self._noon,
        }
        for moment in _HOURS:
            self.town.comes_to(moment)
            if moment in acts:
                acts[moment]()
            self.markets.take_bets(self._players)
        self.town.comes_to("2026-11-25T14:00")
        self._afternoon()
        self.town.comes_to("2026-11-25T14:05")
        self._some_sms_go_wrong()
        # The worker rests from here on.
        self.markets.resolve("bandari")
        return BusyDay(
            self.town.world,
            self.town.app,
            self.markets.ids,
            self.deposits,
            self.withdrawals,
            self.paybill,
            self._statement,
            self._players,
            self.admins,
        )

    def _people(self) -> None:
        world = self.town.world
        joined = [
            world.has_player(phone, name=name) for phone, name in zip(PHONES, NAMES, strict=True)
        ]
        self._players = [one.id for one in joined[:16]]
        self.town.comes_to("2026-11-23T08:10")
        for number, phone in enumerate(PHONES[:17]):
            self.town.pays_in(phone, 9_000 + 1_500 * (number % 5))
        self.town.passes(minutes=3)

    def _money_of_monday(self) -> None:
        """One that nobody will ever hear of, one that was not sent, and payouts that went well."""
        town = self.town
        self.deposits["unresolved"] = town.pays_in(PHONES[17], 1_200, code=None)
        self.deposits["rejected"] = town.pays_in(
            PHONES[18], 80, push=error("500.001.1001", "Merchant does not exist")
        )
        self.withdrawals["paid"] = town.pays_out(PHONES[1], 600)
        self.withdrawals["manual"] = town.pays_out(
            PHONES[2], 400, order=requests.ReadTimeout(), code=None
        )
        self._pays_bill("suspense", "0799123456", 750)
        self._pays_bill("credited", PHONES[3], 300)

    def _money_of_tuesday(self) -> None:
        town = self.town
        self.deposits["cancelled"] = town.pays_in(PHONES[4], 350, code=1032)
        self.deposits["wrong amount"] = town.pays_in(PHONES[5], 500, amount=5_000.0)
        self.withdrawals["no account"] = town.pays_out(PHONES[6], 250, code=2040)
        self.markets.suspend("petrol", "The regulator's date has moved: see the gazette")
        self._registers(NEWCOMER, "Zawadi Kimani")
        town.phone(PASSER_BY).dial().choose("How it works")

    def _results_of_tuesday(self) -> None:
        markets = self.markets
        markets.propose("budget", Outcome.VOID, why="The assembly did not sit on Tuesday")
        markets.resolve("budget")
        markets.propose("sevens", Outcome.YES, window=A_DAY)
        self.town.works()
        markets.dispute("sevens")
        self.town.works()

    def _morning(self) -> None:
        town, world = self.town, self.town.world
        self.markets.correct("safari", Outcome.NO)
        town.works()
        town.do(lambda c: take_break(c, player_id=world.player(PHONES[18]).id, length=A_DAY * 7))
        town.do(lambda c: close_account(c, player_id=world.player(PHONES[19]).id))
        for typed in ("1357", "2468", "9753"):
            with suppress(Refused):
                check_pin(
                    world.database,
                    player_id=world.player(PHONES[16]).id,
                    typed=typed,
                    pepper=world.pepper,
                )
        self._statement = self._import_a_statement(self.admins["chebet@kibeezy.test"])
        for words in ("BAL", "MARKETS", "please help me"):
            town.writes(PHONES[0], words)

    def _import_a_statement(self, by: Admin) -> int:
        """Tuesday's file from M-Pesa's portal, of which one payment is nobody's."""
        tuesday = in_nairobi(self.town.do(now)) - A_DAY
        begins = tuesday.replace(hour=0, minute=0, second=0, microsecond=0)
        lines = [
            Line(receipt, LineKind.PAID_IN, kes(amount), begins + timedelta(hours=hour), account)
            for receipt, amount, hour, account in (
                ("TKN005RT61", 9_500, 8, "Kibeezy"),
                ("TKN099RT61", 640, 9, "0799123456"),
                ("TKN098RT61", 75, 17, "Kibeezy"),
            )
        ]
        imported = self.town.do(
            lambda c: import_statement(
                c,
                source=Source.CSV,
                money=Flow.IN,
                covers_from=begins,
                covers_to=begins + A_DAY,
                lines=lines,
                by=by,
            )
        )
        return imported.import_id

    def _noon(self) -> None:
        """Bets from the telephone, and the results that wait for a second person."""
        town, markets = self.town, self.markets
        for phone, side, stake in ((PHONES[0], "YES", "200"), (PHONES[8], "NO", "150")):
            dialled = town.phone(phone).dial().choose("Bet")
            dialled.choose("Gor beat").choose(side).type(stake).type(PIN).shows("Bet placed")
        town.phone(PHONES[9]).dial().choose("My account").choose("Balance").type(PIN)
        town.works()
        markets.propose("tusker", Outcome.YES)
        markets.propose("bandari", Outcome.NO)
        markets.draft()

    def _afternoon(self) -> None:
        town, chebet = self.town, self.admins["chebet@kibeezy.test"]
        self.deposits["succeeded"] = town.pays_in(PHONES[0], 1_500)
        self.withdrawals["sent"] = town.pays_out(PHONES[10], 900, code=None)
        self.withdrawals["unknown"] = town.pays_out(
            PHONES[11], 300, order=requests.ReadTimeout(), code=None
        )
        self.deposits["pending"] = town.pays_in(PHONES[12], 700, code=None)
        self._pays_bill("proposed", "0710 000 99", 1_000)
        self._pays_bill("heard", "0710000015", 450, proven=False)
        town.do(
            lambda c: propose_placement(
                c,
                paybill_id=self.paybill["proposed"],
                phone=PHONES[9],
                evidence="She read the receipt out; a digit was missing",
                by=chebet,
            )
        )
        town.do(
            lambda c: propose_value(
                c,
                name=Dated.STAKE_MAX_KES,
                value=10_000,
                effective_from=now(c) + timedelta(days=5),
                source="The board, 24 November",
                by=chebet,
            )
        )
        why = "The float at M-Pesa is being filled"
        town.do(lambda c: stop(c, kind=Switch.WITHDRAWALS, why=why, by=chebet))
        self._somebody_guesses("daudi@kibeezy.test")
        town.world.seals()
        watch_jobs.begin(town.world.database)
        town.works()

    def _some_sms_go_wrong(self) -> None:
        town = self.town
        with town.world.database.connect() as connection:
            sent = connection.exec_driver_sql(
                "SELECT id FROM sms_out WHERE provider_id IS NOT NULL ORDER BY id"
            ).scalars()
            ids = list(sent)
        for number, sms_id in enumerate(ids):
            if number % 9 == 4:
                town.reports(sms_id, "Failed", "AbsentSubscriber")
            elif number % 9 == 7:
                town.reports(sms_id, "Buffered")
            elif number % 9 != 1:
                town.reports(sms_id, "Success")
        town.network.refuses(403, "InvalidPhoneNumber")
        town.network.refuses(405, "InsufficientBalance", times=2)
        for phone in PHONES[3:6]:
            town.writes(phone, "BAL")

    def _somebody_guesses(self, email: str) -> None:
        client = self.town.app.test_client()
        for number in range(5):
            form = {"email": email, "password": f"a guess, number {number}", "code": "123456"}
            client.post("/admin/sign-in", base_url=HERE, data=form, headers={"Origin": HERE})

    def _registers(self, phone: str, name: str) -> None:
        dialled = self.town.phone(phone).dial().choose("Register").type(name).choose("Yes")
        dialled.type(PIN).type(PIN)
        self.town.works()
        code = self.town.last_sms(phone).split()[0]
        dialled.type(code)
        self.town.works()

    def _pays_bill(self, name: str, account: str, shillings: int, *, proven: bool = True) -> None:
        receipt = self.town.pays_bill(account, shillings, proven=proven)
        told = select(paybill_payment.c.id).where(paybill_payment.c.receipt == receipt)
        self.paybill[name] = self.town.do(lambda c: c.execute(told).scalar_one())

    def _pays_result(self, name: str, outcome: Outcome) -> None:
        self.markets.propose(name, outcome)
        self.markets.resolve(name)
        self.town.works()
