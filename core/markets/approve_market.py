"""A second admin approves a draft, and the market opens."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.markets.attestation import attestation_of
from core.markets.market import Market, get_market, lock_market
from core.markets.records import market
from core.markets.rules import DraftChanged, MarketStatus, WrongState
from core.markets.terms import parse_approval_ref, parse_closing_time
from core.outbox.records import ask
from core.staff.records import MARKET_ROLES, Admin
from core.staff.rules import SameAdmin
from core.text import _


def approve_market(
    connection: Connection,
    *,
    market_id: int,
    approval_ref: str | None = None,
    revision: int | None = None,
    by: Admin,
) -> Market:
    """Open the market: its terms freeze, and the worker will close it on time.

    Approving is attesting; what was attested is kept with the market. `approval_ref` is the
    Authority's approval, by default the draft's; `revision` is that of the draft which was read,
    where the caller knows. Raises NoSuchMarket, NotAllowed, InvalidFreeText, WrongState (also on a
    repeat), SameAdmin for its creator and whoever edited it, InvalidClosingTime where the draft has
    outlived itself, or DraftChanged.
    """
    by.ensure_role(MARKET_ROLES)
    draft = lock_market(connection, market_id=market_id)
    ensure_approvable(draft, by=by)
    if revision not in {None, draft.revision}:
        raise DraftChanged
    opening = {
        "status": MarketStatus.OPEN,
        "approved_by": by.id,
        "approved_at": func.kibeezy_now(),
        "approval_ref": parse_approval_ref(approval_ref) or draft.approval_ref,
        "attestation": attestation_of(draft),
    }
    connection.execute(market.update().where(market.c.id == market_id).values(opening))
    ask(
        connection,
        kind="close_market",
        payload={"market_id": market_id},
        key=f"close_market:{market_id}",
        at=draft.closes_at,
    )
    opened = get_market(connection, market_id=market_id)
    record(
        connection,
        actor=by.email,
        act="market.approved",
        subject=f"market:{market_id}",
        attested=opened.attestation,
        approval_ref=opened.approval_ref,
        before={"status": draft.status},
        after={"status": MarketStatus.OPEN},
    )
    return opened


def ensure_approvable(draft: Market, *, by: Admin) -> None:
    """Raise WrongState, SameAdmin or InvalidClosingTime where this admin may not open it."""
    if draft.status is not MarketStatus.DRAFT:
        raise WrongState(draft.id, draft.status)
    if draft.created_by == by.id:
        raise SameAdmin(_("created it"))
    if by.id in draft.edited_by:
        raise SameAdmin(_("edited it"))
    parse_closing_time(draft.closes_at, now=draft.as_of)
