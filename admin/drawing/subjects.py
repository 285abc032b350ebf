"""What alarms and the trail are about, as the page that shows it."""

from typing import Any, Final, NamedTuple

_PAGES: Final = {
    "deposit": ("admin.deposit", "deposit_id"),
    "withdrawal": ("admin.withdrawal", "withdrawal_id"),
    "paybill": ("admin.paybill_payment", "payment_id"),
    "market": ("admin.market", "market_id"),
    "player": ("admin.player", "player_id"),
    "sms": ("admin.message", "sms_id"),
    "admin": ("admin.staff_member", "admin_id"),
}


class Shown(NamedTuple):
    """Words for a subject, and the page with the arguments of its path; no page where none is."""

    words: str
    page: str
    path: dict[str, Any]


def shown(subject: str) -> Shown:
    """`deposit:12` as "deposit 12" and its page."""
    kind, _, rest = subject.partition(":")
    number = rest.split(":")[0]
    if kind in _PAGES and number.isascii() and number.isdigit():
        page, argument = _PAGES[kind]
        return Shown(f"{kind} {number}", page, {argument: int(number)})
    return Shown(subject.replace(":", " "), "", {})
