"""Every job of this edge: the desks for deposits, withdrawals and the provider's status."""

from sqlalchemy import Engine

from core.outbox.deliver import Handler
from payments import deposit_desk, payout_desk, status_desk
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa


def jobs(
    *, database: Engine, mpesa: Mpesa, budget: QueryBudget, public_url: str
) -> dict[str, Handler]:
    """The handlers of this edge, by the kind of job."""
    return {
        **deposit_desk.jobs(database=database, mpesa=mpesa, budget=budget, public_url=public_url),
        **payout_desk.jobs(database=database, mpesa=mpesa, public_url=public_url),
        **status_desk.jobs(database=database, mpesa=mpesa, budget=budget, public_url=public_url),
    }
