"""Whatever a statement leaves out or says wrong: one credit each, and exactly its breaks."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from core.money import Money, kes
from core.statements.lines import Flow, Line
from core.withdrawals.judge_result import prove_paid
from core.withdrawals.records import lock_withdrawal
from tests.core.deposits.purse import Purse
from tests.core.statements.office import Office, receipt
from tests.world import World

PAYMENTS = ("prompt", "lost push", "heard", "unheard", "payout in doubt", "paid payout")
ON_THE_STATEMENT = ("right", "twice", "of another amount", "missing")
FLOAT = kes(100_000)
_phones = count(254_722_000_000)
# So that no payout fits what an earlier example has left open.
_amounts = count(100)

Case = tuple[str, str]


@dataclass
class Day:
    """What happened, what the statement says of it, and what must come of that."""

    office: Office
    purse: Purse
    lines: list[Line] = field(default_factory=list)
    wallet: Money = FLOAT
    receipts: set[str | None] = field(default_factory=set)
    breaks: set[tuple[str, str]] = field(default_factory=set)

    def has(self, payment: str, said: str) -> None:
        amount, code = kes(next(_amounts)), receipt()
        happen: dict[str, Callable[[Money, str, str], Line]] = {
            "prompt": self._prompt,
            "lost push": self._lost_push,
            "heard": self._heard,
            "unheard": self._unheard,
            "payout in doubt": self._payout,
            "paid payout": self._paid_payout,
        }
        line = happen[payment](amount, code, said)
        self.receipts.add(code)
        if said == "of another amount":
            line = replace(line, amount=amount + kes(50_000))
        if said != "missing":
            self.lines += [line] * (2 if said == "twice" else 1)

    def _prompt(self, amount: Money, code: str, said: str) -> Line:
        self.office.deposit(self.purse, amount, receipt=code)
        # Nothing but a callback vouches for it, so what contradicts it freezes it.
        if said != "of another amount":
            self.wallet += amount
        self._must_agree(code, said)
        return self.office.paid_in(amount, receipt=code)

    def _lost_push(self, amount: Money, code: str, said: str) -> Line:
        lost = self.office.lost_push(self.purse, amount)
        self._credits_if_right(amount, said)
        return self.office.paid_in(amount, receipt=code, account=lost.reference)

    def _heard(self, amount: Money, code: str, said: str) -> Line:
        self.office.heard(amount, receipt=code, account=self.purse.phone)
        self._credits_if_right(amount, said)
        return self.office.paid_in(amount, receipt=code, account=self.purse.phone)

    def _unheard(self, amount: Money, code: str, said: str) -> Line:
        # Nobody knows another amount than the statement's.
        self._credits_if_right(amount, said)
        if said == "of another amount":
            self.wallet += amount + kes(50_000)
        return self.office.paid_in(amount, receipt=code, account=self.purse.phone)

    def _payout(self, amount: Money, code: str, said: str) -> Line:
        self.office.withdrawal(self.purse.phone, amount)
        self.wallet -= amount
        if said == "of another amount":
            self.breaks.add(("not in our books", code))
        return self._paid_out(amount, code)

    def _paid_payout(self, amount: Money, code: str, said: str) -> Line:
        asked = self.office.withdrawal(self.purse.phone, amount)
        with self.office.world.database.begin() as connection:
            found = lock_withdrawal(connection, withdrawal_id=asked.id)
            prove_paid(connection, found, receipt=code, amount=amount, proven_by="result")
        self.wallet -= amount
        self._must_agree(code, said)
        return self._paid_out(amount, code)

    def _paid_out(self, amount: Money, code: str) -> Line:
        phone = self.purse.phone.removeprefix("+")
        return self.office.paid_out(amount, receipt=code, party=f"{phone[:4]}*****{phone[-3:]}")

    def _credits_if_right(self, amount: Money, said: str) -> None:
        if said in {"right", "twice"}:
            self.wallet += amount

    def _must_agree(self, code: str, said: str) -> None:
        if said == "missing":
            self.breaks.add(("not on the statement", code))
        if said == "of another amount":
            self.breaks.add(("differs", code))

    def found(self) -> set[tuple[str, str | None]]:
        return {
            (found.kind.value, found.receipt)
            for found in self.office.breaks()
            if found.receipt in self.receipts
        }


@given(
    cases=st.lists(
        st.tuples(st.sampled_from(PAYMENTS), st.sampled_from(ON_THE_STATEMENT)), max_size=7
    ),
    data=st.data(),
)
@how(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_payment_is_credited_once_and_each_difference_is_named(
    world: World, cases: list[Case], data: st.DataObject
) -> None:
    purse = Purse.of_a_new_player(world, phone=f"+{next(_phones)}")
    world.gives(purse.phone, FLOAT)
    day = Day(Office(world), purse)
    for payment, said in cases:
        day.has(payment, said)
    world.moves(minutes=11)
    lines = data.draw(st.permutations(day.lines))
    first = data.draw(st.integers(0, len(lines)))
    # A part of the statement, and later the whole of it, for both kinds of money.
    day.office.explains(*lines[:first])
    for flow in Flow:
        day.office.explains(*lines, money=flow)
    assert day.found() == day.breaks
    assert purse.money == day.wallet
    assert day.office.matches().failed == 0
    assert day.found() == day.breaks
    assert purse.money == day.wallet
