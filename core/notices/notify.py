"""Queue an SMS: the words and the request to send them, in the transaction that makes them true."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from core.notices.kinds import KINDS
from core.notices.records import sms_out
from core.outbox.records import outbox
from core.text import Language, Text


@dataclass(frozen=True)
class Notice:
    """One SMS to one person, of one of the KINDS; without a `player_id` to somebody else."""

    player_id: int | None
    phone: str
    language: Language
    kind: str
    text: Text


def notify(
    connection: Connection, *, player_id: int, phone: str, language: Language, kind: str, text: Text
) -> None:
    """Queue one SMS to a player, in the player's language. A repeat queues another."""
    notify_all(connection, notices=[Notice(player_id, phone, language, kind, text)])


def notify_all(connection: Connection, *, notices: Sequence[Notice]) -> None:
    """Queue many SMS in two statements, for settlements. A repeat queues them again."""
    if not notices:
        return
    rows = [
        {
            "player_id": notice.player_id,
            "phone": notice.phone,
            "kind": notice.kind,
            "body": notice.text.in_(notice.language),
        }
        for notice in notices
    ]
    # The ids come in the order of the notices, so that each takes its own priority along.
    insert = sms_out.insert().returning(sms_out.c.id, sort_by_parameter_order=True)
    queued = connection.execute(insert, rows).scalars()
    jobs = [
        {"kind": "send_sms", "payload": {"sms_id": sms_id}, "priority": KINDS[notice.kind].priority}
        for sms_id, notice in zip(queued, notices, strict=True)
    ]
    connection.execute(outbox.insert(), jobs)
