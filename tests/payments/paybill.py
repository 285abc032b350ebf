"""A paybill: people pay it, Daraja tells, the worker asks, and Transaction Status answers."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Connection, text
from werkzeug.test import TestResponse

from core.database import in_transaction
from core.money import Money, kes
from core.outbox.deliver import Done, Worker
from core.paybill.list_suspense import list_suspense
from core.paybill.records import PaybillPayment, get_payment
from core.paybill.rules import ProvenBy
from core.paybill.settle_payment import Settled, settle_payment
from core.players.limits import LimitKind, set_limit
from payments import c2b_desk, c2b_routes
from tests.payments.daraja import Daraja
from tests.payments.till import PHONE, Till

SECRET = "dev-c2b-secret"
RECEIPT = "RKL51ZDR4F"
FIVE_HUNDRED = kes(500)


def confirmation(
    *,
    receipt: object = RECEIPT,
    amount: object = "500.00",
    account: object = "0708374149",
    **others: object,
) -> dict[str, Any]:
    """What Daraja tells of a payment (daraja.md §5.1, official sample)."""
    return {
        "TransactionType": "Pay Bill",
        "TransID": receipt,
        "TransTime": "20261121121325",
        "TransAmount": amount,
        "BusinessShortCode": "174379",
        "BillRefNumber": account,
        "InvoiceNumber": "",
        "OrgAccountBalance": "25.00",
        "ThirdPartyTransID": "",
        "MSISDN": "2547 ***** 126",
        "FirstName": "NICHOLAS",
        "MiddleName": "",
        "LastName": "",
        **others,
    }


@dataclass
class Paybill:
    """The till's world, with the paybill's routes and jobs added to it."""

    till: Till
    daraja: Daraja

    def __post_init__(self) -> None:
        self.world, self.settings = self.till.world, self.till.settings
        self.app: Flask = self.till.app
        self.app.register_blueprint(
            c2b_routes.blueprint(database=self.world.database, settings=self.settings)
        )
        desk = c2b_desk.jobs(database=self.world.database, settings=self.settings)
        handlers = {**self.till.worker.handlers, **desk, "send_sms": lambda _: Done()}
        self.till.worker = Worker(self.world.database, handlers)

    def validates(self, body: object, *, secret: str = SECRET) -> TestResponse:
        return self._posts("validation", body, secret)

    def is_told(
        self, body: object = None, *, secret: str = SECRET, sender: str = "127.0.0.1"
    ) -> TestResponse:
        """Daraja's confirmation arrives, or another sender's, and the worker reads it."""
        told = confirmation() if body is None else body
        answer = self._posts("confirmation", told, secret, sender)
        self.till.works()
        return answer

    def asks(self) -> dict[str, Any]:
        """Let the first look come; the question that was asked."""
        before = len(self.asked)
        self.world.moves(seconds=6)
        self.till.works()
        assert len(self.asked) == before + 1, "one question"
        return self.asked[-1]

    def is_answered(
        self,
        *,
        amount: object = 500,
        status: str = "Completed",
        receipt: object = RECEIPT,
        code: object = 0,
    ) -> None:
        """The newest question gets its answer (daraja.md §5.3)."""
        url = str(self.asked[-1]["ResultURL"])
        pairs = {"ReceiptNo": receipt, "Amount": amount, "TransactionStatus": status}
        listed = [{"Key": key, "Value": value} for key, value in pairs.items()]
        result = {
            "ResultType": 0,
            "ResultCode": code,
            "ResultDesc": "What Daraja says",
            "ConversationID": f"AG_Q{len(self.asked)}",
            "ResultParameters": {"ResultParameter": [{"Key": "TransactionReason"}, *listed]},
        }
        path = url.removeprefix(self.settings.public_url)
        answer = self.app.test_client().post(path, json={"Result": result})
        assert answer.status_code == 200
        self.till.works()

    def is_paid(self, amount: int = 500, *, account: str = "0708374149") -> None:
        """A payment from the confirmation to the proof."""
        self.is_told(confirmation(amount=f"{amount}.00", account=account))
        self.asks()
        self.is_answered(amount=amount)

    def player_limits_itself(self, limit: Money) -> None:
        """To this much a day, from now on."""
        player_id, kind = self.world.player(PHONE).id, LimitKind.DAILY_DEPOSIT
        in_transaction(
            self.world.database,
            lambda c: set_limit(c, player_id=player_id, kind=kind, amount=limit),
        )

    def proves(self, *, amount: Money = FIVE_HUNDRED) -> Settled:
        """The statement proves the newest payment."""
        paybill_id = self.now.id

        def settle(connection: Connection) -> Settled:
            found = get_payment(connection, paybill_id=paybill_id)
            return settle_payment(connection, found, amount=amount, proven_by=ProvenBy.STATEMENT)

        return in_transaction(self.world.database, settle)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Every question to Transaction Status."""
        return self.daraja.asked

    @property
    def now(self) -> PaybillPayment:
        """The newest payment."""
        with self.world.database.connect() as connection:
            newest = connection.execute(text("SELECT max(id) FROM paybill_payment")).scalar_one()
            assert newest is not None, "nobody has heard of a payment"
            return get_payment(connection, paybill_id=newest)

    @property
    def wallet(self) -> Money:
        return self.world.wallet(PHONE)

    def stands(self) -> tuple[str, str | None]:
        """State and reason of the newest payment."""
        return self.now.state.value, self.now.reason

    def waiting(self) -> list[int]:
        """Payments that the operator sees."""
        listed = in_transaction(self.world.database, list_suspense)
        return [one.payment.id for one in listed]

    def messages(self) -> list[str]:
        return self._column("SELECT body FROM sms_out WHERE kind LIKE 'paybill%' ORDER BY id")

    def acts(self) -> list[str]:
        return self._column("SELECT act FROM audit_event WHERE act LIKE 'paybill%' ORDER BY id")

    def alarms(self) -> list[str]:
        return self._column("SELECT kind FROM alarm ORDER BY id")

    def verdicts(self) -> list[str]:
        return self._column("SELECT verdict FROM provider_callback WHERE kind = 'c2b' ORDER BY id")

    def kept(self) -> str:
        """Everything that the raw table holds of confirmations."""
        return "\n".join(
            self._column("SELECT body FROM provider_callback WHERE kind = 'c2b' ORDER BY id")
        )

    def _posts(
        self, part: str, body: object, secret: str, sender: str = "127.0.0.1"
    ) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.app.test_client().post(
            f"/payments/c2b/{secret}/{part}",
            data=data,
            environ_overrides={"REMOTE_ADDR": sender},
        )

    def _column(self, query: str) -> list[str]:
        with self.world.database.connect() as connection:
            return list(connection.execute(text(query)).scalars())
