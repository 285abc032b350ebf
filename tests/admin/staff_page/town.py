"""Everybody around a busy service: phones, M-Pesa and the network of SMS, with a worker at work."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final, TypeVar

import requests
import responses
from flask import Flask
from sqlalchemy import Connection, text

from app import Wiring
from core.config.in_force import read_config
from core.database import in_transaction
from core.deposits.records import Deposit
from core.deposits.request_deposit import request_deposit
from core.ledger.transfer import Key
from core.money import kes
from core.outbox.deliver import Worker
from core.withdrawals.request_withdrawal import request_withdrawal
from core.withdrawals.rules import price_in
from tests.payments.cashier import result_body
from tests.payments.daraja import Answer, Daraja, accepted, result
from tests.payments.paybill import confirmation
from tests.payments.till import NO_DELAY, callback_body
from tests.phone import Phone, ViaTestClient
from tests.sms.wire import Provider
from tests.world import World

SMS = "/sms/dev-at-secret"
PAYBILL = "/payments/c2b/dev-c2b-secret/confirmation"
# When every busy day begins, a Monday; the clock goes on only when it is told to.
BEGINS: Final = datetime.fromisoformat("2026-11-23T08:00:00+03:00")
_STANDS: Final = text(
    f"""
    CREATE OR REPLACE FUNCTION kibeezy_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
    AS 'SELECT timestamptz ''{BEGINS.isoformat()}'' + ahead FROM public.clock'
    """
)
Result = TypeVar("Result")


class Bank(Daraja):
    """Daraja that knows by itself what became of each push."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.became: dict[str, str] = {}

    def _query(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        checkout = json.loads(request.body or "null")["CheckoutRequestID"]
        self.queried.append({"CheckoutRequestID": checkout})
        answer = result(self.became.get(checkout, "4999"), checkout)
        assert not isinstance(answer, Exception)
        return answer[0], {}, json.dumps(answer[1])


@dataclass
class Town:
    """Acts through the service's own routes, use cases and worker; only the wires are a test's."""

    world: World
    app: Flask
    worker: Worker
    bank: Bank
    network: Provider
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def do(self, work: Callable[[Connection], Result]) -> Result:
        return in_transaction(self.world.database, work)

    def works(self) -> None:
        """The worker does all that is due."""
        while self.worker.run_due():
            pass

    def passes(self, **step: float) -> None:
        """Time passes, and the worker does what falls due."""
        self.world.moves(**step)
        self.works()

    def comes_to(self, moment: str) -> None:
        """It is so late now, by the wall in Nairobi."""
        ahead = datetime.fromisoformat(f"{moment}+03:00") - BEGINS
        with self.world.owner.begin() as connection:
            connection.execute(text("UPDATE clock SET ahead = :ahead"), {"ahead": ahead})
        self.works()

    def phone(self, number: str) -> Phone:
        return Phone(ViaTestClient(self.app.test_client()), number)

    def last_sms(self, phone: str) -> str:
        return next(o["message"] for o in reversed(self.network.orders) if o["to"] == phone)

    def posts(self, path: str, body: object) -> None:
        """A provider calls back."""
        assert self.app.test_client().post(path, json=body).status_code == 200
        self.works()

    def pays_in(
        self, phone: str, shillings: int, *, push: Answer | None = None, **told: object
    ) -> int:
        """Ask for a deposit, which M-Pesa tells of; returns its number.

        `told` changes the callback, and `code=None` keeps it away. `push` is the answer to the push
        itself, where it is not taken.
        """
        number = next(self._numbers)
        checkout, merchant = f"ws_CO_23112026{number:06}", f"29115-{number:08}-1"
        self.bank.answers_push(push or accepted(checkout, merchant))
        asked = self._asks_for(phone, shillings)
        self.works()
        usual = {"code": 0, "amount": float(shillings), "receipt": f"TKN{number:03}RT61"}
        body = {
            **usual,
            "phone": int(phone[1:]),
            "checkout": checkout,
            "merchant": merchant,
            **told,
        }
        if push is None and body["code"] is not None:
            self.bank.became[checkout] = str(body["code"])
            self.posts(f"/payments/stk/{asked.token}", callback_body(**body))
        return asked.id

    def pays_out(
        self, phone: str, shillings: int, *, order: Answer | None = None, **told: object
    ) -> int:
        """The same of a withdrawal, whose order is answered by `order` where it is not taken."""
        number, player_id = next(self._numbers), self.world.player(phone).id
        self.bank.pay_out_answers.clear()
        if order is not None:
            self.bank.answers_pay_out(order)
        asked = self.do(
            lambda c: request_withdrawal(
                c,
                player_id=player_id,
                price=price_in(read_config(c, settings=self.world.settings), kes(shillings)),
                key=Key("town", f"out-{number}:1"),
                settings=self.world.settings,
            )
        )
        self.passes(seconds=61)
        usual = {"code": 0, "amount": asked.net.shillings, "receipt": f"TKN{number:03}NMUA"}
        body = {**usual, **told}
        if order is None and body["code"] is not None:
            self.posts(f"/payments/b2c/{asked.token}/result", result_body(asked, **body))
        return asked.id

    def pays_bill(self, account: str, shillings: int, *, proven: bool = True) -> str:
        """Somebody pays the paybill; M-Pesa's status proves it. Returns the receipt."""
        number = next(self._numbers)
        receipt = f"TKN{number:03}ZDR4"
        self.posts(
            PAYBILL, confirmation(receipt=receipt, amount=f"{shillings}.00", account=account)
        )
        self.passes(seconds=6)
        if proven:
            self._proves(receipt, shillings)
        return receipt

    def reports(self, sms_id: int, status: str, failure: str = "") -> None:
        """The network tells what became of a message."""
        with self.world.database.connect() as connection:
            which = text("SELECT provider_id FROM sms_out WHERE id = :id")
            provider_id = connection.execute(which, {"id": sms_id}).scalar_one()
        form = {"id": provider_id, "status": status, "networkCode": "63902"}
        told = {**form, **({"failureReason": failure} if failure else {})}
        assert self.app.test_client().post(f"{SMS}/delivery", data=told).status_code == 200

    def writes(self, phone: str, words: str) -> None:
        """A player sends an SMS."""
        form = {"from": phone, "id": f"in-{next(self._numbers)}", "linkId": "", "text": words}
        more = {"date": "2026-11-25 10:00:00", "to": "20300", "networkCode": "63902"}
        assert self.app.test_client().post(f"{SMS}/inbound", data=form | more).status_code == 200
        self.works()

    def _asks_for(self, phone: str, shillings: int) -> Deposit:
        player_id, number = self.world.player(phone).id, next(self._numbers)
        return self.do(
            lambda c: request_deposit(
                c,
                player_id=player_id,
                amount=kes(shillings),
                key=Key("town", f"in-{number}:1"),
                config=read_config(c, settings=self.world.settings),
                push_delay=NO_DELAY,
            )
        )

    def _proves(self, receipt: str, shillings: int) -> None:
        question = self.bank.asked[-1]
        told: dict[str, Any] = {
            "ReceiptNo": receipt,
            "Amount": shillings,
            "TransactionStatus": "Completed",
        }
        pairs = [{"Key": key, "Value": value} for key, value in told.items()]
        answer = {
            "ResultType": 0,
            "ResultCode": 0,
            "ResultDesc": "The service request is processed successfully.",
            "ConversationID": f"AG_Q{len(self.bank.asked)}",
            "ResultParameters": {"ResultParameter": pairs},
        }
        path = question["ResultURL"].removeprefix(self.world.settings.public_url)
        self.posts(path, {"Result": answer})


@contextmanager
def open_town(world: World, app: Flask) -> Iterator[Town]:
    """The clock stands from now on; while the block runs, no request leaves this process."""
    with world.owner.begin() as connection:
        connection.execute(_STANDS)
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Town(world, app, wiring.worker(), Bank(wire), Provider(wire))
