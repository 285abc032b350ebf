"""Statements at the command line: imported, pulled, and what they do not agree on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from redis import Redis

from core.database import in_transaction, now
from core.money import kes
from core.settings import Settings
from core.staff.records import Role
from payments.mpesa.access import Access
from tests.admin.operator import MISUSED, Operator
from tests.payments.daraja import Daraja
from tests.payments.pull_api import PullApi, kept
from tests.world import World

PHONE = "+254712345678"
FINN = "finn@kibeezy.test"
BY = f"--by {FINN}"
OLIVE = "olive@kibeezy.test"
SECOND = f"--by {OLIVE}"
COLUMNS = (
    "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Other Party Info,"
    "A/C No.\n"
)
PAID = (
    'SKN4AB12CB,{day} 08:00:00,Pay Bill from 2547******678 - W K,Completed,"1,250.00",,'
    "2547******678 - W K,0712345678\n"
)
UNASKED = (
    "SKN4AB12CC,{day} 09:00:00,Business Payment to 2547******678 - W K,Completed,,-200.00,"
    "2547******678 - W K,\n"
)


@pytest.fixture
def api(settings: Settings, redis_client: Redis) -> Iterator[PullApi]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        api = PullApi(Daraja(wire))
        # What a command says of a new token stands beside what it was asked for.
        Access(settings=settings, redis_client=redis_client).token()
        yield api


@pytest.fixture(autouse=True)
def _people(world: World) -> None:
    world.has_admin(FINN, Role.FINANCE)
    world.has_admin(OLIVE, Role.OWNER)
    world.has_player(PHONE)


def write(world: World, folder: Path, *rows: str, head: str = "") -> Path:
    """A statement of yesterday."""
    world.moves(days=1)
    day = f"{in_transaction(world.database, now):%d-%m-%Y}"
    world.moves(days=1)
    path = folder / "statement.csv"
    path.write_text(head + COLUMNS + "".join(row.format(day=day) for row in rows))
    return path


def test_a_file_is_imported_matched_and_may_be_imported_again(
    operator: Operator, world: World, tmp_path: Path
) -> None:
    path = write(world, tmp_path, PAID, UNASKED)
    read, waits = operator.types(f"statement import {path} --money in {BY}").splitlines()
    assert read == "M-Pesa's statement has 2 lines, 2 of them new."
    assert waits == (
        "Nothing counts before another admin has read `statement lines 1` and approves import 1."
    )
    assert [
        (line["kind"], line["amount_cents"], line["known"])
        for line in operator.reads("statement lines 1 --json")
    ] == [("paid_in", 125_000, False), ("paid_out", 20_000, False)]
    assert world.wallet(PHONE) == kes(0)
    assert "Another admin than the one who imported it" in operator.is_refused(
        f"statement approve 1 {BY}"
    )
    [waiting] = operator.reads("statement imports --json")
    assert (waiting["by"], waiting["paid_in_cents"]) == (FINN, 125_000)
    counts, held = operator.types(f"statement approve 1 {SECOND}").splitlines()
    assert counts == f"Import 1 of {FINN} counts: 2 lines, KES 1,250 in, KES 200 out."
    assert held == "Held 2 lines against the books: 1 explained, 1 not."
    assert operator.types("statement imports") == "No import waits.\n"
    paid_in, paid_out = operator.reads("statement lines 1 --json")[::-1]
    assert (paid_in["known"], paid_out["known"]) == (True, False)
    assert "There is no import 2." in operator.is_refused("statement lines 2")
    assert world.wallet(PHONE) == kes(1250)
    again = operator.types(f"statement import {path} --money in {BY}")
    assert again.startswith("M-Pesa's statement has 2 lines, 0 of them new.")
    assert world.wallet(PHONE) == kes(1250)


def test_breaks_are_listed_for_people_and_for_programs(
    operator: Operator, world: World, tmp_path: Path
) -> None:
    assert operator.types("statement breaks") == "No breaks.\n"
    path = write(world, tmp_path, UNASKED)
    operator.types(f"statement import {path} --money out {BY}")
    operator.types(f"statement approve 1 {SECOND}")
    sentence, total = operator.types("statement breaks --since 7d").splitlines()
    assert sentence.startswith("SKN4AB12CC, KES 200 of ")
    assert "not in our books: paid out, no withdrawals in doubt fit" in sentence
    assert total == "1 breaks."
    [found] = operator.reads("statement breaks --json")
    assert found["kind"] == "not in our books"
    assert (found["receipt"], found["amount_cents"]) == ("SKN4AB12CC", 20_000)
    assert found["at"].endswith("+03:00")


def test_a_file_that_cannot_be_read_wholly_is_not_imported(
    operator: Operator, world: World, tmp_path: Path
) -> None:
    path = write(world, tmp_path, PAID, UNASKED.replace("-200.00", "-2x0.00"))
    fault = operator.is_refused(f"statement import {path} --money in {BY}")
    assert fault == (
        "Error: Line 3 of the statement: '-2x0.00' is no amount. Nothing was imported."
    )
    assert world.count("statement_line") == 0
    assert world.wallet(PHONE) == kes(0)


def test_a_statement_of_another_short_code_is_not_ours(
    operator: Operator, world: World, tmp_path: Path
) -> None:
    path = write(world, tmp_path, PAID, head="Short Code:,999999\n")
    fault = operator.is_refused(f"statement import {path} --money in {BY}")
    assert "short code 999999, which is not ours" in fault
    assert world.wallet(PHONE) == kes(0)
    ours = write(world, tmp_path, PAID, head="Short Code:,174379\n")
    operator.types(f"statement import {ours} --money in {BY}")
    operator.types(f"statement approve 1 {SECOND}")
    assert world.wallet(PHONE) == kes(1250)


def test_what_a_file_covers_can_be_said(operator: Operator, world: World, tmp_path: Path) -> None:
    path = write(world, tmp_path, PAID)
    covers = "--from 2026-11-01T00:00+03:00 --to 2026-11-02T00:00+03:00"
    operator.types(f"statement import {path} --money in {BY} {covers}")
    with world.database.connect() as connection:
        query = "SELECT extract(hour FROM covers_to - covers_from) FROM statement_import"
        assert connection.exec_driver_sql(query).scalar_one() in {0, 24}
    for wrong in ("yesterday", "2026-11-01", "2026-11-01T00:00"):
        fault = operator.is_refused(f"statement import {path} --money in {BY} --from {wrong}")
        assert "like 2026-12-31T18:00+03:00" in fault


@pytest.mark.parametrize("command", ["import {path} --money in", "pull", "register 0712345678"])
def test_only_who_looks_after_money_may(
    operator: Operator, world: World, tmp_path: Path, command: str
) -> None:
    world.has_admin("sue@kibeezy.test", Role.SUPPORT)
    path = write(world, tmp_path, PAID)
    line = f"statement {command.format(path=path)} --by sue@kibeezy.test"
    assert "role support may not do that" in operator.is_refused(line)
    assert world.count("statement_import") == 0


def test_pulling_credits_what_was_never_heard_of(
    operator: Operator, world: World, api: PullApi
) -> None:
    moment = in_transaction(world.database, now)
    api.rows = [kept("SKP0000001", kes(300), moment, billreference=PHONE)]
    said = operator.types(f"statement pull --hours 2 {BY}")
    assert said.startswith("M-Pesa's statement has 1 lines, 1 of them new.")
    assert world.wallet(PHONE) == kes(300)
    operator.is_refused(f"statement pull --hours 49 {BY}", status=MISUSED)


def test_where_nothing_can_be_pulled_it_is_said(operator: Operator, api: PullApi) -> None:
    api.first.append((500, "<html>"))
    fault = operator.is_refused(f"statement pull {BY}")
    assert fault == "Error: M-Pesa gave no statement (http_500). What came before still counts."


def test_registering_for_the_pull(operator: Operator, api: PullApi) -> None:
    operator.types(f"statement register 0712345678 {BY}")
    assert api.registered[0]["NominatedNumber"] == "254712345678"


def test_reconcile_pulls_matches_and_lists_the_breaks_with_status_0(
    operator: Operator, world: World, api: PullApi
) -> None:
    moment = in_transaction(world.database, now)
    api.rows = [
        kept("SKP0000001", kes(300), moment, billreference=PHONE),
        kept("SKP0000002", kes(70), moment, transactiontype="reversal"),
    ]
    *_asked, pulled, held, sentence, total = operator.types("reconcile").splitlines()
    assert pulled == "M-Pesa's statement has 2 lines, 2 of them new."
    assert held == "Held 2 lines against the books: 1 explained, 1 not."
    assert sentence.startswith("SKP0000002, KES 70 of ")
    assert total == "1 breaks."
    assert world.wallet(PHONE) == kes(300)
