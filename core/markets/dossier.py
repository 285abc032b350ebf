"""All that is known of one market, for the page of staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from core.markets.correction import final_at
from core.markets.market import Market, get_market
from core.markets.pricing import Pool, implied_probability
from core.markets.rules import OVER, MarketStatus, Outcome
from core.money import Money

_MORE: Final = text(
    """
    SELECT m.created_at, m.suspended_at, m.resolved_at, creator.email AS creator,
           approver.email AS approver, proposer.email AS proposer, resolver.email AS resolver,
           ARRAY(SELECT a.email FROM admin a WHERE a.id = ANY (m.edited_by) ORDER BY a.id)
               AS editors,
           (SELECT s.outcome FROM settlement s
            WHERE s.market_id = m.id AND s.version = m.version - 1) AS former_outcome
    FROM market m JOIN admin creator ON creator.id = m.created_by
    LEFT JOIN admin approver ON approver.id = m.approved_by
    LEFT JOIN admin proposer ON proposer.id = m.proposed_by
    LEFT JOIN admin resolver ON resolver.id = m.resolved_by
    WHERE m.id = :market_id
    """
)
_BETS: Final = text(
    """
    SELECT count(*) AS bets,
           coalesce(sum(stake_cents) FILTER (WHERE side = 'yes'), 0) AS yes_cents,
           coalesce(sum(stake_cents) FILTER (WHERE side = 'no'), 0) AS no_cents
    FROM bet WHERE market_id = :market_id
    """
)


@dataclass(frozen=True)
class Dossier:
    """A market, the e-mail addresses of who acted on it, and its bets.

    `final_at` once it was settled; `former_outcome` is in force while a correction is proposed.
    """

    market: Market
    created_at: datetime
    suspended_at: datetime | None
    resolved_at: datetime | None
    creator: str
    editors: tuple[str, ...]
    approver: str | None
    proposer: str | None
    resolver: str | None
    bets: int
    pool: Pool
    final_at: datetime | None
    former_outcome: Outcome | None

    @property
    def probability(self) -> float | None:
        """How likely YES is by the money, from 0 to 1; None without a bet."""
        return implied_probability(self.pool)


def read_dossier(connection: Connection, *, market_id: int) -> Dossier:
    """What there is to know of it. Raises NoSuchMarket."""
    market = get_market(connection, market_id=market_id)
    what = {"market_id": market_id}
    more: Row[*tuple[Any, ...]] = connection.execute(_MORE, what).one()
    bets: Row[*tuple[Any, ...]] = connection.execute(_BETS, what).one()
    was_settled = market.status in OVER or market.version > 1
    return Dossier(
        market=market,
        created_at=more.created_at,
        suspended_at=more.suspended_at,
        resolved_at=more.resolved_at,
        creator=more.creator,
        editors=tuple(more.editors),
        approver=more.approver,
        proposer=more.proposer,
        resolver=more.resolver,
        bets=bets.bets,
        pool=Pool(Money(int(bets.yes_cents)), Money(int(bets.no_cents))),
        final_at=final_at(connection, market=market) if was_settled else None,
        former_outcome=_former(market, more.former_outcome),
    )


def _former(market: Market, outcome: str | None) -> Outcome | None:
    if market.status is not MarketStatus.PROPOSED or outcome is None:
        return None
    return Outcome(outcome)
