"""The organisation's statement as the M-Pesa portal exports it, a file of comma-separated values.

The columns, "Pay Bill from … Acc. …" and DD-MM-YYYY are as in
`TezzaBusinessSolutions/MKOPA_Regression_Test_Channel`
(`Keywords/filegeneratorpkg/csvfilegenerator.groovy`, 2017). The six lines before them and the
newest-first order are as a public processor of such exports reads them ("Mpesa Statement
Processor", 2025: the fourth line is `Time Period:,From,…,To,…`, the sixth holds `Opening
Balance:` and `Closing Balance:`). Commas in sums and minus signs for what was withdrawn are in
the samples of other readers. No export of Safaricom's own was found.
"""

import csv
import io
from datetime import datetime

from simulator.config import Config
from simulator.daraja.books import OWNER, Books, Movement

COLUMNS = (
    "Receipt No.",
    "Completion Time",
    "Initiation Time",
    "Details",
    "Transaction Status",
    "Paid In",
    "Withdrawn",
    "Balance",
    "Balance Confirmed",
    "Reason Type",
    "Other Party Info",
    "Linked Transaction ID",
    "A/C No.",
)

_REASONS = {
    "stk": "Pay Bill Online",
    "c2b": "Pay Bill",
    "b2c": "Business Payment to Customer via API",
    "charge": "Business Payment to Customer Charge",
    "reversal": "Pay Bill Reversal via API",
}
_PAYS_IN = frozenset({"stk", "c2b"})


def statement(books: Books, *, config: Config, since: datetime, until: datetime) -> str:
    """Return the statement of all accounts together, newest first, from a moment to another.

    A charge stands on a line of its own, under a receipt of its own, linked to its payment.
    """
    balance = books.closing_balance()
    rows: list[list[str]] = []
    closing = opening = balance
    for movement in reversed(books.everything()):
        before = balance - _signed(movement)
        if movement.at > until:
            closing = opening = before
        elif movement.at >= since:
            rows.append(_row(movement, balance=balance))
            opening = before
        balance = before
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(_preamble(config, since, until, opening=opening, closing=closing))
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()


def _preamble(
    config: Config, since: datetime, until: datetime, *, opening: int, closing: int
) -> list[list[str]]:
    return [
        ["Account Holder:", config.at_sender_id],
        ["Short Code:", config.mpesa_shortcode],
        ["Account:", "All Accounts"],
        ["Time Period:", "From", _moment(since), "To", _moment(until)],
        ["Operator:", config.mpesa_initiator_name],
        ["Opening Balance:", f"{opening}.00", "Closing Balance:", f"{closing}.00"],
    ]


def _row(movement: Movement, *, balance: int) -> list[str]:
    amount = _sum(_signed(movement))
    pays_in = movement.kind in _PAYS_IN
    moment = _moment(movement.at)
    party = "" if movement.kind == "charge" else _party(movement.phone)
    return [
        movement.receipt,
        moment,
        moment,
        _details(movement),
        "Completed",
        amount if pays_in else "",
        "" if pays_in else amount,
        _sum(balance),
        "true",
        _REASONS[movement.kind],
        party,
        movement.linked_receipt or "",
        movement.account_reference or "",
    ]


def _details(movement: Movement) -> str:
    match movement.kind:
        case "stk" | "c2b":
            return f"Pay Bill from {_party(movement.phone)} Acc. {movement.account_reference}"
        case "b2c":
            return f"Business Payment to Customer to {_party(movement.phone)}"
        case "reversal":
            return f"Reversal of {movement.linked_receipt}"
        case "charge":
            return "Business Payment to Customer Charge"


def _signed(movement: Movement) -> int:
    return movement.amount if movement.kind in _PAYS_IN else -movement.amount


def _party(phone: str) -> str:
    number = phone.removeprefix("+")
    return f"{number[:4]}******{number[-3:]} - {OWNER}"


def _sum(amount: int) -> str:
    return f"{amount:,}.00"


def _moment(moment: datetime) -> str:
    return f"{moment:%d-%m-%Y %H:%M:%S}"
