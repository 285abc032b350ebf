"""The portal's files, read wholly or not at all.

The files are made by hand, in the form of public samples: see the reader's docstring.
"""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import NAIROBI
from core.money import Money, kes
from core.statements.lines import Line, LineKind, UnreadableStatement
from core.text import Language
from payments.mpesa import statement_csv
from payments.mpesa.statement_csv import read_statement

FILES = Path(__file__).parent / "statements"
PORTAL = (FILES / "portal.csv").read_bytes()
COLUMNS = b"Receipt No.,Completion Time,Transaction Status,Paid In,Withdrawn"


def on(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=NAIROBI)


def test_the_portal_s_statement() -> None:
    found = read_statement(PORTAL)
    assert found.short_code == "174379"
    assert (found.covers_from, found.covers_to) == (on(23, 0), on(24, 0))
    settled, reversed_, charge, paid, pushed = found.lines
    assert (settled.kind, settled.amount) == (LineKind.OTHER, kes(1_000_000))
    assert (reversed_.kind, reversed_.linked_receipt) == (LineKind.REVERSAL, "SKN3AB12CA")
    assert (charge.kind, charge.amount) == (LineKind.CHARGE, kes(5))
    assert paid == Line(
        receipt="SKN4AB12CB",
        kind=LineKind.PAID_IN,
        amount=Money(125_000_050),
        completed_at=on(23, 12),
        account="0712 345 678",
        party="2547*****678",
        details="Pay Bill",
    )
    assert (pushed.receipt, pushed.account) == ("SKN3AB12CA", "KB7QA2ZT")
    assert (pushed.party, pushed.completed_at) == ("2547*****126", on(23, 10, 15, 30))


def test_payouts_their_charges_and_the_float_s_own_movements() -> None:
    found = read_statement((FILES / "payouts.csv").read_bytes())
    assert found.short_code is None
    assert (found.covers_from, found.covers_to) == (on(23, 10, 15, 30), on(23, 13, 0, 1))
    assert [(line.kind, line.amount) for line in found.lines] == [
        (LineKind.PAID_OUT, kes(200)),
        (LineKind.CHARGE, kes(5)),
        (LineKind.PAID_OUT, kes(300)),
        (LineKind.OTHER, kes(100_000)),
    ]
    assert [line.party for line in found.lines] == ["2547******126", None, "2547*****212", None]
    assert found.lines[2].completed_at == on(23, 12)


def test_the_form_of_2017() -> None:
    [line] = read_statement((FILES / "of_2017.csv").read_bytes()).lines
    assert (line.kind, line.amount, line.account) == (LineKind.PAID_IN, kes(100), "10203040")
    assert line.completed_at == datetime(2017, 4, 20, 15, 50, tzinfo=NAIROBI)


def test_what_a_payer_typed_does_not_decide_what_a_line_is() -> None:
    found = read_statement((FILES / "few_columns.csv").read_bytes())
    first, hostile, charge = found.lines
    assert (first.kind, first.account) == (LineKind.PAID_IN, "NA20260001")
    assert (hostile.kind, hostile.account) == (LineKind.PAID_IN, "reversal charge")
    assert charge.kind is LineKind.CHARGE


def test_no_name_and_no_whole_phone_is_kept() -> None:
    for line in read_statement(PORTAL).lines:
        kept = f"{line.party} {line.details}"
        assert "254712345678" not in kept
        for name in ("WANJIRU", "JOHN", "NICHOLAS"):
            assert name not in kept


@pytest.mark.parametrize(
    ("broken", "line", "why"),
    [
        (PORTAL.replace(b'"1,250,000.50"', b"1,250,000.50"), 14, "it has 15 cells, the table 13"),
        (PORTAL.replace(b'"1,250,000.50"', b'"1,25,0000"'), 14, "'1,25,0000' is no amount"),
        (PORTAL.replace(b"-50.00", b"-50.005"), 12, "'-50.005' is no amount"),
        (PORTAL.replace(b"Completed,50.00,", b"Completed,-50.00,"), 15, "either paid in or"),
        (PORTAL.replace(b"Completed,,-50.00", b"Completed,5.00,-50.00"), 12, "either paid in or"),
        (PORTAL.replace(b"SKN4AB12CB,23", b"SKN4 B12CB,23"), 14, "'SKN4 B12CB' is no receipt"),
        (PORTAL.replace(b"23-11-2026 16:00:00,23", b"31-11-2026 16:00:00,23"), 12, "is no time"),
        (PORTAL.replace(b"23-11-2026 16:00:00,23", b"16:00:00,23"), 12, "'16:00:00' is no time"),
        (PORTAL.replace(b"Reversal of SKN3AB12CA,Completed", b"x,Complet"), 12, "is no status"),
        (PORTAL.replace(b"NICHOLAS", b"NICHOL\xe9S"), 15, "it is not UTF-8"),
        (PORTAL.replace(b'"1,509.50"', b'"1,509.50" x'), 15, "',' expected after '\"'"),
        (PORTAL[:-40], 15, "it has 10 cells, the table 13"),
        (PORTAL.replace(b"24-11-2026 00", b"22-11-2026 00"), 4, "ends before it begins"),
        (PORTAL.replace(b"Paid In", b"Paid"), 15, "the file ends before any table"),
        (b"PK\x03\x04 a spreadsheet", 2, "the file ends before any table"),
        (b"", 1, "the file ends before any table"),
        (b"a,b\n" * 40, 30, "no table has begun"),
        (COLUMNS, 1, "neither lines nor a period"),
        (COLUMNS + b'\nSKN4AB12CB,23-11-2026 16:00:00,"Completed', 2, "unexpected end of data"),
    ],
)
def test_what_cannot_be_read_wholly_is_refused_with_its_line(
    broken: bytes, line: int, why: str
) -> None:
    with pytest.raises(UnreadableStatement) as refused:
        read_statement(broken)
    words = refused.value.text.in_(Language.ENGLISH)
    assert words.startswith(f"Line {line} of the statement: ")
    assert why in words
    assert words.endswith("Nothing was imported.")


def test_a_statement_without_lines_still_covers_its_period() -> None:
    found = read_statement(b"Time Period:,From,23-11-2026 00:00,To,24-11-2026 00:00\n" + COLUMNS)
    assert found.lines == ()
    assert found.covers_to == on(24, 0)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_csv, "LARGEST_FILE_BYTES", 100)
    with pytest.raises(UnreadableStatement):
        read_statement(PORTAL)


@given(content=st.binary(max_size=300), at=st.integers(0, len(PORTAL)))
def test_whatever_a_file_holds_is_read_or_refused(content: bytes, at: int) -> None:
    for spoilt in (content, PORTAL[:at] + content + PORTAL[at:]):
        with suppress(UnreadableStatement):
            found = read_statement(spoilt)
            assert found.covers_from < found.covers_to


@given(at=st.integers(0, len(PORTAL) - 1))
def test_a_file_that_was_cut_off_has_no_line_that_the_whole_one_has_not(at: int) -> None:
    try:
        found = read_statement(PORTAL[:at])
    except UnreadableStatement:
        return
    # Only the account in the last cell may have lost its end, and then belongs to nobody.
    whole = {(line.receipt, line.amount) for line in read_statement(PORTAL).lines}
    assert {(line.receipt, line.amount) for line in found.lines} <= whole
