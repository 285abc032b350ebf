"""Every market there is, and everything about one of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import render_template, request
from sqlalchemy import Connection

from admin.access import EVERYBODY, MARKETS, PEOPLE
from admin.drawing.asked_days import asked_days
from admin.drawing.market_draft import DraftForm, DrawPhone, Preview, preview
from admin.drawing.market_words import (
    EQUAL_WARNING,
    RULES,
    TONES,
    fee_of,
    outcome_of,
    state_of,
    tell,
)
from admin.drawing.paging import A_PAGE, before_of
from admin.site import Site, me
from core.audit_trail.list_events import READS, list_events
from core.audit_trail.list_events import Wanted as WantedEvents
from core.database import now
from core.markets.attestation import attestation_of
from core.markets.correction import is_correction
from core.markets.disputes import list_disputes
from core.markets.dossier import Dossier, read_dossier
from core.markets.find_markets import MOST_BETS_SUMMED, Wanted, find_markets, list_categories
from core.markets.market import Market
from core.markets.rules import MarketStatus, PayoutRule
from core.markets.staff_acts import staff_acts

MOST_DISPUTES_SHOWN: Final = 50
_LONGEST_WORDS: Final = 100


@dataclass(frozen=True)
class Markets:
    """The list with its filters, and a market's own page."""

    site: Site
    draw_phone: DrawPhone

    def register(self) -> None:
        """Add them."""
        self.site.page("/markets", self.markets, roles=EVERYBODY, menu="Markets")
        self.site.page("/markets/<int:market_id>", self.market, roles=EVERYBODY)
        self.site.live("/live/markets/<int:market_id>", self.market_pools, roles=EVERYBODY)

    def markets(self) -> str:
        """The newest first; filters stand in the address."""
        wanted = _wanted()
        return self.site.read(lambda c: _list(c, wanted))

    def market(self, market_id: int) -> str:
        """Terms, pools, who did what, and what may be done now."""
        return self.site.read(lambda c: self._page(c, market_id))

    def market_pools(self, market_id: int) -> str:
        """What is staked now."""
        dossier = self.site.read(lambda c: read_dossier(c, market_id=market_id))
        return render_template("staff/market_pools.html", dossier=dossier)

    def _page(self, connection: Connection, market_id: int) -> str:
        dossier = read_dossier(connection, market_id=market_id)
        market, admin = dossier.market, me()
        window = self.site.settings.challenge_window
        subject = WantedEvents(subject=f"market:{market_id}", without=READS)
        return render_template(
            "staff/market.html",
            dossier=dossier,
            market=market,
            state=state_of(market),
            tone=TONES.get(market.status, ""),
            rule=RULES[market.payout_rule],
            warning=EQUAL_WARNING if market.payout_rule is PayoutRule.EQUAL else None,
            fee=fee_of(market),
            people=_people(dossier),
            offers=staff_acts(connection, market=market, by=admin, challenge_window=window),
            decides=admin.role in MARKETS,
            attestation=attestation_of(market),
            disputes=list_disputes(connection, market=market),
            most_disputes=MOST_DISPUTES_SHOWN,
            sees_people=admin.role in PEOPLE,
            preview=self._preview(connection, market),
            outcome_of=outcome_of,
            is_correction=is_correction(market),
            history=tell(list_events(connection, wanted=subject, limit=A_PAGE)),
        )

    def _preview(self, connection: Connection, market: Market) -> Preview | None:
        """Whoever approves a draft sees the phone first."""
        if market.status is not MarketStatus.DRAFT:
            return None
        return preview(DraftForm.of(market), draw_phone=self.draw_phone, now=now(connection))


def _list(connection: Connection, wanted: Wanted) -> str:
    found = find_markets(connection, wanted=wanted, limit=A_PAGE + 1)
    shown = found[:A_PAGE]
    return render_template(
        "staff/markets.html",
        found=shown,
        before=shown[-1].market.id if len(found) > A_PAGE else None,
        asked={name: said for name, said in request.args.items() if said and name != "before"},
        categories=list_categories(connection),
        statuses=list(MarketStatus),
        state_of=state_of,
        tones=TONES,
        most_bets=MOST_BETS_SUMMED,
        decides=me().role in MARKETS,
    )


def _wanted() -> Wanted:
    """The filters of the address; a status that no form of ours would send is none."""
    asked = ("status", "category", "words", "mine")
    given = {name: request.args.get(name, "").strip()[:_LONGEST_WORDS] for name in asked}
    closes_from, closes_before = asked_days("from", "to")
    return Wanted(
        status=MarketStatus(given["status"]) if given["status"] in set(MarketStatus) else None,
        category=given["category"] or None,
        words=given["words"] or None,
        closes_from=closes_from,
        closes_before=closes_before,
        to_do_for=me() if given["mine"] and me().role in MARKETS else None,
        before_id=before_of(),
    )


def _people(dossier: Dossier) -> list[tuple[str, str | None, datetime | None]]:
    """Who did what, and when, as far as it has come."""
    market = dossier.market
    voided = "the system, for nobody had resolved it" if market.voided_by_system else None
    told = [
        ("Written", dossier.creator, dossier.created_at),
        ("Changed", ", ".join(dossier.editors) or None, None),
        ("Approved", dossier.approver, market.approved_at),
        ("Suspended", None, dossier.suspended_at),
        ("Closed", None, market.closed_at),
        ("Result proposed", dossier.proposer, market.proposed_at),
        ("Resolved", dossier.resolver or voided, dossier.resolved_at),
        ("Settled", None, market.settled_at),
    ]
    return [(what, who, when) for what, who, when in told if who or when]
