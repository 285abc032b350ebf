"""The same statement, an overlapping one, and one that says something else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.database import in_transaction
from core.money import kes
from core.staff.records import NotAllowed, Role
from core.statements.import_statement import import_statement
from core.statements.lines import EmptyPeriod, Flow, LineKind, Source
from tests.core.statements.office import Office
from tests.world import World


def test_an_overlapping_statement_adds_only_what_is_new(office: Office) -> None:
    lines = [office.paid_in(kes(n)) for n in range(100, 105)]
    assert office.imports(*lines[:3]).n_new == 3
    assert office.imports(*lines[:3]).n_new == 0
    again = office.imports(*lines[1:])
    assert (again.n_lines, again.n_new) == (4, 2)
    assert office.world.count("statement_line") == 5
    assert office.column("SELECT n_new FROM statement_import ORDER BY id") == [3, 0, 2]


def test_a_line_that_stands_twice_in_a_file_is_one(office: Office) -> None:
    line = office.paid_in(kes(100))
    assert office.imports(line, line).n_new == 1
    assert office.breaks()[0].why == "paid in, not looked at yet"


def test_a_payment_and_its_charge_may_have_one_receipt(office: Office) -> None:
    line = office.paid_in(kes(100))
    charge = replace(line, kind=LineKind.CHARGE, amount=kes(5))
    assert office.imports(line, charge).n_new == 2


def test_more_lines_than_one_statement_of_sql_takes_are_all_kept(office: Office) -> None:
    lines = [office.paid_in(kes(1), kind=LineKind.OTHER) for _ in range(2_500)]
    assert office.imports(*lines).n_new == 2_500
    assert office.matches().explained == 2_500


@pytest.mark.parametrize("together", [True, False])
def test_another_amount_for_a_known_receipt_is_a_break_and_moves_nothing(
    office: Office, *, together: bool
) -> None:
    line = office.paid_in(kes(100), account="nobody")
    altered = replace(line, amount=kes(900))
    if together:
        office.imports(line, altered)
    else:
        office.imports(line)
        office.imports(altered)
    assert office.matches().explained == 0
    assert office.states_of_paybill() == []
    [found] = office.breaks()
    assert (found.kind, found.amount) == ("differs", kes(100))
    assert found.why == "paid in, and another statement says KES 900"


def test_another_amount_after_the_match_is_a_break_as_well(office: Office) -> None:
    line = office.paid_in(kes(100), account="nobody")
    office.explains(line)
    assert office.breaks() == []
    office.explains(replace(line, amount=kes(900)))
    assert office.why() == ["paid in, and another statement says KES 900"]
    assert office.states_of_paybill() == ["suspense"]


def test_lines_are_kept_oldest_first_whatever_their_order(office: Office) -> None:
    early, late = office.paid_in(kes(1)), office.paid_in(kes(2))
    early = replace(early, completed_at=late.completed_at - timedelta(hours=1))
    office.imports(late, early)
    assert office.column("SELECT receipt FROM statement_line ORDER BY id") == [
        early.receipt,
        late.receipt,
    ]


def test_nothing_is_covered_that_is_still_to_come(office: Office) -> None:
    until = office.now + timedelta(hours=5)
    _import(office, since=timedelta(hours=1), hours_ahead=5)
    [covered] = office.column("SELECT covers_to FROM statement_import")
    assert covered < until - timedelta(hours=4)
    with pytest.raises(EmptyPeriod):
        _import(office, since=timedelta(hours=-1), hours_ahead=5)


@pytest.mark.parametrize("role", [Role.RESOLVER, Role.SUPPORT, Role.VIEWER])
def test_only_who_looks_after_money_imports(office: Office, world: World, role: Role) -> None:
    with pytest.raises(NotAllowed):
        _import(office, since=timedelta(hours=1), hours_ahead=0, role=role)
    assert world.count("statement_import") == 0


def _import(
    office: Office, *, since: timedelta, hours_ahead: int, role: Role = Role.FINANCE
) -> None:
    by = office.world.has_admin(f"{role}-{hours_ahead}-{since.days}@kibeezy.test", role)
    moment = office.now
    in_transaction(
        office.world.database,
        lambda c: import_statement(
            c,
            source=Source.CSV,
            money=Flow.IN,
            covers_from=moment - since,
            covers_to=moment + timedelta(hours=hours_ahead),
            lines=[],
            by=by,
        ),
    )
