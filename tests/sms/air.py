"""Phones, the network and the whole service, each behind its own socket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Row, select
from werkzeug.serving import make_server

from app import Wiring, create_app
from core.notices.records import sms_out
from core.outbox.deliver import Worker
from simulator.config import Config
from simulator.server import HOST, serve_in_thread
from tests.simulator.remote import Remote
from tests.sms.exchange import PHONE
from tests.world import World


@dataclass(frozen=True)
class Air:
    """A service whose SMS go through the simulator; its worker works when it is told to."""

    world: World
    remote: Remote
    worker: Worker

    def phone_writes(self, text: str, *, phone: str = PHONE) -> None:
        self.remote.post(f"/control/handsets/{phone}/sms", text=text)

    def network(self, **faults: object) -> None:
        """Let something go wrong at the desk (`sms`), in reports or on the way in; None ends it."""
        self.remote.put("/control/faults", **faults)

    def works(self) -> None:
        """The worker does all that is due."""
        while self.worker.run_due():
            pass

    def passes(self, **step: float) -> None:
        """Time passes, the worker works, and the network reports what became of it."""
        if step:
            self.world.moves(**step)
        self.works()
        self.remote.settle()

    def inbox(self, phone: str = PHONE) -> list[str]:
        """What the phone shows, oldest first."""
        return [message["text"] for message in self.remote.handset(phone)["inbox"]]

    def sent(self, *, after: int = 0) -> list[Any]:
        """What the network took from the service, in the order in which it came."""
        messages: list[Any] = self.remote.get(f"/control/messages?after={after}")
        return messages

    def rows(self) -> "list[Row[*tuple[object, ...]]]":
        with self.world.database.connect() as connection:
            return list(connection.execute(select(sms_out).order_by(sms_out.c.id)))

    def statuses(self) -> list[str]:
        return [row.status for row in self.rows()]


@contextmanager
def on_the_air(world: World, *, second: bool = False) -> Iterator[Air]:
    """The service and the simulator, listening; both gone afterwards.

    With a `second` provider where that is wanted.
    """
    with socket.create_server((HOST, 0), backlog=128) as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        config = Config(port=0, public_url=url, callback_delay_seconds=0)
        simulator = serve_in_thread(config)
        at_the_simulator = {
            "public_url": url,
            "at_base_url": f"{simulator.url}/version1",
            "infobip_base_url": simulator.url if second else "",
            "infobip_api_key": SecretStr(config.infobip_api_key),
            "infobip_sender": config.infobip_sender,
        }
        app = create_app(world.settings.model_copy(update=at_the_simulator))
        server = make_server(
            HOST, listener.getsockname()[1], app, threaded=True, fd=listener.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        wiring: Wiring = app.extensions["kibeezy"]
        try:
            yield Air(world, Remote(simulator.url), wiring.worker())
        finally:
            simulator.stop()
            server.shutdown()
            thread.join()
            server.server_close()
            wiring.close()
