"""A day in Nairobi: money comes in on every way, is bet, won, and partly paid out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.clock import in_nairobi
from core.config.rules import Dated
from core.database import begin_snapshot, in_transaction, now
from core.deposits.answers import Paid
from core.markets.rules import Outcome, Side
from core.money import Money, kes
from core.reports.daily_close import daily_close
from core.reports.days import Period
from core.reports.market_record import market_record
from core.reports.player_statement import player_statement
from core.reports.table import Part, Report
from core.reports.trial_balance import trial_balance
from core.withdrawals.answers import PaidOut
from tests.core.deposits.purse import Purse
from tests.core.markets.bookmaker import Bookmaker
from tests.core.paybill.payer import pays
from tests.core.withdrawals.teller import Teller, sets
from tests.world import World

WANJIRU, OTIENO, STRANGER = "+254700000001", "+254700000002", "+254799999999"
ALWAYS = Period(None, None)


@dataclass(frozen=True)
class PlayedDay:
    world: World
    day: date
    market_id: int

    def statement(self, phone: str = WANJIRU, period: Period = ALWAYS) -> Report:
        return self._read(lambda c: player_statement(c, phone=phone, period=period))

    def record(self, *, with_phones: bool = False) -> Report:
        return self._read(
            lambda c: market_record(
                c,
                market_id=self.market_id,
                pepper=self.world.pepper,
                with_phones=with_phones,
            )
        )

    def close(self, day: date | None = None) -> Report:
        return self._read(lambda c: daily_close(c, day=day or self.day))

    def trial_balance(self) -> Report:
        return self._read(lambda c: trial_balance(c, as_of=now(c)))

    def _read(self, make: Any) -> Report:  # noqa: ANN401 - what makes a report
        """The report with its lines read, as the connection is gone afterwards."""
        with self.world.database.connect() as connection:
            begin_snapshot(connection)
            report: Report = make(connection)
            parts = tuple(Part(p.name, p.columns, list(p.lines)) for p in report.parts)
        return Report(report.schema, report.version, report.head, parts)


def lines_of(report: Report, part: str | None = None) -> list[dict[str, Any]]:
    """The lines of a part, or of the only one, by their columns."""
    [found] = [each for each in report.parts if part in (None, each.name)]
    return [dict(zip(found.columns, line, strict=True)) for line in found.lines]


def total(lines: Iterable[dict[str, Any]], column: str) -> Money:
    """What a spreadsheet would add up."""
    return sum((line[column] or kes(0) for line in lines), start=kes(0))


def play_a_day(world: World) -> PlayedDay:
    """From nine in the morning on; when it returns, the next day has begun."""
    clock = in_nairobi(in_transaction(world.database, now))
    nine = clock.replace(hour=9, minute=0, second=0) + timedelta(days=1)
    world.moves(seconds=(nine - clock).total_seconds())
    sets(world, Dated.WITHDRAWAL_FEE_KES, 5)
    sets(world, Dated.WITHHOLDING_BPS, 500)
    purse = Purse.of_a_new_player(world, phone=WANJIRU)
    deposit = purse.becomes_pending(kes(1000))
    purse.hears(deposit, Paid(), receipt="2E45678901")
    purse.is_answered(deposit, Paid())
    world.has_player(OTIENO, name="Otieno Odhiambo")
    pays(world, account=OTIENO, amount=kes(500))
    pays(world, account=STRANGER, amount=kes(300))
    market_id = world.has_market("=2+3 is what Gor Mahia scores?", label="=2+3")
    bookmaker = Bookmaker(world)
    bookmaker.bets(WANJIRU, market_id, Side.YES, 200)
    bookmaker.bets(OTIENO, market_id, Side.NO, 100)
    world.moves(hours=2)
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.ends(market_id, Outcome.YES)
    teller = Teller(world, WANJIRU)
    paid = teller.goes_out(kes(500))
    teller.hears(paid, PaidOut())
    world.moves(days=1)
    return PlayedDay(world, nine.date(), market_id)
