"""The forms of markets, filled in as somebody would."""

from datetime import timedelta

from core.clock import in_nairobi
from core.database import in_transaction, now
from tests.admin.staff_page.desk import Desk, Shown
from tests.world import World

QUESTION = "Will Gor Mahia win on Sunday?"


def draft_form(world: World, **changes: object) -> dict[str, object]:
    """What the editor sends: a market that closes in two days, at six."""
    closes = in_nairobi(in_transaction(world.database, now) + timedelta(days=2))
    return {
        "question": QUESTION,
        "label": "Gor Mahia wins",
        "category": "Sport",
        "closes_on": f"{closes:%Y-%m-%d}",
        "closes_time": "18:00",
        "fee_bps": "1000",
        "payout_rule": "pro_rata",
        "resolves_from": "",
        "approval_ref": "",
        **changes,
    }


def writes(desk: Desk, **changes: object) -> Shown:
    """Write a draft; the first is market 101."""
    return desk.sends("/admin/markets/new", **draft_form(desk.world, **changes))
