"""What answering an SMS takes."""

from dataclasses import dataclass

from sqlalchemy import Engine

from core.keyed_hash import Pepper
from core.settings import Settings


@dataclass(frozen=True)
class Desk:
    """The surroundings of every command."""

    database: Engine
    pepper: Pepper
    settings: Settings

    @property
    def dial(self) -> str:
        """The code that opens the menu."""
        return self.settings.ussd_service_code
