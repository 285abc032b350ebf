"""Sends SMS, and lets the provider's reports come when a test says so."""

from dataclasses import dataclass

from sqlalchemy import select

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


@dataclass(frozen=True)
class Post:
    world: World

    def sends(self, kind: str = "answer", *, parts: int = 1, counted: int = 1) -> str:
        """Returns the id that the provider gives it."""
        with self.world.database.begin() as connection:
            notice = Notice(None, "+254700000001", Language.ENGLISH, kind, number_verified())
            notify_all(connection, notices=[notice])
            newest = select(sms_out.c.id).order_by(sms_out.c.id.desc()).limit(1)
            sms_id = connection.execute(newest).scalar_one()
            send.begin_sending(connection, sms_id=sms_id, to=HAND)
            send.record_accepted(
                connection,
                sms_id=sms_id,
                provider_id=f"AT{sms_id}",
                provider_status="Sent",
                cost=None,
                parts=parts,
                counted_parts=counted,
                provider=HAND.provider,
            )
        return f"AT{sms_id}"

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
