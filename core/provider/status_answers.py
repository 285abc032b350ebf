"""What the provider may say of a payment, out or in, in the core's words."""

from dataclasses import dataclass
from enum import StrEnum

from core.money import Money


class Fate(StrEnum):
    """What became of a payment. Only the first two are proof."""

    COMPLETED = "completed"
    FAILED = "failed"
    LIVE = "live"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class StatusAnswer:
    """An answer of Transaction Status; what it leaves out or garbles is None.

    `originator_id` is that of the payment, `conversation_id` that of the question.
    """

    fate: Fate
    code: str
    receipt: str | None = None
    amount: Money | None = None
    originator_id: str | None = None
    conversation_id: str | None = None
