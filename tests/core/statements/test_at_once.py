"""Two who import or match at the same time, and a database that goes away."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.money import kes
from core.staff.records import Role
from core.statements.approve_import import approve_import
from core.statements.lines import Source
from tests.core.deposits.purse import Purse
from tests.core.statements.office import Office

AT_ONCE = 4


def test_imports_at_once_count_each_line_once(office: Office) -> None:
    lines = [office.paid_in(kes(n)) for n in range(1, 400)]
    together = threading.Barrier(AT_ONCE)

    def work(_number: int) -> int:
        together.wait()
        return office.imports(*lines).n_new

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sorted(pool.map(work, range(AT_ONCE))) == [0, 0, 0, len(lines)]
    assert office.column("SELECT sum(n_new) FROM statement_import") == [len(lines)]


def test_no_import_takes_lines_over_from_a_file_that_is_just_being_approved(
    office: Office, purse: Purse
) -> None:
    finn = office.world.has_admin("finn@kibeezy.test", Role.FINANCE)
    olive = office.world.has_admin("olive@kibeezy.test", Role.OWNER)
    line = office.paid_in(kes(500), account=purse.phone)
    waits = office.imports(line, source=Source.CSV, by=finn)
    with ThreadPoolExecutor(1) as pool, office.world.database.connect() as connection:
        approved = approve_import(connection, import_id=waits.import_id, by=olive)
        pulled = pool.submit(office.imports, replace(line, amount=kes(900)))
        while not (pulled.done() or somebody_waits(office)):
            pass
        connection.commit()
        assert pulled.result().n_new == 0
    assert (approved.n_lines, approved.paid_in) == (1, kes(500))
    assert office.column("SELECT import_id FROM statement_line") == [waits.import_id]
    assert office.why() == ["paid in, and another statement says KES 900"]


def somebody_waits(office: Office) -> bool:
    return office.column("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)") == [True]


def test_matchers_at_once_credit_each_payment_once(office: Office, purse: Purse) -> None:
    lost = office.lost_push(purse, kes(500))
    lines = [office.paid_in(kes(10), account=purse.phone) for _ in range(20)]
    office.imports(office.paid_in(kes(500), account=lost.reference), *lines)
    together = threading.Barrier(AT_ONCE)

    def work(_number: int) -> tuple[int, int]:
        together.wait()
        matched = office.matches()
        return matched.explained, matched.failed

    with ThreadPoolExecutor(AT_ONCE) as pool:
        explained, failed = zip(*pool.map(work, range(AT_ONCE)), strict=True)
    assert (sum(explained), sum(failed)) == (21, 0)
    assert purse.money == kes(700)


def test_a_database_that_goes_away_ends_the_match_instead_of_failing_each_line(
    office: Office, purse: Purse
) -> None:
    with office.world.owner.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1);"
                " RETURN NEW; END $$;"
                " CREATE TRIGGER go_away BEFORE INSERT ON paybill_payment"
                " FOR EACH ROW EXECUTE FUNCTION go_away()"
            )
        )
    office.imports(*(office.paid_in(kes(n), account=purse.phone) for n in (1, 2)))
    with pytest.raises(DBAPIError):
        office.matches()
    with office.world.owner.begin() as connection:
        connection.execute(text("DROP TRIGGER go_away ON paybill_payment"))
    assert office.matches().explained == 2
    assert purse.money == kes(3)
