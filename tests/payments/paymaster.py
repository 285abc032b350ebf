"""M-Pesa as a server of its own: knows which orders it has paid, and can be held up anywhere."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_SECONDS = 30


@dataclass
class Gate:
    """Where a request waits, once it is shut."""

    opened: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.opened.set()

    def shut(self) -> None:
        self.opened.clear()

    def passes(self) -> None:
        self.reached.set()
        self.opened.wait(PATIENCE_SECONDS)


@dataclass
class Paymaster:
    """Pays each OriginatorConversationID once, whatever becomes of the answer."""

    url: str = ""
    paid: Counter[str] = field(default_factory=Counter)
    questions: list[dict[str, Any]] = field(default_factory=list)
    token_gate: Gate = field(default_factory=Gate)
    order_gate: Gate = field(default_factory=Gate)

    def mints(self) -> tuple[int, dict[str, Any]]:
        self.token_gate.passes()
        return 200, {"access_token": "a", "expires_in": "3599"}

    def takes(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if "transactionstatus" in path:
            self.questions.append(body)
            return _taken(f"AG_Q{len(self.questions)}")
        order = body["OriginatorConversationID"]
        is_known = order in self.paid
        if not is_known:
            self.paid[order] += 1
        self.order_gate.passes()
        if is_known:
            return 500, {"errorCode": "500.002.1001", "errorMessage": "Duplicate"}
        return _taken(f"AG_{order}")

    def open_gates(self) -> None:
        self.token_gate.opened.set()
        self.order_gate.opened.set()


@contextmanager
def paymaster_at_work() -> Iterator[Paymaster]:
    paymaster = Paymaster()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*paymaster.mints())

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._say(*paymaster.takes(self.path, json.loads(self.rfile.read(length))))

        def _say(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                """Whoever asked was killed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    paymaster.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield paymaster
    paymaster.open_gates()
    server.shutdown()
    server.server_close()
    thread.join()


def _taken(conversation: str) -> tuple[int, dict[str, Any]]:
    return 200, {"ConversationID": conversation, "ResponseCode": "0"}
