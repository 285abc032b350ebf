"""Budgets that others have spent before a test begins."""

from sqlalchemy.dialects.postgresql import insert

from core.clock import in_nairobi
from core.database import in_transaction, now
from core.notices.records import sms_budget
from tests.world import World


def spent(world: World, scope: str, much: int, *, most: int = 1) -> None:
    """So much was spent, of a block's budget in this hour, of the others on this day."""
    moment = in_nairobi(in_transaction(world.database, now))
    since = moment.replace(minute=0, second=0, microsecond=0)
    if ":" not in scope:
        since = since.replace(hour=0)
    row = insert(sms_budget).values(scope=scope, since=since, spent=much, most=most)
    values = {"spent": much, "most": most}
    again = row.on_conflict_do_update(index_elements=["scope", "since"], set_=values)
    with world.owner.begin() as connection:
        connection.execute(again)
