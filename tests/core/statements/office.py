"""The office that holds M-Pesa's statements against the books; the statements are the test's."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text

from core.database import in_transaction, now
from core.deposits.answers import Paid
from core.deposits.records import Deposit
from core.ledger.transfer import Key
from core.money import Money, kes
from core.paybill.hear_payment import Told, hear_payment
from core.paybill.records import PaybillPayment
from core.staff.records import Admin
from core.statements.approve_import import approve_import
from core.statements.breaks import Break, find_breaks
from core.statements.import_statement import Imported, import_statement
from core.statements.lines import Flow, Line, LineKind, Source
from core.statements.match_lines import Matched, match_lines
from core.text import Text
from core.withdrawals.end_withdrawal import fail_withdrawal
from core.withdrawals.queue_withdrawal import queue_withdrawal
from core.withdrawals.records import Withdrawal, get_withdrawal
from core.withdrawals.request_withdrawal import request_withdrawal
from core.withdrawals.rules import price_of
from core.withdrawals.send_payout import begin_payout, payout_unknown
from tests.core.deposits.purse import Purse
from tests.world import World

WANJIRU = "+254712345678"
WANJIRU_MASKED = "2547*****678"
DAY = timedelta(days=1)
_numbers = count(1)


def receipt() -> str:
    """A receipt that nothing else has."""
    return f"SKP{next(_numbers):07}"


@dataclass
class Office:
    world: World

    @property
    def now(self) -> datetime:
        return in_transaction(self.world.database, now)

    def paid_in(self, amount: Money, **what: Any) -> Line:  # noqa: ANN401 - fields of a line
        line = Line(receipt(), LineKind.PAID_IN, amount, self.now, party=WANJIRU_MASKED)
        return replace(line, **what)

    def paid_out(self, amount: Money, **what: Any) -> Line:  # noqa: ANN401 - fields of a line
        return self.paid_in(amount, **{"kind": LineKind.PAID_OUT, **what})

    def reversal(self, amount: Money, *, of: str) -> Line:
        return self.paid_in(amount, kind=LineKind.REVERSAL, linked_receipt=of)

    def imports(
        self,
        *lines: Line,
        money: Flow = Flow.IN,
        back: timedelta = DAY,
        source: Source = Source.PULL,
        by: Admin | None = None,
    ) -> Imported:
        """A statement of the last day, to this moment."""
        until = self.now
        return in_transaction(
            self.world.database,
            lambda c: import_statement(
                c,
                source=source,
                money=money,
                covers_from=until - back,
                covers_to=until,
                lines=lines,
                by=by,
            ),
        )

    def approves(self, imported: Imported, *, by: Admin) -> None:
        in_transaction(
            self.world.database, lambda c: approve_import(c, import_id=imported.import_id, by=by)
        )

    def matches(self) -> Matched:
        return match_lines(
            self.world.database, settings=self.world.settings, progress=lambda _n: None
        )

    def explains(self, *lines: Line, money: Flow = Flow.IN) -> Matched:
        self.imports(*lines, money=money)
        return self.matches()

    def breaks(self, since: timedelta = 7 * DAY) -> list[Break]:
        return in_transaction(self.world.database, lambda c: find_breaks(c, since=since))

    def why(self) -> list[str]:
        return [found.why for found in self.breaks()]

    def deposit(self, purse: Purse, amount: Money, *, receipt: str) -> Deposit:
        """A deposit that a callback has credited, and nobody has confirmed."""
        asked = purse.becomes_pending(amount)
        purse.hears(asked, Paid(), receipt=receipt)
        # The same player may ask again at once.
        self.world.moves(minutes=3)
        return purse.now(asked)

    def lost_push(self, purse: Purse, amount: Money) -> Deposit:
        """A deposit whose push got no answer, so that it has no id of the provider's."""
        asked = purse.asks(amount)
        purse.is_pushed(asked)
        with self.world.database.begin() as connection:
            connection.execute(
                text("UPDATE deposit SET state = 'submit_unknown' WHERE id = :id"), {"id": asked.id}
            )
        self.world.moves(minutes=3)
        return purse.now(asked)

    def heard(self, amount: Money, *, receipt: str, account: str) -> PaybillPayment:
        told = Told(receipt, amount, account, WANJIRU_MASKED, self.now)
        return in_transaction(
            self.world.database,
            lambda c: hear_payment(c, told=told, settings=self.world.settings).payment,
        )

    def withdrawal(self, phone: str, amount: Money) -> Withdrawal:
        """A withdrawal that was sent, and of which nothing was heard since."""
        player_id = self.world.player(phone).id
        asked = in_transaction(
            self.world.database,
            lambda c: request_withdrawal(
                c,
                player_id=player_id,
                price=price_of(amount, fee=kes(0), withholding_bps=0),
                key=Key("office", str(next(_numbers))),
                settings=self.world.settings,
            ),
        )
        with self.world.database.begin() as connection:
            queue_withdrawal(connection, withdrawal_id=asked.id, because="test")
            assert begin_payout(connection, withdrawal_id=asked.id) is not None
            payout_unknown(connection, withdrawal_id=asked.id, code="lost")
        return self.withdrawal_now(asked)

    def fails(self, found: Withdrawal) -> None:
        """M-Pesa says that it paid nothing."""
        with self.world.database.begin() as connection:
            fail_withdrawal(connection, found, code="2040", reason=Text("No M-Pesa."))

    def withdrawal_now(self, found: Withdrawal) -> Withdrawal:
        return in_transaction(
            self.world.database, lambda c: get_withdrawal(c, withdrawal_id=found.id)
        )

    def states_of_paybill(self) -> list[str]:
        return self.column("SELECT state FROM paybill_payment ORDER BY id")

    def column(self, query: str) -> list[Any]:
        with self.world.database.connect() as connection:
            return list(connection.execute(text(query)).scalars())
