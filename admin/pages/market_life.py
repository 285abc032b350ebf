"""What staff do with a market, from its approval to a correction of its result."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from flask import Response
from werkzeug.exceptions import BadRequest

from admin.access import MARKETS
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.pages.market_editing import read_revision
from admin.pages.markets import Markets
from admin.site import Site, View, me
from core.markets.approve_market import approve_market
from core.markets.close_market import close_market
from core.markets.correct_result import correct_result
from core.markets.keep_result import keep_result
from core.markets.market import Market
from core.markets.propose_result import propose_result
from core.markets.resume_market import resume_market
from core.markets.rule_dispute import rule_dispute
from core.markets.rules import Outcome, Ruling, parse_outcome
from core.markets.suspend_market import suspend_market
from core.staff.rules import ProposalChanged
from core.staff_input import parse_nairobi

_ONE: Final = "/markets/<int:market_id>"


@dataclass(frozen=True)
class MarketLife:
    """The acts whose forms stand on a market's page."""

    site: Site
    markets: Markets

    def register(self) -> None:
        """Add them. Those of the second person ask who that is."""
        self._add("approve", self.approve_market, "The market is open: it takes bets.", fresh=True)
        self._add("suspend", self.suspend_market, "No more bets until somebody resumes it.")
        self._add("resume", self.resume_market, "It takes bets again.")
        self._add("close", self.close_market, "It takes no more bets. Next: propose its result.")
        self._add("propose", self.propose_result, "Proposed. Another admin must resolve it.")
        self._add("void", self.propose_void, "Void proposed. Another admin must resolve it.")
        self._add("rule", self.rule_disputes, "The disputes are ruled on.", fresh=True)
        self._add("keep", self.keep_result, "The result in force stays.", fresh=True)
        self._add("correct", self.correct_result, "Proposed. Another admin must resolve it.")

    def approve_market(self, market_id: int) -> Response:
        """Open a draft of others, as it was read."""
        revision, reference = read_revision(), typed("approval_ref") or None
        self.site.write(
            lambda c: approve_market(
                c, market_id=market_id, approval_ref=reference, revision=revision, by=me()
            )
        )
        return done("market", market_id=market_id)

    def suspend_market(self, market_id: int) -> Response:
        """Take no bets for now."""
        why = typed("reason")
        self.site.write(lambda c: suspend_market(c, market_id=market_id, reason=why, by=me()))
        return done("market", market_id=market_id)

    def resume_market(self, market_id: int) -> Response:
        """Take bets again."""
        why = typed("reason")
        self.site.write(lambda c: resume_market(c, market_id=market_id, reason=why, by=me()))
        return done("market", market_id=market_id)

    def close_market(self, market_id: int) -> Response:
        """Take no more bets."""
        self.site.write(lambda c: close_market(c, market_id=market_id, by=me()))
        return done("market", market_id=market_id)

    def propose_result(self, market_id: int) -> Response:
        """Say how the question ended."""
        return self._say(propose_result, market_id, parse_outcome(typed("outcome")))

    def propose_void(self, market_id: int) -> Response:
        """Say that every stake should go back."""
        return self._say(propose_result, market_id, Outcome.VOID)

    def rule_disputes(self, market_id: int) -> Response:
        """Answer whoever says that the proposed result is wrong."""
        why, ruling, read = typed("reason"), _ruling(), _read_proposal()
        self.site.write(
            lambda c: rule_dispute(
                c, market_id=market_id, ruling=ruling, reason=why, by=me(), proposed_at=read
            )
        )
        return done("market", market_id=market_id)

    def keep_result(self, market_id: int) -> Response:
        """Take another's correction back."""
        why = typed("reason")
        self.site.write(lambda c: keep_result(c, market_id=market_id, reason=why, by=me()))
        return done("market", market_id=market_id)

    def correct_result(self, market_id: int) -> Response:
        """Say that the market was settled wrongly."""
        return self._say(correct_result, market_id, parse_outcome(typed("outcome")))

    def _say(self, act: Callable[..., Market], market_id: int, outcome: Outcome) -> Response:
        what = {
            "outcome": outcome,
            "evidence": typed("evidence"),
            "late_from": _late_from(),
            "challenge_window": self.site.settings.challenge_window,
        }
        self.site.write(partial(act, market_id=market_id, by=me(), **what))
        return done("market", market_id=market_id)

    def _add(self, rule: str, view: View, said: str, *, fresh: bool = False) -> None:
        self.site.act(
            f"{_ONE}/{rule}", view, roles=MARKETS, on=self.markets.market, done=said, fresh=fresh
        )


def _ruling() -> Ruling:
    try:
        return Ruling(typed("ruling"))
    except ValueError:
        raise BadRequest from None


def _read_proposal() -> datetime:
    """When the result was proposed that stood on the page."""
    try:
        return datetime.fromisoformat(typed("proposed_at"))
    except ValueError:
        raise ProposalChanged from None


def _late_from() -> datetime | None:
    """From when on bets came too late; nothing where neither day nor time was typed."""
    day, time_of_day = typed("late_on"), typed("late_time")
    return parse_nairobi(day, time_of_day) if day or time_of_day else None
