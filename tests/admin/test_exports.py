"""Statements and exports at the command line: on the screen, as CSV, as JSON, as files."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.commands.exporting import Wanted, export
from core.money import kes
from core.reports import daily_close, market_events, market_record, player_statement, trial_balance
from core.reports.spreadsheet import BYTE_ORDER_MARK
from core.reports.table import BooksDiffer, Line, Part, Report
from core.staff.records import Role
from core.text import _
from tests.admin.operator import Operator
from tests.core.reports.played_day import OTIENO, WANJIRU, PlayedDay, play_a_day
from tests.world import World

OLIVE, FINN = "olive@kibeezy.test", "finn@kibeezy.test"


@pytest.fixture
def day(world: World) -> PlayedDay:
    return play_a_day(world)


def read_csv(content: str) -> list[dict[str, str]]:
    assert content.startswith(BYTE_ORDER_MARK)
    file = io.StringIO(content.removeprefix(BYTE_ORDER_MARK), newline="")
    return list(csv.DictReader(file))


def read_file(path: Path) -> list[dict[str, str]]:
    return read_csv(path.read_bytes().decode())


def prints(operator: Operator, line: str) -> tuple[str, str]:
    """What a report prints, and the last line beside it."""
    result = operator.tries(line)
    assert result.exit_code == 0, result.output
    # As bytes, for the runner's text has other line ends.
    return result.stdout_bytes.decode(), result.stderr


def shillings(lines: list[dict[str, str]], column: str) -> float:
    return sum(float(line[column] or 0) for line in lines)


def test_a_statement_in_every_form(operator: Operator, day: PlayedDay, tmp_path: Path) -> None:
    shown = operator.types(f"player statement {WANJIRU}")
    assert "Withdrawal: held" in shown
    assert "Wanjiru Kamau" in shown

    printed, said = prints(operator, f"player statement {WANJIRU} --format csv")
    lines = read_csv(printed)
    assert tuple(lines[0]) == player_statement.COLUMNS
    moved = shillings(lines, "in_kes") - shillings(lines, "out_kes")
    assert moved == shillings(lines[-1:], "available_kes") == 560
    assert [line["label"] for line in lines if line["label"]] == ["'=2+3"] * 4
    assert lines[1]["mpesa_receipt"] == "'2E45678901"
    assert said == f"Wrote 9 lines, sha256 {hashlib.sha256(printed.encode()).hexdigest()}.\n"

    path = tmp_path / "wanjiru.json"
    said = operator.types(f"player statement {WANJIRU} --until 2999-12-31 --out {path}")
    assert said == (
        f"Wrote 9 lines to {path}, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}.\n"
    )
    told = json.loads(path.read_text())
    assert told["until"] == told["made_at"], "no balance is told of the future"
    assert (told["schema"], told["version"]) == ("kibeezy.player_statement", 1)
    assert (told["phone"], told["closing_cents"]) == (WANJIRU, 56_000)
    assert told["movements"][1]["in_cents"] == 100_000
    assert told["movements"][1]["time"].endswith("+03:00")
    assert path.stat().st_mode & 0o077 == 0, "its owner's business only"

    some = f"--since {day.day} --until {day.day}"
    assert "ends before it begins" in operator.is_refused(f"player statement {WANJIRU} {some}")


def test_a_market_is_told_to_people_and_to_a_regulator(
    operator: Operator, day: PlayedDay, tmp_path: Path
) -> None:
    shown = operator.types(f"market show {day.market_id}")
    assert "evidence: The referee's report" in shown
    assert "Settlement 1 (YES): 3 of 3 lines done (100 %), finished; paid KES 360" in shown

    printed, said = prints(operator, f"market record {day.market_id}")
    told = json.loads(printed)
    assert said.startswith("Wrote 12 lines, sha256 ")
    assert told["schema"] == "kibeezy.market_record"
    assert list(told["events"][0]) == list(market_events.COLUMNS)
    assert list(told["disputes"]) == []
    assert list(told["pools"][0]) == in_cents(market_record.POOL_COLUMNS)
    assert list(told["settlements"][0]) == in_cents(market_record.SETTLEMENT_COLUMNS)
    assert list(told["lines"][0]) == in_cents(market_record.LINE_COLUMNS)
    assert sum(line["payout_cents"] for line in told["lines"]) == 36_000
    assert WANJIRU not in printed

    said = operator.types(f"market record {day.market_id} --format csv --out {tmp_path}")
    assert [line.split(",")[0].split("/")[-1] for line in said.splitlines()] == [
        f"market-{day.market_id}-{part}.csv"
        for part in ("terms", "events", "disputes", "pools", "settlements", "lines")
    ]
    terms = {line["term"]: line["value"] for line in read_file(next(tmp_path.glob("*-terms.csv")))}
    assert terms["question"] == "'=2+3 is what Gor Mahia scores?"
    lines = read_file(next(tmp_path.glob("*-lines.csv")))
    assert tuple(lines[0]) == market_record.LINE_COLUMNS
    assert shillings(lines, "payout_kes") == 360
    events = read_file(next(tmp_path.glob("*-events.csv")))
    assert events[3]["details"] == (
        "outcome: yes; evidence: The referee's report;"
        " status_before: closed; status_after: proposed; proposed_after: yes"
    )

    one, _said = prints(operator, f"market record {day.market_id} --format csv --part pools")
    assert [line["pool_yes_kes"] for line in read_csv(one)] == ["200.00", "300.00"]
    fault = operator.is_refused(f"market record {day.market_id} --format csv")
    assert "name a --part (terms, events, disputes, pools, settlements, lines)" in fault


def test_phones_are_for_an_owner_who_signs_for_them(
    operator: Operator, world: World, day: PlayedDay
) -> None:
    world.has_admin(OLIVE, Role.OWNER)
    world.has_admin(FINN, Role.FINANCE)
    asked = f"market record {day.market_id} --with-phones"
    assert "--with-phones needs --by" in operator.is_refused(asked)
    assert "may not do that" in operator.is_refused(f"{asked} --by {FINN}")
    assert world.count("audit_event WHERE act = 'market.exported_with_phones'") == 0
    printed, _said = prints(operator, f"{asked} --by {OLIVE} --part lines")
    assert [line["phone"] for line in json.loads(printed)["lines"]] == [WANJIRU, OTIENO, WANJIRU]
    asked_csv = f"{asked} --by {OLIVE} --part lines --format csv"
    assert read_csv(prints(operator, asked_csv)[0])[0]["phone"] == f"'{WANJIRU}"
    assert world.count("audit_event WHERE act = 'market.exported_with_phones'") == 2


def test_the_books_of_a_day(operator: Operator, day: PlayedDay, tmp_path: Path) -> None:
    balance, _said = prints(operator, "ledger trial-balance --format csv")
    lines = read_csv(balance)
    assert tuple(lines[0]) == trial_balance.COLUMNS
    *accounts, total = lines
    assert shillings(accounts, "debit_kes") == shillings(accounts, "credit_kes") == 1800
    assert (total["debit_kes"], total["credit_kes"]) == ("1800.00", "1800.00")
    at_noon, _said = prints(
        operator, f"ledger trial-balance --at {day.day}T08:00+03:00 --format json"
    )
    assert json.loads(at_noon)["debits_cents"] == 0
    assert "Players: available" in operator.types(f"ledger trial-balance --at {day.day}")

    shown = operator.types(f"ledger close {day.day}")
    assert "Gross gaming revenue" in shown
    assert "1,330" in shown
    told = json.loads(prints(operator, f"ledger close {day.day} --format json")[0])
    figures = {line["name"]: line["amount_cents"] for line in told["figures"]}
    assert figures["at_mpesa"] - figures["users_money"] == figures["beyond_users_money"]
    assert list(told["figures"][0]) == in_cents(daily_close.FIGURE_COLUMNS)
    assert list(told["accounts"][0]) == in_cents(daily_close.ACCOUNT_COLUMNS)
    assert list(told["movements"][0]) == in_cents(daily_close.MOVEMENT_COLUMNS)
    operator.types(f"ledger close {day.day} --format csv --out {tmp_path}")
    assert shillings(read_file(tmp_path / f"close-{day.day}-accounts.csv"), "closing_kes") == 0


def test_a_file_is_never_overwritten_by_accident_and_never_half_there(
    operator: Operator, world: World, tmp_path: Path
) -> None:
    world.has_player(WANJIRU, balance=kes(100))
    path = tmp_path / "wanjiru.csv"
    path.write_text("what was here before")
    asked = f"player statement {WANJIRU} --out {path}"
    assert f"{path} is there already: --force overwrites it." in operator.is_refused(asked)

    def fails_in_the_middle() -> Iterator[Line]:
        yield ("one",)
        raise BooksDiffer(_("The reason"))

    part = Part("lines", ("word",), fails_in_the_middle())
    with pytest.raises(BooksDiffer):
        export(
            world.database,
            Wanted("csv", path, overwrite=True),
            lambda _connection: Report("kibeezy.test", 1, {}, (part,)),
            name="test",
        )
    assert path.read_text() == "what was here before"
    assert list(tmp_path.iterdir()) == [path]

    operator.types(f"{asked} --force")
    assert len(read_file(path)) == 3
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("player statement 0700000099", "There is no player +254700000099."),
        ("player statement 12345", "not a Kenyan mobile number"),
        ("player statement {phone} --since 31/12/2026", "Write the day like 2026-12-31."),
        ("player statement {phone} --since 20261231", "Write the day like 2026-12-31."),
        ("player statement {phone} --since 2999-01-01", "That time has not come yet."),
        ("player statement {phone} --out {folder}/no/a.csv", "There is no folder "),
        ("market record {market} --format csv --out {folder}/no", "/no: make it first."),
        ("player statement {phone} --format table --out {folder}/a", "a file is csv or json"),
        ("ledger close yesterday", "Write the day like 2026-12-31."),
        ("ledger close 2026-02-30", "Write the day like 2026-12-31."),
        ("ledger close 2999-12-31", "That time has not come yet."),
        ("ledger trial-balance --at 2999-01-01", "That time has not come yet."),
        ("ledger trial-balance --at noon", "Write the day like 2026-12-31."),
        ("ledger trial-balance --at 2026-01-01T12:00", "The time needs an offset"),
        ("market record 999", "There is no market 999."),
        ("market show 999", "There is no market 999."),
    ],
)
def test_what_cannot_be_reported_is_a_clear_line(
    operator: Operator, world: World, tmp_path: Path, command: str, fault: str
) -> None:
    world.has_player(WANJIRU)
    market = world.has_market()
    typed = command.format(phone=WANJIRU, folder=tmp_path, market=market)
    assert fault in operator.is_refused(typed)
    assert list(tmp_path.iterdir()) == []


def in_cents(columns: tuple[str, ...]) -> list[str]:
    return [
        name.removesuffix("_kes") + "_cents" if name.endswith("_kes") else name for name in columns
    ]
