"""Speaks to Pull Transactions: customers' payments of the last 48 hours (daraja.md §5.6).

The list lies in a list (official sample), or is one list (SDKs); `1001` or "[[]]" means that
there is none. A moment without a zone is East African Time.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from redis import Redis

from core.clock import in_nairobi
from core.settings import Settings
from core.statements.lines import Line, LineKind
from payments.mpesa.access import Access
from payments.mpesa.fields import spell
from payments.mpesa.statement_cells import (
    Unreadable,
    account_of,
    amount_of,
    masked_party,
    moment_of,
    receipt_of,
    title_of,
)
from payments.mpesa.wire import PaymentUnknown, Wire

FURTHEST_BACK: Final = timedelta(hours=48)
FOUND: Final = "1000"
NONE: Final = "1001"
# Registering is done once; a second time is answered with "1001", already registered (official).
REGISTERED: Final = frozenset({"1000", "1001"})
_MOST_PAGES: Final = 1000
_LISTS: Final = ("Response", "Transactions", "response", "transactions")


class Pull:
    """What was paid to the paybill, as the provider keeps it; every page is one try."""

    def __init__(self, *, short_code: str, wire: Wire) -> None:
        self._short_code = short_code
        self._wire = wire

    def register(self, *, nominated: str, callback_url: str) -> None:
        """Have payments kept for pulling; once for good, a repeat is harmless.

        `nominated` is the phone that the short code's owner gave to Safaricom. Raises
        PaymentRefused or PaymentUnknown.
        """
        answer = self._wire.call(
            "/pulltransactions/v1/register",
            {
                "ShortCode": self._short_code,
                "RequestType": "Pull",
                "NominatedNumber": nominated.removeprefix("+"),
                "CallBackURL": callback_url,
            },
        )
        status = spell(answer.get("ResponseStatus") or answer.get("ResponseCode"))
        if status not in REGISTERED:
            raise PaymentUnknown(code=f"response status {status}")

    def payments(self, *, since: datetime, until: datetime) -> list[Line]:
        """Every payment between two moments, of which the first is 48 hours ago at most.

        Asks for rows from an offset on until nothing new comes. Raises PaymentRefused or
        PaymentUnknown where any page cannot be had, or read wholly, or where there is no end.
        """
        lines: list[Line] = []
        known: set[str] = set()
        for _page in range(_MOST_PAGES):
            page = self._page(since, until, offset=len(lines))
            fresh = {line.receipt for line in page} - known
            if not fresh:
                # The offset counts rows (official). Were it ignored, the same page would come.
                return lines
            lines += page
            known |= fresh
        raise PaymentUnknown(code="too_many_pages")

    def _page(self, since: datetime, until: datetime, *, offset: int) -> tuple[Line, ...]:
        answer = self._wire.call(
            "/pulltransactions/v1/query",
            {
                "ShortCode": self._short_code,
                "StartDate": _spell_moment(since),
                "EndDate": _spell_moment(until),
                "OffSetValue": str(offset),
            },
        )
        try:
            return _read_page(answer)
        except Unreadable as error:
            raise PaymentUnknown(code=str(error)) from None


def open_pull(*, settings: Settings, redis_client: Redis) -> Pull:
    """The client of worker and command line; connects on first use."""
    access = Access(settings=settings, redis_client=redis_client)
    wire = Wire(settings=settings, access=access)
    return Pull(short_code=settings.mpesa_shortcode, wire=wire)


def _read_page(answer: Mapping[str, object]) -> tuple[Line, ...]:
    """The payments of one answer. Raises Unreadable where it cannot be read wholly."""
    code = spell(answer.get("ResponseCode") or answer.get("ResponseStatus"))
    if code == NONE:
        return ()
    if code != FOUND:
        raise Unreadable(f"response code {code}")
    listed = next((answer[name] for name in _LISTS if name in answer), None)
    return tuple(_read(item) for item in _flat(listed))


def _spell_moment(moment: datetime) -> str:
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
