"""A wire between the service and PostgreSQL that can fall silent or be cut."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SOCKET: Final = ".s.PGSQL.5432"
_BYTES: Final = 64 * 1024


@dataclass
class Relay:
    """Carries everything, until what the server answers is lost."""

    near: Path
    far: Path
    _listener: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_UNIX))
    _lines: list[tuple[socket.socket, socket.socket]] = field(default_factory=list)
    _silent: set[socket.socket] = field(default_factory=set)
    _cut: set[socket.socket] = field(default_factory=set)

    def opens(self) -> None:
        self._listener.bind(str(self.near / SOCKET))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def closes(self) -> None:
        for end in (self._listener, *(end for line in self._lines for end in line)):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def falls_silent(self) -> None:
        """From here on no answer comes back over the connections that are open."""
        self._silent |= {server for _client, server in self._lines}

    def is_cut_by_the_next_answer(self) -> None:
        """Each open connection ends when its server answers, and the answer is lost."""
        self._cut |= {server for _client, server in self._lines}

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.far / SOCKET))
                self._lines.append((client, server))
                for way in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(_BYTES):
                if source in self._cut:
                    break
                if source not in self._silent:
                    goal.sendall(said)
            goal.shutdown(socket.SHUT_RDWR)
