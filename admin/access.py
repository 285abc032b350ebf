"""Who may open which page: what is not listed is closed to everybody."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.staff.records import MARKET_ROLES, MONEY_ROLES, PEOPLE_ROLES, Role

EVERYBODY: Final = frozenset(Role)
# Who may see persons: their names, numbers, payments and messages.
PEOPLE: Final = PEOPLE_ROLES
MARKETS: Final = MARKET_ROLES
MONEY: Final = MONEY_ROLES
OWNERS: Final = frozenset({Role.OWNER})


class Door(Enum):
    """How far somebody must have signed in."""

    OPEN = "open"
    ENROLLING = "enrolling"
    SIGNED_IN = "signed in"


@dataclass(frozen=True)
class Policy:
    """What one page or act asks of whoever opens it."""

    door: Door = Door.SIGNED_IN
    roles: frozenset[Role] = frozenset()
    # Whoever acts proves who they are, unless they did so in the last 10 minutes.
    fresh: bool = False
    # A part that refreshes itself keeps nobody signed in.
    live: bool = False
