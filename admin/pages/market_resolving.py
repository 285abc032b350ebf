"""How a market ends: its charts, the preview of its settlement, and the money on its way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Response, render_template
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from admin.access import EVERYBODY, MARKETS
from admin.drawing.charts import bets_chart, length, pool_chart, probability_chart
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.site import Site, me
from core.database import SNAPSHOT, time_limit, took_too_long
from core.errors import Refused
from core.markets.market import Market, get_market, lock_market
from core.markets.pool_history import History, read_history
from core.markets.resolve_market import ensure_may_resolve, resolve_market
from core.markets.rules import MarketStatus, Outcome
from core.markets.settling_progress import Progress, read_progress
from core.markets.summary import Summary, preview_settlement
from core.markets.who_decided import WhoDecided, who_decided
from core.switches.records import ensure_running
from core.switches.rules import Switch
from core.text import Text, _

# A request waits 8 seconds for the database. The preview of a million bets took 2 to 12, to plan
# them a minute, and four on two cores with a load of 17. Only who decides about them waits.
PREVIEW_SECONDS: Final = 60.0
PLANNING_SECONDS: Final = 600.0


class NotConfirmed(Refused):
    """What was to be typed was not."""

    def __init__(self, market_id: int, outcome: Outcome) -> None:
        super().__init__(
            _(
                "Type {market_id} {outcome} to confirm. Nothing was paid.",
                market_id=market_id,
                outcome=outcome.upper(),
            )
        )


class ProposalChanged(Refused):
    """Another result is proposed than the one that was looked at."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The proposal has changed since you opened this page. Read it again: nothing was"
                " paid."
            )
        )


@dataclass(frozen=True)
class Proposed:
    """A proposed result: what it would pay, and what keeps this admin from resolving it."""

    market: Market
    people: WhoDecided
    hindrance: Text | None
    summary: Summary

    @property
    def words(self) -> str:
        """What to type."""
        return _words(self.market)

    @property
    def seen(self) -> str:
        """Names the proposal, so that no other is resolved instead."""
        return _seen(self.market)


@dataclass(frozen=True)
class MarketResolving:
    """The end of a market, for those who decide it and those who watch."""

    site: Site

    def register(self) -> None:
        """Add them."""
        here = "/markets/<int:market_id>"
        self.site.page(f"{here}/charts", self.market_charts, roles=EVERYBODY)
        self.site.page(f"{here}/resolve", self.market_resolving, roles=MARKETS)
        self.site.act(
            f"{here}/resolve",
            self.resolve_market,
            roles=MARKETS,
            on=self.market_resolving,
            done="Resolved. The plan stands, and the worker pays it now.",
            fresh=True,
        )
        self.site.page(f"{here}/settling", self.market_settling, roles=EVERYBODY)
        self.site.live("/live/settling/<int:market_id>", self.live_settling, roles=EVERYBODY)

    def market_charts(self, market_id: int) -> str:
        """Pools, probability and bets over time."""

        def read(connection: Connection) -> History:
            connection.execute(SNAPSHOT)
            return read_history(connection, market_id=market_id)

        history = self.site.read(read)
        return render_template(
            "staff/market_charts.html",
            history=history,
            market=history.market,
            charts=(pool_chart(history), probability_chart(history), bets_chart(history)),
            length=length(history),
        )

    def market_resolving(self, market_id: int) -> str:
        """What the proposed result would pay, and the form that lets it."""
        market = self.site.read(lambda c: get_market(c, market_id=market_id))
        is_proposed = market.status is MarketStatus.PROPOSED
        proposed = self._proposed(market_id) if is_proposed else None
        return render_template("staff/market_resolving.html", market=market, proposed=proposed)

    def resolve_market(self, market_id: int) -> Response:
        """Freeze the plan; the worker pays it."""
        words, seen = typed("words"), typed("seen")

        def resolve(connection: Connection) -> None:
            found = lock_market(connection, market_id=market_id)
            if found.status is MarketStatus.PROPOSED:
                _ensure_meant(found, words=words, seen=seen)
            resolve_market(
                connection,
                market_id=market_id,
                by=me(),
                challenge_window=self.site.settings.challenge_window,
                worker_steps_in=timedelta(0),
            )

        with time_limit(PLANNING_SECONDS):
            self.site.write(resolve)
        return done("market_settling", market_id=market_id)

    def market_settling(self, market_id: int) -> str:
        """How far the money is, and the result."""
        return render_template("staff/market_settling.html", **self._settling(market_id))

    def live_settling(self, market_id: int) -> str:
        """The same, without the page around it."""
        return render_template("staff/settling_part.html", **self._settling(market_id))

    def _proposed(self, market_id: int) -> Proposed | None:
        """None where it could not be added up in time."""

        def read(connection: Connection) -> Proposed:
            connection.execute(SNAPSHOT)
            market = get_market(connection, market_id=market_id)
            return Proposed(
                market=market,
                people=who_decided(connection, market=market),
                hindrance=self._hindrance(connection, market),
                summary=preview_settlement(connection, market_id=market_id),
            )

        with time_limit(PREVIEW_SECONDS):
            try:
                return self.site.read(read)
            except SQLAlchemyError as error:
                if took_too_long(error):
                    return None
                raise

    def _hindrance(self, connection: Connection, market: Market) -> Text | None:
        try:
            ensure_running(connection, kind=Switch.SETTLEMENTS)
            ensure_may_resolve(
                connection,
                market=market,
                by=me(),
                challenge_window=self.site.settings.challenge_window,
            )
        except Refused as refusal:
            return refusal.text
        return None

    def _settling(self, market_id: int) -> dict[str, object]:
        def read(connection: Connection) -> tuple[Progress, WhoDecided]:
            progress = read_progress(connection, market_id=market_id)
            return progress, who_decided(connection, market=progress.market)

        progress, people = self.site.read(read)
        return {"progress": progress, "market": progress.market, "people": people}


def _ensure_meant(market: Market, *, words: str, seen: str) -> None:
    if seen != _seen(market):
        raise ProposalChanged
    if " ".join(words.upper().split()) != _words(market):
        raise NotConfirmed(market.id, _outcome(market))


def _words(market: Market) -> str:
    return f"{market.id} {_outcome(market).upper()}"


def _outcome(market: Market) -> Outcome:
    assert market.proposed_outcome is not None, "a result is proposed"
    return market.proposed_outcome


def _seen(market: Market) -> str:
    assert market.proposed_at is not None, "a result is proposed"
    return f"{market.version} {market.proposed_at.isoformat()}"
