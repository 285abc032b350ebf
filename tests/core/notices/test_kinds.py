"""Every SMS is of a known kind, and codes go before receipts, receipts before news."""

from itertools import pairwise

from core.notices.kinds import KINDS, Sort


def test_codes_go_before_receipts_and_receipts_before_news() -> None:
    order = [Sort.CODE, Sort.RECEIPT, Sort.NEWS]
    places = [[kind.priority for kind in KINDS.values() if kind.sort is sort] for sort in order]
    for sooner, later in pairwise(places):
        assert max(sooner) < min(later)
