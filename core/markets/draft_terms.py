"""What a draft says: written once by its creator, and again by whoever edits it."""

from dataclasses import dataclass
from datetime import datetime

from core.markets.market import Market
from core.markets.rules import PayoutRule
from core.markets.terms import (
    parse_approval_ref,
    parse_category,
    parse_closing_time,
    parse_fee,
    parse_label,
    parse_question,
    parse_source,
)


@dataclass(frozen=True)
class Written:
    """The terms as an admin writes them: `closes_at` with its offset, the fee in basis points.

    None stands for a default: of the label the question's first words, of the category the usual
    one; of `resolves_from` and `approval_ref`, which is the Authority's approval, nothing.
    """

    question: str
    closes_at: str | datetime
    fee_bps: str | int
    payout_rule: PayoutRule
    label: str | None = None
    category: str | None = None
    resolves_from: str | None = None
    approval_ref: str | None = None


def parse_terms(written: Written, *, now: datetime) -> dict[str, object]:
    """The same by the columns of the table. Raises what the validators of `terms` raise."""
    question = parse_question(written.question)
    return {
        "question": question,
        "label": parse_label(written.label, question=question),
        "category": parse_category(written.category),
        "resolves_from": parse_source(written.resolves_from),
        "approval_ref": parse_approval_ref(written.approval_ref),
        "fee_bps": parse_fee(written.fee_bps),
        "payout_rule": written.payout_rule,
        "closes_at": parse_closing_time(written.closes_at, now=now),
    }


def written_in(draft: Market) -> Written:
    """What a draft says now, to change some of it."""
    return Written(
        question=draft.question,
        label=draft.label,
        category=draft.category,
        closes_at=draft.closes_at,
        fee_bps=draft.fee_bps,
        payout_rule=draft.payout_rule,
        resolves_from=draft.resolves_from,
        approval_ref=draft.approval_ref,
    )
