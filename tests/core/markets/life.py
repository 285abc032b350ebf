"""What befalls a market between its opening and its end, in the words of the tests."""

from core.database import in_transaction
from core.markets.dispute_result import dispute_result
from core.markets.market import Market
from core.markets.resume_market import resume_market
from core.markets.rule_dispute import rule_dispute
from core.markets.rules import Ruling
from core.markets.suspend_market import suspend_market
from core.outbox.deliver import Worker
from core.staff.records import Admin, Role, find_admin
from tests.world import ASHA, World

# Has nothing to do with the markets that others make, approve and decide.
ZAWADI = "zawadi@kibeezy.test"


def suspends(
    world: World, market_id: int, *, by: Admin | None = None, reason: str = "A rumour"
) -> Market:
    admin = by or in_transaction(world.database, lambda c: find_admin(c, email=ASHA))
    return in_transaction(
        world.database,
        lambda c: suspend_market(c, market_id=market_id, reason=reason, by=admin),
    )


def resumes(
    world: World, market_id: int, *, by: Admin | None = None, reason: str = "It was false"
) -> Market:
    admin = by or in_transaction(world.database, lambda c: find_admin(c, email=ASHA))
    return in_transaction(
        world.database,
        lambda c: resume_market(c, market_id=market_id, reason=reason, by=admin),
    )


def disputes(world: World, market_id: int, phone: str) -> None:
    player = world.player(phone)
    in_transaction(world.database, lambda c: dispute_result(c, market_id=market_id, player=player))


def rules(world: World, market_id: int, ruling: Ruling, *, by: Admin) -> Market:
    return in_transaction(
        world.database,
        lambda c: rule_dispute(
            c, market_id=market_id, ruling=ruling, reason="We saw the match", by=by
        ),
    )


def third_admin(world: World) -> Admin:
    return world.has_admin(ZAWADI, Role.OWNER, phone="+254700000099")


def works(worker: Worker) -> None:
    """Let the worker do all that is due now."""
    while worker.run_due():
        pass
