"""A file is the word of who brings it, so a second person vouches before it moves money."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.errors import NoSuchThing
from core.money import kes
from core.staff.records import Admin, NotAllowed, Role
from core.staff.rules import SameAdmin
from core.staff.still_active import ProposerGone
from core.statements.approve_import import ApprovedBefore
from core.statements.lines import Source
from tests.core.staff.leaving import WAYS, Leaving
from tests.core.statements.office import Office
from tests.world import World

WANJIRU = "+254712345678"


@pytest.fixture
def finn(world: World) -> Admin:
    world.has_player(WANJIRU)
    return world.has_admin("finn@kibeezy.test", Role.FINANCE)


@pytest.fixture
def olive(world: World) -> Admin:
    return world.has_admin("olive@kibeezy.test", Role.OWNER)


def test_a_file_moves_nothing_before_another_admin_approves(
    office: Office, finn: Admin, olive: Admin
) -> None:
    line = office.paid_in(kes(500), account=WANJIRU)
    brought = office.imports(line, source=Source.CSV, by=finn)
    office.matches()
    assert office.world.wallet(WANJIRU) == kes(0)
    assert office.breaks() == []
    with pytest.raises(SameAdmin):
        office.approves(brought, by=finn)
    office.approves(brought, by=olive)
    office.matches()
    assert office.world.wallet(WANJIRU) == kes(500)
    with pytest.raises(ApprovedBefore):
        office.approves(brought, by=olive)


@pytest.mark.parametrize("leaves", WAYS)
def test_a_file_of_who_left_is_imported_anew(
    office: Office, finn: Admin, olive: Admin, leaves: Leaving
) -> None:
    line = office.paid_in(kes(500), account=WANJIRU)
    brought = office.imports(line, source=Source.CSV, by=finn)
    leaves(office.world, finn)
    with pytest.raises(ProposerGone):
        office.approves(brought, by=olive)
    third = office.world.has_admin("third@kibeezy.test", Role.FINANCE)
    office.approves(office.imports(line, source=Source.CSV, by=third), by=olive)
    office.matches()
    assert office.world.wallet(WANJIRU) == kes(500)


def test_what_m_pesa_itself_tells_takes_over_a_file_that_nobody_approved(
    office: Office, finn: Admin, olive: Admin
) -> None:
    line = office.paid_in(kes(500), account=WANJIRU)
    forged = office.imports(replace(line, amount=kes(9_000)), source=Source.CSV, by=finn)
    pulled = office.imports(line)
    assert pulled.n_new == 1
    office.matches()
    assert office.world.wallet(WANJIRU) == kes(500)
    with pytest.raises(NoSuchThing):
        office.approves(forged, by=olive)


@pytest.mark.parametrize("source", Source)
def test_a_file_that_nobody_approved_stops_no_line_that_counts(
    office: Office, finn: Admin, olive: Admin, source: Source
) -> None:
    line = office.paid_in(kes(500), account=WANJIRU)
    known = office.imports(line, source=source, by=finn)
    if source is Source.CSV:
        office.approves(known, by=olive)
    other = office.imports(replace(line, amount=kes(9_000)), source=Source.CSV, by=finn)
    office.matches()
    assert office.world.wallet(WANJIRU) == kes(500)
    assert office.breaks() == []
    office.approves(other, by=olive)
    assert office.why() == ["paid in, and another statement says KES 9,000"]


def test_a_file_that_was_approved_stops_the_line_that_it_has_otherwise(
    office: Office, finn: Admin, olive: Admin
) -> None:
    line = office.paid_in(kes(500), account=WANJIRU)
    office.imports(line)
    other = office.imports(replace(line, amount=kes(9_000)), source=Source.CSV, by=finn)
    office.approves(other, by=olive)
    office.matches()
    assert office.world.wallet(WANJIRU) == kes(0), "two amounts: nobody knows which is right"
    assert len(office.breaks()) == 1


def test_a_line_taken_over_leaves_what_the_file_said_against_it(
    office: Office, finn: Admin
) -> None:
    line = office.paid_in(kes(500), account=WANJIRU)
    twice = (line, replace(line, amount=kes(9_000)))
    office.imports(*twice, source=Source.CSV, by=finn)
    office.imports(line)
    office.matches()
    assert office.world.wallet(WANJIRU) == kes(500)
    assert office.breaks() == []


@pytest.mark.parametrize("role", [Role.RESOLVER, Role.SUPPORT, Role.VIEWER])
def test_only_who_looks_after_money_approves(office: Office, finn: Admin, role: Role) -> None:
    line = office.paid_in(kes(500), account=WANJIRU)
    brought = office.imports(line, source=Source.CSV, by=finn)
    with pytest.raises(NotAllowed):
        office.approves(brought, by=office.world.has_admin("other@kibeezy.test", role))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statement_import SET approved_by = imported_by, approved_at = kibeezy_now()",
        "UPDATE statement_import SET source = 'pull'",
        (
            "INSERT INTO statement_import (source, money, covers_from, covers_to, n_lines, n_new)"
            " VALUES ('csv', 'in', now() - interval '1 day', now(), 1, 1)"
        ),
    ],
)
def test_the_database_refuses_a_single_person_too(office: Office, finn: Admin, change: str) -> None:
    office.imports(office.paid_in(kes(500), account=WANJIRU), source=Source.CSV, by=finn)
    with pytest.raises(DBAPIError), office.world.database.begin() as connection:
        connection.execute(text(change))
