"""An admin changes what a draft says, and can no longer approve it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from core.audit_trail.records import Value, record
from core.markets.draft_terms import Written, parse_terms
from core.markets.market import Market, get_market, lock_market
from core.markets.records import market
from core.markets.rules import DraftChanged, MarketStatus, WrongState
from core.staff.records import MARKET_ROLES, Admin


def edit_market(
    connection: Connection, *, market_id: int, written: Written, revision: int, by: Admin
) -> Market:
    """Let the draft say this, and name who says so beside its creator.

    `revision` is that of the draft which was edited, so that nobody undoes what they have not seen.
    Where nothing changes, nobody edited it. Raises NoSuchMarket, NotAllowed, WrongState,
    DraftChanged (also on a repeat), or what the validators of `terms` raise.
    """
    by.ensure_role(MARKET_ROLES)
    draft = lock_market(connection, market_id=market_id)
    ensure_editable(draft)
    if draft.revision != revision:
        raise DraftChanged
    terms = parse_terms(written, now=draft.as_of)
    changed = {name: new for name, new in terms.items() if new != getattr(draft, name)}
    if not changed:
        return draft
    edit = {**changed, "edited_by": [*draft.edited_by, by.id]}
    connection.execute(market.update().where(market.c.id == market_id).values(edit))
    record(
        connection,
        actor=by.email,
        act="market.edited",
        subject=f"market:{market_id}",
        before=_told({name: getattr(draft, name) for name in changed}),
        after=_told(changed),
    )
    return get_market(connection, market_id=market_id)


def ensure_editable(draft: Market) -> None:
    """Raise WrongState once somebody has approved it."""
    if draft.status is not MarketStatus.DRAFT:
        raise WrongState(draft.id, draft.status)


def _told(terms: Mapping[str, object]) -> dict[str, Value]:
    return {name: _spelled(value) for name, value in terms.items()}


def _spelled(value: object) -> Value:
    match value:
        case datetime():
            return value.isoformat()
        case None | int() | str():
            return value
        case _:
            raise TypeError(value)
