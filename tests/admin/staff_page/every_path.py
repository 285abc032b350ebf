"""Where each page of the busy day is: one sample of each."""

from collections.abc import Callable
from typing import Final

from werkzeug.routing import Rule

from admin.access import Door
from tests.admin.staff_page.busy_day import BusyDay
from tests.admin.staff_page.busy_service import BusyService

Values = dict[str, object]

# What a page is shown with, by the name of the argument in its path: whoever adds an argument adds
# a line here, or no page can be found.
ARGUMENTS: Final[dict[str, Callable[[BusyDay], object]]] = {
    "market_id": lambda day: day.markets["derby"],
    "deposit_id": lambda day: day.deposits["wrong amount"],
    "withdrawal_id": lambda day: day.withdrawals["manual"],
    "payment_id": lambda day: day.paybill["proposed"],
    "import_id": lambda day: day.statement,
    "sms_id": lambda _day: 1,
    "transfer_id": lambda _day: 1,
    "player_id": lambda day: day.players[0],
    "admin_id": lambda day: day.admins["daudi@kibeezy.test"].id,
}
# What the editor of markets asks while one types.
DRAFT: Final = {
    "question": "Will it rain?",
    "label": "Rain",
    "category": "",
    "closes_on": "2026-12-31",
    "closes_time": "18:00",
    "fee_bps": "1000",
    "payout_rule": "equal",
    "resolves_from": "",
    "approval_ref": "",
}
# Pages that have something to show elsewhere only.
ELSEWHERE: Final[dict[str, Callable[[BusyDay], Values]]] = {
    "admin.edit_market": lambda day: {"market_id": day.markets["mashemeji"]},
    "admin.market_resolving": lambda day: {"market_id": day.markets["tusker"]},
    "admin.market_settling": lambda day: {"market_id": day.markets["bandari"]},
    "admin.live_settling": lambda day: {"market_id": day.markets["bandari"]},
    "admin.market_preview": lambda _day: dict(DRAFT),
}


def paths(service: BusyService, *doors: Door) -> dict[str, str]:
    """Where each page is, by its endpoint. Parts that refresh themselves are pages, too."""
    adapter = service.app.url_map.bind("127.0.0.1")
    policies = service.policies()
    found: dict[str, str] = {}
    for rule in service.app.url_map.iter_rules():
        if rule.endpoint == "admin.static" or "GET" not in (rule.methods or ()):
            continue
        if rule.endpoint in policies and policies[rule.endpoint].door in doors:
            found[rule.endpoint] = adapter.build(rule.endpoint, _values(rule, service.day))
    return found


def _values(rule: Rule, day: BusyDay) -> Values:
    if rule.endpoint in ELSEWHERE:
        return ELSEWHERE[rule.endpoint](day)
    unknown = rule.arguments - ARGUMENTS.keys()
    assert not unknown, f"{rule}: ARGUMENTS does not know {unknown}"
    return {name: ARGUMENTS[name](day) for name in rule.arguments}
