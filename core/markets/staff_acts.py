"""What a member of staff may do with a market now, and what keeps this one from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from core.errors import Refused
from core.markets.approve_market import ensure_approvable
from core.markets.close_market import ensure_closable
from core.markets.correct_result import ensure_correctable
from core.markets.deciders import ensure_no_bet
from core.markets.disputes import is_being_disputed
from core.markets.edit_market import ensure_editable
from core.markets.keep_result import ensure_may_keep
from core.markets.market import Market
from core.markets.propose_result import ensure_in_turn
from core.markets.resolve_market import ensure_may_resolve
from core.markets.resume_market import ensure_resumable
from core.markets.rule_dispute import ensure_may_rule
from core.markets.rules import NothingDisputed, Outcome, StillOpen, WrongState
from core.markets.suspend_market import ensure_suspendable
from core.staff.records import MARKET_ROLES, Admin
from core.text import Text


class Act(StrEnum):
    """What can be done, in the order of a market's life."""

    EDIT = "edit"
    APPROVE = "approve"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"
    PROPOSE = "propose"
    RULE = "rule"
    RESOLVE = "resolve"
    KEEP = "keep"
    CORRECT = "correct"
    VOID = "void"


@dataclass(frozen=True)
class Offer:
    """An act that is this market's turn; `hindrance` says why this admin may not do it."""

    act: Act
    hindrance: Text | None


def staff_acts(
    connection: Connection, *, market: Market, by: Admin, challenge_window: timedelta
) -> list[Offer]:
    """Every act whose turn it is, judged by the rules of the acts themselves.

    `challenge_window` counts as for `resolve_market`. Roles that decide nothing get nothing.
    """
    if by.role not in MARKET_ROLES:
        return []
    now = _Now(connection, market, by, challenge_window)
    return list(now.offers())


@dataclass(frozen=True)
class _Now:
    connection: Connection
    market: Market
    by: Admin
    challenge_window: timedelta

    def offers(self) -> Iterator[Offer]:
        for act in Act:
            try:
                self._judge(act)
            except (WrongState, StillOpen, NothingDisputed):
                continue
            except Refused as refusal:
                yield Offer(act, refusal.text)
            else:
                yield Offer(act, None)

    def _judge(self, act: Act) -> None:
        """Raise what the act would. WrongState and its like: it is not its turn."""
        market, by = self.market, self.by
        match act:
            case Act.EDIT:
                ensure_editable(market)
            case Act.APPROVE:
                ensure_approvable(market, by=by)
            case Act.SUSPEND:
                ensure_suspendable(market)
            case Act.RESUME:
                ensure_resumable(market)
            case Act.CLOSE:
                ensure_closable(market)
            case Act.PROPOSE:
                self._judge_proposal(Outcome.YES)
            case Act.VOID:
                self._judge_proposal(Outcome.VOID)
            case _:
                self._judge_result(act)

    def _judge_result(self, act: Act) -> None:
        connection, market, by = self.connection, self.market, self.by
        match act:
            case Act.RULE:
                if not is_being_disputed(connection, market=market):
                    raise NothingDisputed(market.id)
                ensure_may_rule(connection, market=market, by=by)
            case Act.KEEP:
                ensure_may_keep(connection, market=market, by=by)
            case Act.CORRECT:
                ensure_correctable(connection, market=market)
                ensure_no_bet(connection, market=market, outcome=Outcome.VOID, by=by)
            case _:
                window = self.challenge_window
                ensure_may_resolve(connection, market=market, by=by, challenge_window=window)

    def _judge_proposal(self, outcome: Outcome) -> None:
        connection, market = self.connection, self.market
        ensure_in_turn(connection, market=market, outcome=outcome)
        ensure_no_bet(connection, market=market, outcome=outcome, by=self.by)
