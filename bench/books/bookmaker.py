"""Two admins who open markets and say how they ended."""

from datetime import timedelta

from sqlalchemy import Connection

from bench.books.ground import Ground
from core.database import in_transaction, now
from core.markets.approve_market import approve_market
from core.markets.close_market import close_market
from core.markets.create_market import create_market
from core.markets.propose_result import propose_result
from core.markets.rules import Outcome, PayoutRule
from core.staff.create_admin import create_admin
from core.staff.records import Admin, Role, find_admin

PROPOSER, RESOLVER = "asha@bench.kibeezy.test", "baraka@bench.kibeezy.test"
# On a server that lives for minutes and that nobody else can reach.
PASSWORD = "a long enough password"  # noqa: S105 - as said
_OPEN_FOR = timedelta(days=7)


def appoint(ground: Ground) -> None:
    """Let there be the two admins."""
    for email in (PROPOSER, RESOLVER):
        in_transaction(
            ground.database,
            lambda c, email=email: create_admin(  # type: ignore[misc]
                c, email=email, phone=None, role=Role.OWNER, password=PASSWORD
            ),
        )


def open_markets(ground: Ground, *, count: int) -> list[int]:
    """Open so many markets; return their numbers."""

    def open_one(connection: Connection, number: int) -> int:
        proposer, resolver = _admins(connection)
        drafted = create_market(
            connection,
            question=f"Will horse {number} win the race?",
            label=f"Horse {number}",
            closes_at=now(connection) + _OPEN_FOR,
            fee_bps=ground.settings.platform_fee_bps,
            payout_rule=PayoutRule.PRO_RATA,
            by=proposer,
        )
        approve_market(connection, market_id=drafted.id, by=resolver)
        return drafted.id

    return [in_transaction(ground.database, lambda c, n=n: open_one(c, n)) for n in range(count)]  # type: ignore[misc]


def say_how_it_ended(ground: Ground, *, market_id: int, outcome: Outcome) -> None:
    """Close the market and propose its result: another admin may now resolve it."""

    def end(connection: Connection) -> None:
        proposer, _resolver = _admins(connection)
        close_market(connection, market_id=market_id, by=proposer)
        propose_result(
            connection, market_id=market_id, outcome=outcome, evidence="the race", by=proposer
        )

    in_transaction(ground.database, end)


def _admins(connection: Connection) -> tuple[Admin, Admin]:
    return find_admin(connection, email=PROPOSER), find_admin(connection, email=RESOLVER)
