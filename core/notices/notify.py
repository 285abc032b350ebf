"""Queue an SMS: the words and the request to send them, in the transaction that makes them true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from core.notices.consent import read_wishes
from core.notices.kinds import KINDS, is_news
from core.notices.quiet_hours import next_allowed
from core.notices.records import sms_out
from core.outbox.records import outbox
from core.text import Language, Text


@dataclass(frozen=True)
class Notice:
    """One SMS to one person, of one of the KINDS; without a `player_id` to somebody else.

    Only news may have an `until`: from then on it is moot, and is not sent any more.
    """

    player_id: int | None
    phone: str
    language: Language
    kind: str
    text: Text
    until: datetime | None = None


def notify(
    connection: Connection, *, player_id: int, phone: str, language: Language, kind: str, text: Text
) -> None:
    """Queue one SMS to a player, in the player's language. A repeat queues another."""
    notify_all(connection, notices=[Notice(player_id, phone, language, kind, text)])


def was_told(connection: Connection, *, player_id: int, kind: str, text: Text) -> bool:
    """Whether a player was sent these very words, in any language: for jobs that may run twice."""
    said = sms_out.c.body.in_([text.in_(language) for language in Language])
    told = exists().where(sms_out.c.player_id == player_id, sms_out.c.kind == kind, said)
    return bool(connection.execute(select(told)).scalar_one())


def notify_all(connection: Connection, *, notices: Sequence[Notice]) -> None:
    """Queue many SMS in two statements, for settlements; in three where they are news.

    Who has sent STOP gets no news, and in the quiet hours it waits for the morning. A repeat
    queues them again.
    """
    news = [notice for notice in notices if is_news(notice.kind)]
    if news:
        _queue_news(connection, news)
    asked_for = [notice for notice in notices if not is_news(notice.kind)]
    assert all(notice.until is None for notice in asked_for), "only news is ever dropped"
    _queue(connection, asked_for, [{}] * len(asked_for))


def _queue_news(connection: Connection, news: Sequence[Notice]) -> None:
    wishes = read_wishes(connection, phones=[notice.phone for notice in news])
    wanted = [notice for notice in news if notice.phone not in wishes.stopped]
    times = [{"due_at": next_allowed(wishes.as_of, until=notice.until)} for notice in wanted]
    _queue(connection, wanted, times)


def _queue(
    connection: Connection, notices: Sequence[Notice], times: Sequence[dict[str, datetime]]
) -> None:
    if not notices:
        return
    rows = [
        {
            "player_id": notice.player_id,
            "phone": notice.phone,
            "kind": notice.kind,
            "body": notice.text.in_(notice.language),
            "until": notice.until,
        }
        for notice in notices
    ]
    # The ids come in the order of the notices, so that each takes its own priority along.
    insert = sms_out.insert().returning(sms_out.c.id, sort_by_parameter_order=True)
    queued = connection.execute(insert, rows).scalars()
    jobs = [
        {
            "kind": "send_sms",
            "payload": {"sms_id": sms_id},
            "priority": KINDS[notice.kind].priority,
            **due,
        }
        for sms_id, notice, due in zip(queued, notices, times, strict=True)
    ]
    connection.execute(outbox.insert(), jobs)
