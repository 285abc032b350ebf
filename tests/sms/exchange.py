"""Both ends of an SMS: a phone that writes to the short code, and the worker that answers."""

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Row, select
from werkzeug.test import TestResponse

from core.database import now
from core.notices.records import sms_in, sms_out
from core.outbox.deliver import Worker
from core.outbox.records import outbox
from tests.world import World

SECRET, INFOBIP_SECRET = "dev-at-secret", "dev-infobip-secret"
PHONE = "+254700000001"


@dataclass
class Exchange:
    world: World
    client: FlaskClient
    worker: Worker
    _ids: "count[int]" = field(default_factory=count)

    def writes(
        self,
        text: str,
        *,
        phone: str = PHONE,
        provider_id: str | None = None,
        date: str | None = None,
    ) -> None:
        """The network brings a message to the service, as a rule just after it was written."""
        form = {
            "date": self.date() if date is None else date,
            "from": phone,
            "id": provider_id or f"in-{next(self._ids)}",
            "linkId": "",
            "text": text,
            "to": "20300",
            "networkCode": "63902",
        }
        assert self.posts("inbound", data=form).status_code == 200

    def date(self, *, ago: timedelta = timedelta(0), form: str = "%Y-%m-%d %H:%M:%S") -> str:
        """A moment of the service's clock, as the provider writes it."""
        with self.world.database.connect() as connection:
            return (now(connection) - ago).astimezone(UTC).strftime(form)

    def posts(self, what: str, *, secret: str = SECRET, **request: Any) -> TestResponse:  # noqa: ANN401
        return self.client.post(f"/sms/{secret}/{what}", **request)

    def works(self) -> None:
        """Let the worker do all that is due now."""
        while self.worker.run_due():
            pass

    def asks(self, text: str, *, phone: str = PHONE, date: str | None = None) -> str:
        """Write, and read what is queued as the answer."""
        self.writes(text, phone=phone, date=date)
        return self.queued(phone)[-1]

    def queued(self, phone: str = PHONE) -> list[str]:
        query = select(sms_out.c.body).where(sms_out.c.phone == phone).order_by(sms_out.c.id)
        with self.world.database.connect() as connection:
            return [body for body in connection.execute(query).scalars() if body is not None]

    def rows(self) -> "list[Row[*tuple[object, ...]]]":
        with self.world.database.connect() as connection:
            return list(connection.execute(select(sms_out).order_by(sms_out.c.id)))

    def kept(self) -> list[str]:
        """What is stored of the messages that came in."""
        query = select(sms_in.c.body_redacted).order_by(sms_in.c.id)
        with self.world.database.connect() as connection:
            return list(connection.execute(query).scalars())

    def jobs(self, kind: str) -> "list[Row[*tuple[object, ...]]]":
        query = select(outbox).where(outbox.c.kind == kind).order_by(outbox.c.id)
        with self.world.database.connect() as connection:
            return list(connection.execute(query))
