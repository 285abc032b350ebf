"""What arrived of what was queued: each once, delivered, and the urgent before the rest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from core.notices.kinds import CODE, KINDS
from core.notices.records import sms_out
from core.outbox.deliver import QUEUED_PER_THREAD, THREADS

# Taken already, or in somebody's hands, when something more urgent is queued or claimed.
UNDER_WAY = THREADS * (1 + QUEUED_PER_THREAD)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """How many came before something more urgent, and what was wrong."""

    too_soon: int
    wrong: list[str]


def arrivals(owner: Engine, messages: Sequence[dict[str, Any]], *, in_order: int) -> Arrivals:
    """Hold what the provider took against what was to be sent; of so many, the order as well."""
    with owner.connect() as connection:
        rows = connection.execute(
            select(
                sms_out.c.provider_id,
                sms_out.c.kind,
                sms_out.c.phone,
                sms_out.c.body,
                sms_out.c.status,
            )
        ).all()
    kinds = {str(row.provider_id): str(row.kind) for row in rows}
    came = [kinds.get(message["id"], CODE) for message in messages[:in_order]]
    # Codes are asked for all the time, so there is always one to come.
    places = [KINDS[kind].priority for kind in came if kind != CODE]
    queued = Counter((row.phone, row.body) for row in rows if row.kind != CODE)
    arrived = Counter(
        (message["to"], message["text"]) for message in messages if kinds.get(message["id"]) != CODE
    )
    open_ones = Counter(str(row.status) for row in rows if row.status != "delivered")
    return Arrivals(
        too_soon=overtakers(places),
        wrong=[*_differ(queued, arrived, open_ones)],
    )


def overtakers(places: Sequence[int], *, under_way: int = UNDER_WAY) -> int:
    """How many came before something more urgent that was not under way with them."""
    count, most_urgent = 0, max(places, default=0)
    for position in range(len(places) - 1, -1, -1):
        behind = position + under_way
        if behind < len(places):
            most_urgent = min(most_urgent, places[behind])
        count += places[position] > most_urgent
    return count


def _differ(
    queued: Counter[tuple[str, str]], arrived: Counter[tuple[str, str]], others: Counter[str]
) -> Iterator[str]:
    for (phone, words), times in (arrived - queued).items():
        yield f"{phone} got {times} times more than queued: {words}"
    for (phone, words), times in (queued - arrived).items():
        yield f"{phone} never got {times}: {words}"
    for status, times in others.items():
        yield f"{times} messages are {status}"
