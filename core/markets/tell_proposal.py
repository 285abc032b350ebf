"""Everybody who bet is told what result is proposed, and until when it may be disputed."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from core.clock import short_time
from core.gsm7 import cut_to
from core.markets.market import Market, get_market
from core.markets.plan import be_patient
from core.markets.records import bet
from core.notices.notify import Notice, notify_all
from core.notices.result_texts import LONGEST_SOURCE, correction_proposed, result_proposed
from core.outbox.records import BACKGROUND, ask
from core.players.records import player
from core.text import Language, Text

PLAYERS_A_CHUNK: Final = 1_000


def ask_to_tell(connection: Connection, *, market: Market, after: int = 0) -> bool:
    """Ask for the next chunk, of the players after this one; False where it was asked for before.

    The key names the proposal and the place, so that whoever asks first is the only one to go on.
    """
    assert market.proposed_at is not None
    proposed_at = market.proposed_at.isoformat()
    return ask(
        connection,
        kind="tell_proposal",
        payload={"market_id": market.id, "proposed_at": proposed_at, "after": after},
        key=f"tell_proposal:{market.id}:{proposed_at}:{after}",
        priority=BACKGROUND,
    )


def tell_proposal(
    connection: Connection,
    *,
    market_id: int,
    proposed_at: datetime,
    after: int,
    limit: int = PLAYERS_A_CHUNK,
) -> int:
    """Queue the SMS of the next players, and ask for the chunk behind them; returns how many.

    A repeat finds that chunk asked for, and queues nothing. Once the proposal is replaced or
    resolved, or its window is over, nobody else is told, nor whoever has sent STOP.
    """
    found = get_market(connection, market_id=market_id)
    if found.proposed_at != proposed_at or not found.in_challenge_window:
        return 0
    be_patient(connection)
    bettors = (
        select(bet.c.player_id)
        .where(bet.c.market_id == market_id, bet.c.player_id > after)
        .distinct()
        .order_by(bet.c.player_id)
        .limit(limit)
        .subquery()
    )
    query = select(player.c.id, player.c.phone, player.c.language).join(
        bettors, bettors.c.player_id == player.c.id
    )
    told = connection.execute(query.order_by(player.c.id)).all()
    if not told or not ask_to_tell(connection, market=found, after=told[-1].id):
        return 0
    words, until = _words(found), found.challenge_ends_at
    notices = [
        Notice(row.id, row.phone, Language(row.language), "result_proposed", words, until)
        for row in told
    ]
    notify_all(connection, notices=notices)
    return len(notices)


def _words(found: Market) -> Text:
    assert found.proposed_outcome is not None
    assert found.challenge_ends_at is not None
    until = short_time(found.challenge_ends_at)
    if found.version > 1:
        return correction_proposed(
            market_id=found.id, label=found.label, outcome=found.proposed_outcome, until=until
        )
    return result_proposed(
        market_id=found.id,
        label=found.label,
        outcome=found.proposed_outcome,
        source=cut_to(found.resolves_from or found.evidence or "", most=LONGEST_SOURCE),
        until=until,
    )
