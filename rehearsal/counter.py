"""What two people of finance decide, by what M-Pesa's own books say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from core.alarms.records import alarm
from core.alarms.take_alarm import take_alarm
from core.deposits.decide_deposit import decide_deposit, propose_deposit_outcome
from core.deposits.records import DEPOSITS, Deposit, deposit, read_deposit
from core.deposits.rules import DepositState
from core.paybill.list_suspense import list_suspense
from core.paybill.place_payment import approve_placement, propose_placement
from core.paybill.records import PaybillState
from core.players.records import Status, find_player
from core.provider.decide import DecisionOutcome
from core.provider.records import receipt
from core.statements.approve_import import approve_import, waiting_imports
from core.statements.import_statement import import_statement
from core.statements.lines import Flow, Source, Statement
from core.statements.match_lines import match_lines
from core.withdrawals.decide_withdrawal import decide_withdrawal, propose_withdrawal_outcome
from core.withdrawals.records import WITHDRAWALS, Withdrawal, read_withdrawal, withdrawal
from core.withdrawals.rules import WithdrawalState
from payments.mpesa.statement_csv import read_statement
from rehearsal.staff import Staff


@dataclass(frozen=True)
class Truth:
    """M-Pesa's journal, by what our side knows of each movement."""

    pushed: Mapping[str, str]
    payers: Mapping[str, str]
    paid_out: Mapping[str, str]

    @classmethod
    def of(cls, journal: list[dict[str, Any]]) -> "Truth":
        """Read the journal."""
        return cls(
            pushed={m["account_reference"]: m["receipt"] for m in journal if m["kind"] == "stk"},
            payers={m["receipt"]: m["phone"] for m in journal if m["kind"] in {"stk", "c2b"}},
            paid_out={
                m["originator_conversation_id"]: m["receipt"] for m in journal if m["kind"] == "b2c"
            },
        )


class Counter:
    """Decides what the service leaves to people."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff

    def looks_after_everything(self) -> None:
        """Place suspense, decide what is unclear, take alarms, and let money run again."""
        truth = Truth.of(self._staff.stage.network.get("/journal"))
        self._places_suspense(truth)
        self._decides_deposits(truth)
        self._decides_withdrawals(truth)
        self._takes_alarms()
        self._staff.lets_money_run_again()

    def imports_the_statement(self) -> None:
        """Import the portal's file, once for each flow, have it approved, and match it."""
        found = read_statement(self._staff.stage.network.statement())
        for flow in Flow:
            self._staff.do(lambda c, flow=flow: self._import(c, found, flow))  # type: ignore[misc]
        stage = self._staff.stage
        match_lines(stage.database, settings=stage.settings, progress=lambda _: None)

    def _import(self, connection: Connection, found: Statement, flow: Flow) -> None:
        kept = import_statement(
            connection,
            source=Source.CSV,
            money=flow,
            covers_from=found.covers_from,
            covers_to=found.covers_to,
            lines=found.lines,
            by=self._staff.chebet,
        )
        if any(one.id == kept.import_id for one in waiting_imports(connection)):
            approve_import(connection, import_id=kept.import_id, by=self._staff.daudi)

    def _places_suspense(self, truth: Truth) -> None:
        for waiting in self._staff.do(list_suspense):
            payment = waiting.payment
            payer = truth.payers.get(payment.receipt)
            if payment.state is PaybillState.SUSPENSE and payer is not None:
                self._staff.do(lambda c, i=payment.id, p=payer: self._place(c, i, p))  # type: ignore[misc]

    def _place(self, connection: Connection, paybill_id: int, phone: str) -> None:
        owner = find_player(connection, phone=phone)
        if owner is None or owner.status is Status.CLOSED:
            return
        propose_placement(
            connection, paybill_id=paybill_id, phone=phone, evidence=None, by=self._staff.chebet
        )
        approve_placement(connection, paybill_id=paybill_id, by=self._staff.daudi)

    def _decides_deposits(self, truth: Truth) -> None:
        def unclear(connection: Connection) -> list[Deposit]:
            rows = connection.execute(
                DEPOSITS.where(
                    (deposit.c.state == DepositState.UNRESOLVED)
                    | ((deposit.c.state == DepositState.SUCCEEDED) & deposit.c.review.is_not(None))
                ).order_by(deposit.c.id)
            )
            return [read_deposit(row) for row in rows]

        for found in self._staff.do(unclear):
            self._staff.do(lambda c, found=found: self._decide_deposit(c, found, truth))  # type: ignore[misc]

    def _decide_deposit(self, connection: Connection, found: Deposit, truth: Truth) -> None:
        named = truth.pushed.get(found.reference)
        if named is not None and found.receipt in {None, named}:
            if _is_claimed_elsewhere(connection, named, found.id):
                named = None
        else:
            named = None
        outcome = DecisionOutcome.CONFIRMED
        if named is None:
            credited = found.state is DepositState.SUCCEEDED
            outcome = DecisionOutcome.REVERSED if credited else DecisionOutcome.FAILED
        propose_deposit_outcome(
            connection,
            deposit_id=found.id,
            outcome=outcome,
            evidence="M-Pesa's journal",
            by=self._staff.chebet,
            receipt=named,
        )
        decide_deposit(connection, deposit_id=found.id, by=self._staff.daudi)

    def _decides_withdrawals(self, truth: Truth) -> None:
        query = WITHDRAWALS.where(withdrawal.c.state == WithdrawalState.MANUAL)

        def manual(connection: Connection) -> list[Withdrawal]:
            return [read_withdrawal(row) for row in connection.execute(query)]

        for found in self._staff.do(manual):
            named = truth.paid_out.get(found.originator_id)
            self._staff.do(lambda c, i=found.id, r=named: self._decide_withdrawal(c, i, r))  # type: ignore[misc]

    def _decide_withdrawal(self, connection: Connection, number: int, named: str | None) -> None:
        propose_withdrawal_outcome(
            connection,
            withdrawal_id=number,
            outcome=DecisionOutcome.FAILED if named is None else DecisionOutcome.PAID,
            evidence="M-Pesa's journal",
            by=self._staff.chebet,
            receipt=named,
        )
        decide_withdrawal(connection, withdrawal_id=number, by=self._staff.daudi)

    def _takes_alarms(self) -> None:
        query = select(alarm.c.id).where(alarm.c.taken_at.is_(None)).order_by(alarm.c.id)

        def take_all(connection: Connection) -> None:
            for alarm_id in connection.execute(query).scalars().all():
                take_alarm(connection, alarm_id=alarm_id, by=self._staff.daudi)

        self._staff.do(take_all)


def _is_claimed_elsewhere(connection: Connection, named: str, deposit_id: int) -> bool:
    owner = select(receipt.c.deposit_id).where(receipt.c.receipt == named)
    row = connection.execute(owner).one_or_none()
    return row is not None and row.deposit_id != deposit_id
