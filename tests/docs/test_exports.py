"""docs/exports.md explains every column of every report, and every kind has its words."""

from core.ledger.transfer import AccountKind, TransferKind
from core.reports import (
    daily_close,
    market_events,
    market_record,
    player_statement,
    trial_balance,
    words,
)
from tests.architecture.test_tree import ROOT

COLUMNS = {
    "movements": player_statement.COLUMNS,
    "events": market_events.COLUMNS,
    "disputes": market_events.DISPUTE_COLUMNS,
    "pools": market_record.POOL_COLUMNS,
    "settlements": market_record.SETTLEMENT_COLUMNS,
    "lines": market_record.LINE_COLUMNS,
    "balances": trial_balance.COLUMNS,
    "figures": daily_close.FIGURE_COLUMNS,
    "accounts": daily_close.ACCOUNT_COLUMNS,
}


def test_every_column_is_explained_in_its_table() -> None:
    document = (ROOT / "docs" / "exports.md").read_text()
    for part, columns in COLUMNS.items():
        _before, table = document.split(f"| column of `{part}` | meaning |", 1)
        rows = [line.split("|")[1] for line in table.split("\n\n", 1)[0].splitlines() if line]
        explained = [name for row in rows for name in row.split("`")[1::2]]
        # The phone stands only in records for an owner.
        assert sorted(explained) == sorted({*columns} | ({"phone"} if part == "lines" else set()))


def test_every_kind_has_its_words() -> None:
    assert set(TransferKind) <= set(words._MOVEMENTS)
    assert set(AccountKind) <= set(words._ACCOUNTS)
