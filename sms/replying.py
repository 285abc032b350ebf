"""Whether what was done is answered, too: floods and forged senders must not cost money."""

from dataclasses import replace

from sqlalchemy import Connection

from core.clock import short_time
from core.notices import answers
from core.notices.answering import (
    Answered,
    LastWord,
    Silence,
    weigh_player,
    weigh_stranger,
)
from core.notices.kinds import KINDS, Sort
from core.notices.notify import Notice, notify_all
from sms.desk import Desk


def reply(connection: Connection, *, desk: Desk, notice: Notice) -> None:
    """Queue the answer to a message, or the last word to a flood, or nothing.

    Money that moved always gets its receipt, and does not count.
    """
    if KINDS[notice.kind].sort is not Sort.ANSWER:
        notify_all(connection, notices=[notice])
        return
    verdict: Answered | LastWord | Silence
    if notice.player_id is None:
        verdict = weigh_stranger(connection, phone=notice.phone)
    else:
        verdict = weigh_player(connection, phone=notice.phone)
    match verdict:
        case Answered():
            notify_all(connection, notices=[notice])
        case LastWord(again_at):
            text = answers.last_word(again_at=short_time(again_at), service_code=desk.dial)
            notify_all(connection, notices=[replace(notice, text=text)])
        case Silence():
            pass
