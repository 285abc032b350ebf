"""A till: asks for deposits, runs the worker and the callback route, and counts the money."""

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask
from redis import Redis
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from core.config.in_force import read_config
from core.database import in_transaction
from core.deposits.records import Deposit, get_deposit
from core.deposits.request_deposit import request_deposit
from core.deposits.unconfirmed import unconfirmed
from core.ledger import book
from core.ledger.transfer import Key
from core.money import Money, kes
from core.outbox.deliver import Done, Worker
from core.provider.records import provider_callback
from core.settings import Settings
from payments.jobs import jobs
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa, open_mpesa
from payments.mpesa.pull import open_pull
from payments.routes import blueprint
from tests.world import World

PHONE = "+254708374149"
CHECKOUT = "ws_CO_221120261200001708374149"
MERCHANT = "29115-34620561-1"
RECEIPT = "NLJ7RT61SV"
NO_DELAY = timedelta(0)
THOUSAND = kes(1000)
_keys = count(1)


def callback_body(
    *,
    code: object = 0,
    amount: object = 1000.0,
    receipt: object = RECEIPT,
    phone: object = 254708374149,
    checkout: object = CHECKOUT,
    merchant: object = MERCHANT,
) -> dict[str, Any]:
    inner: dict[str, Any] = {
        "MerchantRequestID": merchant,
        "CheckoutRequestID": checkout,
        "ResultCode": code,
        "ResultDesc": "What Daraja says",
    }
    if code in (0, "0"):
        items = {"Amount": amount, "MpesaReceiptNumber": receipt, "PhoneNumber": phone}
        pairs = [{"Name": name, "Value": value} for name, value in items.items()]
        inner["CallbackMetadata"] = {"Item": [{"Name": "Balance"}, *pairs]}
    return {"Body": {"stkCallback": inner}}


@dataclass
class Till:
    world: World
    settings: Settings
    redis_client: Redis

    def __post_init__(self) -> None:
        self.world.has_player(PHONE)
        self.open_routes()
        self.open_worker()

    def open_routes(self) -> None:
        """Where Daraja calls back, by the settings of now."""
        self.app = Flask("till")
        self.app.register_blueprint(blueprint(database=self.world.database, settings=self.settings))

    def open_worker(self) -> None:
        """A worker that goes by the settings of now."""
        handlers = jobs(
            database=self.world.database,
            mpesa=self.mpesa,
            pull=open_pull(settings=self.settings, redis_client=self.redis_client),
            budget=QueryBudget(settings=self.settings, redis_client=self.redis_client),
            settings=self.settings,
        )
        self.worker = Worker(self.world.database, {**handlers, "send_sms": lambda _job: Done()})

    @property
    def mpesa(self) -> Mpesa:
        return open_mpesa(settings=self.settings, redis_client=self.redis_client)

    def asks(
        self,
        amount: Money = THOUSAND,
        *,
        phone: str = PHONE,
        key: str | None = None,
    ) -> Deposit:
        player_id = self.world.player(phone).id
        return in_transaction(
            self.world.database,
            lambda c: request_deposit(
                c,
                player_id=player_id,
                amount=amount,
                key=Key("test", key or str(next(_keys))),
                config=read_config(c, settings=self.settings),
                push_delay=NO_DELAY,
            ),
        )

    def works(self) -> None:
        """Do all that is due now, and what follows from it; waits for places in the budget."""
        while self.worker.run_due():
            time.sleep(0)

    def posts(
        self,
        deposit: Deposit,
        body: object = None,
        *,
        token: str | None = None,
        **where: Any,  # noqa: ANN401 - what the test client takes
    ) -> TestResponse:
        content = callback_body() if body is None else body
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        url = f"/payments/stk/{token or deposit.token}"
        return self.app.test_client().post(url, data=data, **where)

    def now(self, deposit: Deposit) -> Deposit:
        return in_transaction(self.world.database, lambda c: get_deposit(c, deposit_id=deposit.id))

    def state(self, deposit: Deposit) -> str:
        return self.now(deposit).state.value

    @property
    def wallet(self) -> Money:
        return self.world.wallet(PHONE)

    @property
    def held(self) -> Money:
        player_id = self.world.player(PHONE).id
        return in_transaction(self.world.database, lambda c: book.held(c, player_id=player_id))

    @property
    def unconfirmed(self) -> Money:
        player_id = self.world.player(PHONE).id
        return in_transaction(self.world.database, lambda c: unconfirmed(c, player_id=player_id))

    def messages(self) -> list[str]:
        query = "SELECT body FROM sms_out WHERE kind LIKE 'deposit%' ORDER BY id"
        return self.column(query)

    def verdicts(self) -> list[str]:
        with self.world.database.connect() as connection:
            query = select(provider_callback.c.verdict).order_by(provider_callback.c.id)
            return list(connection.execute(query).scalars())

    def acts(self) -> list[str]:
        return self.column("SELECT act FROM audit_event WHERE act LIKE 'deposit%' ORDER BY id")

    def waiting(self, kind: str) -> int:
        query = f"SELECT id::text FROM outbox WHERE kind = '{kind}' AND done_at IS NULL"
        return len(self.column(query))

    def column(self, query: str) -> list[str]:
        with self.world.database.connect() as connection:
            return list(connection.execute(text(query)).scalars())
