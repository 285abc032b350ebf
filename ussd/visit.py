"""What a screen knows of the call it is drawn for."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from sqlalchemy import Connection, Engine

from core.config.in_force import Config, read_config
from core.database import commit
from core.keyed_hash import Pepper
from core.ledger.transfer import Key
from core.players.records import Player, get_player
from core.settings import Settings
from core.switches.rules import Switch
from core.text import Language

# Of the keys of everything that a call does; what they share besides is the session's id.
SCOPE: Final = "ussd"


@dataclass(frozen=True)
class Services:
    """What the short code works with; passed in once by app.py."""

    database: Engine
    settings: Settings

    @cached_property
    def readers(self) -> Engine:
        """The same pool of connections, without transactions."""
        return self.database.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def pepper(self) -> Pepper:
        """The key of PIN and code hashes."""
        return self.settings.pepper


@dataclass
class Visit:
    """One hop of one caller. Screens read it; actions may set `language`, `player_id`, `proven`."""

    services: Services
    session_id: str
    position: int
    phone: str
    language: Language
    player_id: int | None = None
    proven: bool = False
    # What could not be asked for when the call began; whatever acts looks again.
    stopped: frozenset[Switch] = frozenset()
    wrote: bool = False
    _writing: Connection | None = field(default=None, repr=False)
    _reading: Connection | None = field(default=None, repr=False)

    @property
    def connection(self) -> Connection:
        """The transaction of an action; committed before the next page is drawn."""
        if self._writing is None:
            self._writing = self.services.database.connect()
        return self._writing

    @property
    def reading(self) -> Connection:
        """For pages: each query alone, so that drawing costs no BEGIN and no COMMIT."""
        if self._reading is None:
            self._reading = self.services.readers.connect()
        return self._reading

    @property
    def database(self) -> Engine:
        """For the few checks that must commit on their own, such as a counted PIN try."""
        return self.services.database

    @property
    def settings(self) -> Settings:
        """The service's settings."""
        return self.services.settings

    @cached_property
    def config(self) -> Config:
        """Fees and limits as they count in this hop."""
        return read_config(self.reading, settings=self.settings)

    @property
    def pepper(self) -> Pepper:
        """The key of PIN and code hashes."""
        return self.services.pepper

    @property
    def key(self) -> Key:
        """Names this hop: whatever it does is done once, however often the hop arrives."""
        return Key(SCOPE, f"{self.session_id}:{self.position}")

    @property
    def who(self) -> int:
        """The id of the player, on pages that only players reach."""
        assert self.player_id is not None, "this page is for players"
        return self.player_id

    def player(self) -> Player:
        """The player as of now."""
        return get_player(self.reading, player_id=self.who)

    def commit(self) -> None:
        """Make what the hop did durable. Raises CommitUnknownError where nobody knows."""
        if self._writing is not None:
            commit(self._writing)
            self._writing.close()
            self._writing = None
            self.wrote = True

    def close(self) -> None:
        """Give the connections back; what was not committed is undone."""
        for connection in (self._writing, self._reading):
            if connection is not None:
                connection.close()
        self._writing = self._reading = None
