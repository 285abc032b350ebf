"""Fills the queue with SMS of every priority, by the service's own use cases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from bench.books.crowd import Crowd
from bench.books.ground import Ground
from core.database import in_transaction
from core.money import kes
from core.notices import result_texts, texts
from core.notices.notify import Notice, notify_all
from core.players.phone_code import Purpose, ask_code
from core.text import Language, Text

# Of a hundred messages. The rest is news.
CODES, RECEIPTS, BULK_RECEIPTS = 1, 30, 50
_AT_ONCE: Final = 1000
_BALANCE = kes(12_345)
# News has its hours, and the queue must not wait for the morning.
_NOON = text(
    """
    UPDATE clock SET ahead = ahead
        + (date_trunc('day', kibeezy_now() AT TIME ZONE 'Africa/Nairobi') + interval '36 hours'
           - kibeezy_now() AT TIME ZONE 'Africa/Nairobi')
    """
)

_TOOK = text(
    """
    SELECT extract(epoch FROM (SELECT max(done_at) FROM outbox WHERE kind = 'send_sms')
        - (SELECT min(sent_at) FROM sms_out))
    """
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Puts messages to the players of a crowd into the queue, each unlike all others."""

    ground: Ground
    crowd: Crowd

    def opens_at_noon(self) -> None:
        """Let the service's clock say noon in Nairobi, tomorrow."""
        with self.ground.owner.begin() as connection:
            connection.execute(_NOON)

    def fills(self, messages: int, *, progress: Callable[[int], None], first: int = 0) -> None:
        """Queue so many; the least urgent first, so that the order is the queue's doing.

        Those after the first filling are told apart by their number, and hold no code.
        """
        codes = 0 if first else messages * CODES // 100
        notices = [self._notice(first, number, messages) for number in range(codes, messages)]
        notices.reverse()
        for low in range(0, len(notices), _AT_ONCE):
            some = notices[low : low + _AT_ONCE]
            in_transaction(self.ground.database, lambda c, n=some: notify_all(c, notices=n))  # type: ignore[misc]
            progress(low + len(some))
        for number in range(codes):
            self.asks_for_a_code(number)

    def asks_for_a_code(self, number: int) -> None:
        """Let a player ask for a code; each number only once in a run."""
        player_id = self.crowd.first + number
        in_transaction(
            self.ground.database,
            lambda c: ask_code(c, player_id=player_id, purpose=Purpose.PIN_RESET),
        )

    def waits(self) -> int:
        """How many are still to be sent."""
        return self._count("done_at IS NULL AND set_aside_at IS NULL")

    def set_aside(self) -> int:
        """How many could not be sent."""
        return self._count("set_aside_at IS NOT NULL")

    def seconds_of_sending(self) -> float:
        """From the first message that went out to the end of the last."""
        with self.ground.owner.connect() as connection:
            return float(connection.execute(_TOOK).scalar_one())

    def seconds_of_codes(self) -> list[float]:
        """How long each code took that was asked for so far, the oldest first."""
        query = text(
            "SELECT extract(epoch FROM done_at - created_at) FROM outbox"
            " WHERE kind = 'send_code' AND done_at IS NOT NULL ORDER BY id"
        )
        with self.ground.owner.connect() as connection:
            return [float(seconds) for seconds in connection.execute(query).scalars()]

    def _count(self, which: str) -> int:
        query = text(
            f"SELECT count(*) FROM outbox WHERE kind IN ('send_sms', 'send_code') AND {which}"  # noqa: S608 - our own words
        )
        with self.ground.owner.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def _notice(self, first: int, number: int, messages: int) -> Notice:
        kind, words = _worded(first + number, share=100 * number // messages)
        at = number % self.crowd.size
        player_id, phone = self.crowd.first + at, self.crowd.phone(at)
        return Notice(player_id, phone, Language.ENGLISH, kind, words)


def _worded(number: int, *, share: int) -> tuple[str, Text]:
    reference = f"{number:06}"
    if share < CODES + RECEIPTS:
        words = texts.bet_placed(
            reference=reference,
            market_id=101,
            label="Horse 1",
            side="yes",
            stake=kes(100),
            balance=_BALANCE,
        )
        return "bet_placed", words
    if share < CODES + RECEIPTS + BULK_RECEIPTS:
        words = result_texts.bets_settled(
            market_id=102,
            label="Horse 2",
            outcome="yes",
            staked=kes(100),
            paid=kes(180),
            refunded=False,
            late=kes(0),
            balance=_BALANCE,
            reference=reference,
        )
        return "bets_settled", words
    words = result_texts.result_proposed(
        market_id=number,
        label="Horse 3",
        outcome="no",
        source="the steward",
        until="31/12 18:00",
    )
    return "result_proposed", words
