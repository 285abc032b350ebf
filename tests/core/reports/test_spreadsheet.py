"""CSV as spreadsheet programs read it: texts stay texts, numbers stay numbers."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, kes
from core.reports.document import json_chunks
from core.reports.spreadsheet import BYTE_ORDER_MARK, csv_lines, spell_cell
from core.reports.table import Cell, Part, Report

FIRST = set("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - the wide letters


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://example.com")',
        "+254712345678",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "  =1",
        "\r=1",
        "＝1",  # noqa: RUF001 - the wide letter
    ],
)
def test_what_would_be_computed_stays_a_text(text: str) -> None:
    assert spell_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["2E4567", "22E345", "2E45678901", "234567", "2DEC34", "MAY234", "3-4", "May 2027"]
)
def test_a_reference_that_looks_like_a_number_or_a_day_stays_as_it_is(text: str) -> None:
    assert spell_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["K7Q2MX", "SKN4AB12CB", "Gor Mahia", "yes", "P3f2c", "March for 2 days", "2 goals?"]
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert spell_cell(text) == text


@pytest.mark.parametrize(
    ("cell", "spelled"),
    [
        (Money(123450), "1234.50"),
        (Money(-5), "-0.05"),
        (-Money(100_000_00), "-100000.00"),
        (kes(0), "0.00"),
        (12, "12"),
        (-1, "-1"),
        (True, "yes"),
        (None, ""),
        (datetime(2026, 12, 31, 21, 0, tzinfo=UTC), "2027-01-01T00:00:00.000+03:00"),
        ({"evidence": "seen", "outcome": "yes"}, "evidence: seen; outcome: yes"),
    ],
)
def test_numbers_and_times_are_no_texts(cell: Cell, spelled: str) -> None:
    assert spell_cell(cell) == spelled


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_any_program_reads_every_text_back_and_computes_none(rows: list[list[str]]) -> None:
    written = "".join(csv_lines(Part("any", ("one", "two"), rows)))
    assert written.startswith(BYTE_ORDER_MARK)
    assert written.endswith("\r\n")
    file = io.StringIO(written.removeprefix(BYTE_ORDER_MARK), newline="")
    head, *read = csv.reader(file)
    assert head == ["one", "two"]
    for was, cells in zip(rows, read, strict=True):
        for text, cell in zip(was, cells, strict=True):
            assert cell in (text, f"'{text}")
            assert cell[:1] not in FIRST


def test_json_has_whole_cents_where_csv_has_shillings() -> None:
    part = Part("lines", ("label", "stake_kes"), [("=2+3", Money(150)), (None, None)])
    report = Report("kibeezy.test", 1, {"fee_kes": kes(3), "closed_at": None}, (part,))
    assert "".join(json_chunks(report)) == (
        "{\n"
        '  "schema": "kibeezy.test",\n'
        '  "version": 1,\n'
        '  "fee_cents": 300,\n'
        '  "closed_at": null,\n'
        '  "lines": [\n'
        '    {"label": "=2+3", "stake_cents": 150},\n'
        '    {"label": null, "stake_cents": null}\n'
        "  ]\n"
        "}\n"
    )
