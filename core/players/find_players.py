"""Finding players for whoever helps a caller: by number, by its last digits, by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, TextClause, func, select, text

from core.phone import InvalidPhone, parse_phone
from core.players.records import Player, player, player_from

# Fewer digits, or letters, name too many.
FEWEST_DIGITS: Final = 4
FEWEST_LETTERS: Final = 3
_DIGITS: Final = re.compile(rf"\d{{{FEWEST_DIGITS},9}}", re.ASCII)
_BETWEEN: Final = re.compile(r"[\s\-()]", re.ASCII)
# In the order of the index, which is by bytes.
_BY_END: Final = text(
    """
    SELECT player.*, kibeezy_now() AS now FROM player WHERE reverse(phone) LIKE :pattern
    ORDER BY reverse(phone) USING ~<~ LIMIT :limit
    """
)
_BY_NAME: Final = text(
    """
    SELECT player.*, kibeezy_now() AS now FROM player WHERE lower(full_name) LIKE :pattern
    ORDER BY lower(full_name) USING ~<~, id LIMIT :limit
    """
)


@dataclass(frozen=True)
class FoundPlayers:
    """The players, in the order of what was searched; `more` where others were left off."""

    players: Sequence[Player]
    more: bool = False


def find_players(connection: Connection, *, typed: str, limit: int) -> FoundPlayers:
    """The player with this number, in any spelling.

    What is no number: those whose number ends with these digits, or whose name begins with these
    letters; nobody where they are too few.
    """
    digits = _BETWEEN.sub("", typed)
    try:
        number = parse_phone(typed)
    except InvalidPhone:
        if _DIGITS.fullmatch(digits):
            return _those(connection, _BY_END, f"{digits[::-1]}%", limit)
        name = " ".join(typed.lower().split())
        if sum(map(str.isalpha, name)) < FEWEST_LETTERS:
            return FoundPlayers(())
        return _those(connection, _BY_NAME, f"{_plain(name)}%", limit)
    query = select(player, func.kibeezy_now().label("now")).where(player.c.phone == number)
    return FoundPlayers([player_from(row) for row in connection.execute(query)])


def _those(connection: Connection, which: TextClause, pattern: str, limit: int) -> FoundPlayers:
    values: dict[str, Any] = {"pattern": pattern, "limit": limit + 1}
    found = [player_from(row) for row in connection.execute(which, values)]
    return FoundPlayers(found[:limit], more=len(found) > limit)


def _plain(name: str) -> str:
    """Letters that LIKE takes for themselves."""
    return name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
