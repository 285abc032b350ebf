"""Every job of this edge: a desk for each kind of money, and for what the provider tells."""

from sqlalchemy import Engine

from core.outbox.deliver import Handler
from core.settings import Settings
from payments import c2b_desk, deposit_desk, payout_desk, statement_desk, status_desk
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa
from payments.mpesa.pull import Pull
from payments.status_desk import StatusDesk


def jobs(
    *, database: Engine, mpesa: Mpesa, pull: Pull, budget: QueryBudget, settings: Settings
) -> dict[str, Handler]:
    """The handlers of this edge, by the kind of job."""
    url = settings.public_url
    return {
        **deposit_desk.jobs(database=database, mpesa=mpesa, budget=budget, public_url=url),
        **payout_desk.jobs(database=database, mpesa=mpesa, public_url=url),
        **status_desk.jobs(StatusDesk(database, mpesa, budget, url)),
        **c2b_desk.jobs(database=database, settings=settings),
        **statement_desk.jobs(database=database, source=pull, settings=settings),
    }
