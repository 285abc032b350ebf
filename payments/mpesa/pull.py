"""Reads what Pull Transactions answers: customers' payments of the last 48 hours (daraja.md §5.6).

The list lies in a list (official sample), or is one list (SDKs); `1001` or "[[]]" means that
there is none. A moment without a zone is East African Time.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from core.clock import in_nairobi
from core.statements.lines import Line, LineKind
from payments.mpesa.results import spell
from payments.mpesa.statement_cells import (
    Unreadable,
    account_of,
    amount_of,
    masked_party,
    moment_of,
    receipt_of,
    title_of,
)

FURTHEST_BACK: Final = timedelta(hours=48)
FOUND: Final = "1000"
NONE: Final = "1001"
# Registering is done once; a second time is answered with "1001", already registered (official).
REGISTERED: Final = frozenset({"1000", "1001"})
_LISTS: Final = ("Response", "Transactions", "response", "transactions")


def read_page(answer: Mapping[str, object]) -> tuple[Line, ...]:
    """The payments of one answer. Raises Unreadable where it cannot be read wholly."""
    code = spell(answer.get("ResponseCode") or answer.get("ResponseStatus"))
    if code == NONE:
        return ()
    if code != FOUND:
        raise Unreadable(f"response code {code}")
    listed = next((answer[name] for name in _LISTS if name in answer), None)
    return tuple(_read(item) for item in _flat(listed))


def all_pages(fetch: Callable[[int], tuple[Line, ...]]) -> list[Line]:
    """Every payment, by asking for rows from an offset on until nothing new comes.

    The official page says that the offset counts rows; where one is ignored, the same page comes
    again and is the last.
    """
    lines: list[Line] = []
    known: set[str] = set()
    while page := fetch(len(lines)):
        fresh = [line for line in page if line.receipt not in known]
        if not fresh:
            break
        lines += page
        known |= {line.receipt for line in page}
    return lines


def spell_moment(moment: datetime) -> str:
    """A moment as the API wants it, in East African Time."""
    return f"{in_nairobi(moment):%Y-%m-%d %H:%M:%S}"


def _flat(listed: object) -> Iterator[Mapping[str, object]]:
    match listed:
        case dict():
            yield listed
        case list():
            for inner in listed:
                yield from _flat(inner)
        case None | "" | "[]" | "[[]]":
            return
        case _:
            raise Unreadable("the list of payments is none")


def _read(item: Mapping[str, object]) -> Line:
    cells = {name.casefold(): _cell(value) for name, value in item.items()}
    title = cells.get("transactiontype", "")
    is_reversal = "revers" in title.casefold()
    amount = amount_of(cells.get("amount", ""))
    if amount.cents <= 0:
        raise Unreadable("a payment without an amount")
    return Line(
        receipt=receipt_of(cells.get("transactionid", "")),
        kind=LineKind.REVERSAL if is_reversal else LineKind.PAID_IN,
        amount=amount,
        completed_at=moment_of(cells.get("trxdate", "")),
        account=account_of(cells.get("billreference", ""), ""),
        party=masked_party(cells.get("msisdn", "")),
        details=title_of(title, "") or None,
    )


def _cell(value: object) -> str:
    """Amounts and phones come as numbers and as strings."""
    if isinstance(value, float):
        return f"{value:.2f}"
    return spell(value) or ""
