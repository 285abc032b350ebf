"""Who did what to a market, and when: the audit trail, and what only the market itself tells."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from core.reports.table import Fact, Line

COLUMNS: Final = ("time", "event", "by", "details", "source")
DISPUTE_COLUMNS: Final = (
    "dispute",
    "proposed_at",
    "player",
    "raised_at",
    "ruling",
    "ruled_by",
    "ruled_at",
    "reason",
)

# A column of the market speaks only where the trail is silent about what it says.
_EVENTS: Final = text(
    """
    SELECT at, act, actor, details, 'audit trail' AS source, id
    FROM audit_event WHERE subject = 'market:' || CAST(:market_id AS bigint)
    UNION ALL
    SELECT own.at, 'market.' || own.act, coalesce(a.email, 'system'), own.details, 'market', NULL
    FROM market m CROSS JOIN LATERAL (VALUES
        ('created', m.created_at, m.created_by, '{}'::jsonb),
        ('approved', m.approved_at, m.approved_by, '{}'),
        ('suspended', m.suspended_at, NULL, jsonb_build_object('why', m.suspended_why)),
        ('closed', m.closed_at, NULL, '{}'),
        ('proposed', m.proposed_at, m.proposed_by,
         jsonb_build_object('outcome', m.proposed_outcome, 'evidence', m.evidence)),
        ('resolved', m.resolved_at, m.resolved_by, jsonb_build_object('outcome', m.outcome)),
        ('settled', m.settled_at, NULL, '{}')) own (act, at, by, details)
    LEFT JOIN admin a ON a.id = own.by
    WHERE m.id = :market_id AND own.at IS NOT NULL AND NOT EXISTS (
        SELECT FROM audit_event e WHERE e.subject = 'market:' || m.id
        AND e.act = 'market.' || own.act)
    ORDER BY at, id NULLS FIRST
    """
)
_DISPUTES: Final = text(
    """
    SELECT d.id, d.proposed_at, d.player_id, d.raised_at, d.ruling, a.email, d.ruled_at, d.reason
    FROM dispute d LEFT JOIN admin a ON a.id = d.ruled_by
    WHERE d.market_id = :market_id ORDER BY d.id
    """
)
_PLAYER: Final = re.compile(r"player:(\d+)", re.ASCII)
_PHONE: Final = re.compile(r"\+254[17]\d{8}", re.ASCII)

Name = Callable[[int], str]


@dataclass(frozen=True)
class MarketEvent:
    """One act; `by` is an admin's e-mail address, the system, or what a player is called."""

    at: datetime
    event: str
    by: str
    details: Mapping[str, Fact]
    source: str


def market_events(connection: Connection, *, market_id: int, name: Name) -> list[MarketEvent]:
    """Every event of the market, the oldest first. `name` tells what a player is called in it."""
    rows = connection.execute(_EVENTS, {"market_id": market_id})
    return [_event(row, name) for row in rows]


def market_disputes(connection: Connection, *, market_id: int, name: Name) -> Iterator[Line]:
    """Every dispute under DISPUTE_COLUMNS, the oldest first."""
    for row in connection.execute(_DISPUTES, {"market_id": market_id}):
        raised = (row.id, row.proposed_at, name(row.player_id), row.raised_at)
        yield (*raised, row.ruling, row.email, row.ruled_at, row.reason)


def _event(row: Row[*tuple[Any, ...]], name: Name) -> MarketEvent:
    details = {key: _told(key, value, name) for key, value in _flat(row.details)}
    return MarketEvent(
        at=row.at,
        event=row.act.removeprefix("market.").replace("_", " "),
        by=_without_names(row.actor, name),
        details={key: value for key, value in details.items() if value is not None},
        source=row.source,
    )


def _flat(details: Mapping[str, Any]) -> Iterator[tuple[str, Fact]]:
    """Every detail by itself, then what was and what is: `before` has `status_before`."""
    states = {key: details[key] for key in ("before", "after") if key in details}
    yield from ((key, value) for key, value in details.items() if key not in states)
    for key, state in states.items():
        yield from ((f"{name}_{key}", value) for name, value in state.items())


def _told(key: str, value: Fact, name: Name) -> Fact:
    if key in {"player", "player_id"} and str(value).isdigit():
        return name(int(str(value)))
    return _without_names(value, name) if isinstance(value, str) else value


def _without_names(said: str, name: Name) -> str:
    """The same words; the players and phones in them are nobody's business."""
    return _PHONE.sub("(phone)", _PLAYER.sub(lambda found: name(int(found[1])), said))
