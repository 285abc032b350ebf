"""Once a day the head of the chain goes to people who keep it."""

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from core.notices.notify import Notice, notify_all
from core.notices.texts import head_published
from core.seal.head import last_blocks
from core.seal.records import published_head
from core.seal.schedule import today
from core.text import Language


def publish_head(connection: Connection, *, witnesses: Sequence[str]) -> bool:
    """Keep today's head and send it to each witness's phone, once a day.

    A repeat on the same day sends nothing, nor does a chain without a block; both return False.
    """
    newest = last_blocks(connection, limit=1)
    if not newest:
        return False
    [head] = newest
    day = today(connection)
    kept = insert(published_head).values(
        day=day, block_number=head.number, hash=bytes.fromhex(head.hash)
    )
    once = kept.on_conflict_do_nothing().returning(published_head.c.day)
    if connection.execute(once).first() is None:
        return False
    text = head_published(day=f"{day:%d/%m/%Y}", block=head.number, hash_hex=head.hash)
    notices = [Notice(None, phone, Language.ENGLISH, "head", text) for phone in witnesses]
    notify_all(connection, notices=notices)
    return True
