"""Serves the simulator: on a thread for tests, or until a signal for people."""

import logging
import signal
import socket
import threading
from dataclasses import dataclass

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from simulator.app import create_app
from simulator.config import Config

HOST = "127.0.0.1"
POLL_SECONDS = 0.05
BACKLOG = 128


@dataclass(kw_only=True, slots=True)
class RunningSimulator:
    """A simulator on a thread; `url` has no slash at its end."""

    url: str
    server: BaseWSGIServer
    thread: threading.Thread

    def stop(self) -> None:
        """Stop listening, drop what is still due, and return when the port is free."""
        _close(self.server)
        self.thread.join()
        self.server.server_close()


def serve_in_thread(config: Config) -> RunningSimulator:
    """Start the simulator; port 0 takes a free one. Raises OSError for a taken port."""
    server = _server(config)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    return RunningSimulator(url=f"http://{HOST}:{server.port}", server=server, thread=thread)


def serve_until_signal(config: Config) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError for a taken port."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    running = serve_in_thread(config)
    stopping.wait()
    running.stop()


class _QuietHandler(WSGIRequestHandler):
    # A line per request would bury the service's own log, and the paths say nothing new.
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


def _server(config: Config) -> BaseWSGIServer:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # werkzeug would end the process itself over a taken port; we say it in our own line.
    with socket.create_server((HOST, config.port), backlog=BACKLOG) as listener:
        return make_server(
            HOST,
            listener.getsockname()[1],
            create_app(config),
            threaded=True,
            request_handler=_QuietHandler,
            fd=listener.fileno(),
        )


def _close(server: BaseWSGIServer) -> None:
    world = server.app.extensions["simulator"]  # type: ignore[attr-defined]  # our Flask app
    world.closing.set()
    world.deliveries.cancel_all()
    server.shutdown()
