"""The questions that `reconcile` asks, within the budget of queries."""

from core.deposits.answers import Answer
from core.deposits.reconcile import Query
from payments.deposit_desk import ask_once
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa


def patient_query(*, mpesa: Mpesa, budget: QueryBudget) -> Query:
    """A query that waits for its place, shared with the workers, and never raises."""

    def query(checkout_request_id: str) -> Answer:
        budget.wait()
        return ask_once(mpesa, checkout_request_id=checkout_request_id)

    return query
