"""Sends SMS, and lets the provider's reports come when a test says so."""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Engine, func, select

from core.carriers.rules import Carrier
from core.database import in_transaction
from core.notices import send
from core.notices.costs import MessagePrice
from core.notices.notify import Notice, notify_all
from core.notices.records import sms_out
from core.notices.reports import record_report
from core.notices.texts import number_verified
from core.text import Language
from tests.world import World

SAFARICOM = "63902"
HAND = send.Hand(Carrier.AFRICAS_TALKING)
TO_NOBODY: Final = Notice(None, "+254700000001", Language.ENGLISH, "answer", number_verified())


def begun(database: Engine, notice: Notice = TO_NOBODY) -> int:
    """An SMS whose sending has begun."""
    with database.begin() as connection:
        notify_all(connection, notices=[notice])
        sms_id: int = connection.execute(select(func.max(sms_out.c.id))).scalar_one()
        found = send.begin_sending(connection, sms_id=sms_id, to=HAND)
        assert not isinstance(found, send.Found)
    return sms_id


def accepted(
    database: Engine, sms_id: int, *, provider_id: str = "", parts: int = 1, counted: int = 1
) -> str:
    """The provider has taken it, under this id."""
    provider_id = provider_id or f"AT{sms_id}"
    with database.begin() as connection:
        send.record_accepted(
            connection,
            sms_id=sms_id,
            provider_id=provider_id,
            provider_status="Sent",
            cost=None,
            parts=parts,
            counted_parts=counted,
            provider=HAND.provider,
        )
    return provider_id


@dataclass(frozen=True)
class Post:
    world: World

    def sends(self, kind: str = "answer", *, parts: int = 1, counted: int = 1) -> str:
        """Returns the id that the provider gives it."""
        sms_id = begun(self.world.database, replace(TO_NOBODY, kind=kind))
        return accepted(self.world.database, sms_id, parts=parts, counted=counted)

    def hears(
        self,
        provider_id: str,
        status: str = "Success",
        network: str | None = SAFARICOM,
        price: MessagePrice | None = None,
    ) -> None:
        in_transaction(
            self.world.database,
            lambda c: record_report(
                c, provider_id=provider_id, status=status, network=network, price=price
            ),
        )
