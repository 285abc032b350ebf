"""What every kind of account stands at, debits against credits, at one moment."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from core.ledger.transfer import AccountKind
from core.money import Money
from core.reports.table import BooksDiffer, Cell, Line, Part, Report
from core.reports.words import account_in_words
from core.text import _

COLUMNS: Final = ("account", "kind", "accounts", "debit_kes", "credit_kes")

# A positive balance is what we owe, a credit; a negative one what we own, a debit.
_BALANCES: Final = text(
    """
    SELECT a.kind, count(*) AS accounts,
           coalesce(-sum(s.cents) FILTER (WHERE s.cents < 0), 0) AS debit,
           coalesce(sum(s.cents) FILTER (WHERE s.cents > 0), 0) AS credit
    FROM (SELECT e.account_id, sum(e.cents) AS cents
          FROM entry e JOIN transfer t ON t.id = e.transfer_id
          WHERE t.posted_at < :as_of GROUP BY e.account_id) s
    JOIN account a ON a.id = s.account_id
    GROUP BY a.kind
    """
)


def trial_balance(connection: Connection, *, as_of: datetime) -> Report:
    """Each kind of account from what was posted before this moment, and the totals, which agree.

    Must run in a snapshot. Raises BooksDiffer where debits and credits differ.
    """
    found = {row.kind: row for row in connection.execute(_BALANCES, {"as_of": as_of})}
    kinds = [*AccountKind, *sorted(set(found) - set(AccountKind))]
    lines: list[Line] = []
    debits = credits_ = Money(0)
    for kind in kinds:
        row = found.get(kind)
        debit = Money(int(row.debit) if row else 0)
        credit = Money(int(row.credit) if row else 0)
        debits, credits_ = debits + debit, credits_ + credit
        accounts = row.accounts if row else 0
        lines.append((account_in_words(kind), str(kind), accounts, debit, credit))
    if debits != credits_:
        raise BooksDiffer(_("Debits and credits differ: look at `ledger verify`."))
    head: dict[str, Cell] = {"as_of": as_of, "debits_kes": debits, "credits_kes": credits_}
    lines.append(("Total", "total", None, debits, credits_))
    return Report("kibeezy.trial_balance", 1, head, (Part("balances", COLUMNS, lines),))
