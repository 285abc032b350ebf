"""A tiny service of the tests' own, to which the simulator can speak."""

import queue
import socketserver
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One request that reached the service."""

    path: str
    body: str
    headers: Mapping[str, str]

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Page:
    """What the service answers to a hop."""

    body: str
    status: str = "200 OK"
    label: str = ""


def _menu(text: str) -> Page:
    match text:
        case "":
            return Page("CON Welcome\n1. Bet\n2. Leave", label="home")
        case "1":
            return Page("CON Which?", label="bet")
        case "2":
            return Page("END Goodbye")
        case "9":
            return Page("oops")
        case "8":
            return Page("CON late", status="500 Internal Server Error")
        case _:
            return Page(f"CON You typed {text}")


@dataclass
class FakeService:
    """Hears what the simulator posts and answers hops from a function."""

    menu: Callable[[str], Page] = _menu
    secret: str = "at-secret"
    infobip_secret: str = "infobip-secret"
    url: str = ""
    hops: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    events: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    reports: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    batches: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    inbound: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    callbacks: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    sim_swaps: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    says_to_callbacks: str = "ok"
    answers_callbacks: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.answers_callbacks.set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        headers = {name[5:]: str(text) for name, text in environ.items() if name[:5] == "HTTP_"}
        headers["CONTENT_TYPE"] = environ.get("CONTENT_TYPE", "")
        heard = Heard(environ["PATH_INFO"], environ["wsgi.input"].read(length).decode(), headers)
        page = self._answer(heard)
        start_response(
            page.status,
            [("Content-Type", "text/plain"), ("at-ussd-hop-metadata", page.label)],
        )
        return [page.body.encode()]

    def clear(self) -> None:
        self.says_to_callbacks = "ok"
        for heard in (
            self.hops,
            self.events,
            self.reports,
            self.batches,
            self.inbound,
            self.callbacks,
            self.sim_swaps,
        ):
            while not heard.empty():
                heard.get_nowait()

    def _answer(self, heard: Heard) -> Page:
        match heard.path.split("/")[1:]:
            case ["ussd", self.secret]:
                self.hops.put(heard)
                return self.menu(heard.form["text"])
            case ["ussd", self.secret, "events"]:
                self.events.put(heard)
            case ["sms", self.secret, "delivery"]:
                self.reports.put(heard)
            case ["sms", self.infobip_secret, "infobip", "delivery"]:
                self.batches.put(heard)
            case ["sms", self.secret, "inbound"]:
                self.inbound.put(heard)
            case ["sms", self.secret, "sim-swap"]:
                self.sim_swaps.put(heard)
            case ["payments", *_]:
                self.callbacks.put(heard)
                self.answers_callbacks.wait(PATIENCE_SECONDS)
                return Page(self.says_to_callbacks)
            case _:
                return Page("not found", status="404 Not Found")
        return Page("ok")


class _ThreadedServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@dataclass
class ServiceOnThread:
    """A fake service that listens."""

    service: FakeService
    server: WSGIServer
    thread: threading.Thread

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def serve(service: FakeService) -> ServiceOnThread:
    """Let a service listen on a free port."""
    server = make_server(
        "127.0.0.1", 0, service, server_class=_ThreadedServer, handler_class=_QuietHandler
    )
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    return ServiceOnThread(service, server, thread)
