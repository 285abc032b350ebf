"""Commands about withdrawals: where they stand, and deciding where the provider did not tell."""

import click
from sqlalchemy import Engine

from admin.commands.speaking import acting_as, as_json, iso, plainly, say, show_json, show_table
from core.database import in_transaction
from core.provider.decide import DecisionOutcome
from core.staff.records import find_admin
from core.withdrawals.decide_withdrawal import (
    cancel_proposal,
    decide_withdrawal,
    propose_withdrawal_outcome,
)
from core.withdrawals.list_withdrawals import ListedWithdrawal, list_withdrawals
from core.withdrawals.rules import WithdrawalState

_OUTCOMES = (DecisionOutcome.PAID, DecisionOutcome.FAILED)


def group(*, database: Engine) -> click.Group:
    """The group `withdrawal`."""

    @click.group("withdrawal")
    def withdrawal() -> None:
        """Money on its way out."""

    _add_listing(withdrawal, database)
    _add_deciding(withdrawal, database)
    return withdrawal


def _add_listing(withdrawal: click.Group, database: Engine) -> None:
    @withdrawal.command("list")
    @click.option("--state", type=click.Choice([state.value for state in WithdrawalState]))
    @click.option("--review", is_flag=True, help="Only those that a person must look at.")
    @as_json
    @plainly
    def list_(state: str | None, *, review: bool, wants_json: bool) -> None:
        """The newest withdrawals, or those of one state."""
        wanted = None if state is None else WithdrawalState(state)
        found = in_transaction(
            database, lambda c: list_withdrawals(c, state=wanted, only_waiting=review)
        )
        if wants_json:
            show_json([_as_dict(one) for one in found])
        elif found:
            _show(found)
        else:
            say("There is no such withdrawal.")


def _add_deciding(withdrawal: click.Group, database: Engine) -> None:
    @withdrawal.command()
    @click.argument("withdrawal_id", metavar="ID", type=int)
    @click.argument("outcome", type=click.Choice([outcome.value for outcome in _OUTCOMES]))
    @click.option("--evidence", required=True, help="Where it can be seen.")
    @click.option("--receipt", help="M-Pesa's, for one that was paid.")
    @acting_as
    @plainly
    def propose(
        withdrawal_id: int, outcome: str, evidence: str, receipt: str | None, email: str
    ) -> None:
        """Say what became of a withdrawal; another admin must approve."""
        in_transaction(
            database,
            lambda c: propose_withdrawal_outcome(
                c,
                withdrawal_id=withdrawal_id,
                outcome=DecisionOutcome(outcome),
                evidence=evidence,
                receipt=receipt,
                by=find_admin(c, email=email),
            ),
        )
        say(f"Withdrawal {withdrawal_id}: {outcome} proposed. Another admin must approve it.")

    @withdrawal.command()
    @click.argument("withdrawal_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def approve(withdrawal_id: int, email: str) -> None:
        """Agree to what another admin proposed, and do it."""
        made = in_transaction(
            database,
            lambda c: decide_withdrawal(
                c, withdrawal_id=withdrawal_id, by=find_admin(c, email=email)
            ),
        )
        say(
            f"Withdrawal {withdrawal_id} is {made.outcome}, as {made.proposed_by} proposed:"
            f" {made.evidence}"
        )

    @withdrawal.command()
    @click.argument("withdrawal_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def cancel(withdrawal_id: int, email: str) -> None:
        """Take the open proposal back, so that another can be made."""
        in_transaction(
            database,
            lambda c: cancel_proposal(
                c, withdrawal_id=withdrawal_id, by=find_admin(c, email=email)
            ),
        )
        say(f"Withdrawal {withdrawal_id}: the proposal is taken back.")


def _as_dict(listed: ListedWithdrawal) -> dict[str, object]:
    one = listed.withdrawal
    return {
        "id": one.id,
        "phone": listed.phone,
        "ref": one.reference,
        "state": one.state.value,
        "amount_cents": one.amount.cents,
        "fee_cents": one.fee.cents,
        "tax_cents": one.tax.cents,
        "receipt": one.receipt,
        "result_code": one.result_code,
        "review": one.review,
        "requested_at": iso(one.requested_at),
        "sent_at": iso(one.sent_at),
    }


def _show(found: list[ListedWithdrawal]) -> None:
    show_table(
        ("ID", "Phone", "Ref", "Amount", "State", "Receipt", "Review"),
        [
            (
                one.withdrawal.id,
                one.phone,
                one.withdrawal.reference,
                one.withdrawal.amount,
                one.withdrawal.state.value,
                one.withdrawal.receipt or "",
                one.withdrawal.review or "",
            )
            for one in found
        ],
    )
