"""A till that pays out: its withdrawals, and what Daraja posts about them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import text
from werkzeug.test import TestResponse

from core.config.rules import Dated
from core.database import in_transaction
from core.ledger import book
from core.ledger.transfer import Key
from core.money import Money, kes
from core.switches.records import list_switches
from core.switches.rules import Switch
from core.withdrawals.records import Withdrawal, get_withdrawal
from core.withdrawals.request_withdrawal import request_withdrawal
from core.withdrawals.rules import price_of
from tests.core.withdrawals.teller import sets
from tests.payments.till import PHONE, Till

RECEIPT = "SG632NMUAB"
FIVE_HUNDRED = kes(500)
NO_FEE = kes(0)
_keys = count(1)


def result_body(
    asked: Withdrawal,
    *,
    code: object = 0,
    kind: object = 0,
    amount: object = 500,
    receipt: object = RECEIPT,
    originator: object = None,
    conversation: object = None,
) -> dict[str, Any]:
    """As Daraja posts it, a failure with a TransactionID too (official sample)."""
    result: dict[str, Any] = {
        "ResultType": kind,
        "ResultCode": code,
        "ResultDesc": "What Daraja says",
        "OriginatorConversationID": originator or asked.originator_id,
        "ConversationID": conversation or f"AG_{asked.originator_id}",
        "TransactionID": receipt,
    }
    if code in (0, "0"):
        values = {
            "TransactionAmount": amount,
            "TransactionReceipt": receipt,
            "ReceiverPartyPublicName": "254708374149 - NICHOLAS JOHN SONGOK",
            "B2CUtilityAccountAvailableFunds": 8959269.60,
        }
        pairs = [{"Key": key, "Value": value} for key, value in values.items()]
        result["ResultParameters"] = {"ResultParameter": pairs}
    return {"Result": result}


def status_body(
    asked: Withdrawal, told: object, *, conversation: str, **changes: object
) -> dict[str, Any]:
    """What Transaction Status says; the list has a key twice and one without a value (official)."""
    values = {
        "OriginatorConversationID": asked.originator_id,
        "TransactionStatus": told,
        "Amount": 500,
        "ReceiptNo": RECEIPT,
        **changes,
    }
    listed = [
        {"Key": "DebitPartyName", "Value": "600992 - Kibeezy"},
        {"Key": "DebitPartyName", "Value": "600992 - Kibeezy"},
        {"Key": "TransactionReason"},
        *({"Key": key, "Value": value} for key, value in values.items() if value is not None),
    ]
    return {
        "Result": {
            "ResultType": 0,
            "ResultCode": 0,
            "ResultDesc": "The service request is processed successfully.",
            "OriginatorConversationID": "a question's own",
            "ConversationID": conversation,
            "TransactionID": "SLU0000000",
            "ResultParameters": {"ResultParameter": listed},
        }
    }


@dataclass
class Cashier:
    till: Till

    def __post_init__(self) -> None:
        self.world = self.till.world
        self.world.gives(PHONE, kes(1000))
        # Nobody is asked about SIMs here.
        sets(self.world, Dated.SIM_SWAP_CHECK_FROM_KES, 250_000)

    def asks(self, amount: Money = FIVE_HUNDRED) -> Withdrawal:
        player_id = self.world.player(PHONE).id
        price = price_of(amount, fee=NO_FEE, withholding_bps=0)
        return in_transaction(
            self.world.database,
            lambda c: request_withdrawal(
                c,
                player_id=player_id,
                price=price,
                key=Key("cashier", f"call-{next(_keys)}:1"),
                settings=self.till.settings,
            ),
        )

    def works(self) -> None:
        self.till.works()

    def pays_out(self, amount: Money = FIVE_HUNDRED) -> Withdrawal:
        """Ask, and let the worker order the payment."""
        asked = self.asks(amount)
        self.works()
        return self.now(asked)

    def posts(
        self,
        asked: Withdrawal,
        body: object,
        *,
        to: str = "result",
        **where: Any,  # noqa: ANN401
    ) -> TestResponse:
        return self._post(f"/payments/b2c/{asked.token}/{to}", body, **where)

    def hears(self, asked: Withdrawal, body: object = None, **where: Any) -> None:  # noqa: ANN401
        """A result comes in and is judged."""
        content = result_body(asked) if body is None else body
        assert self.posts(asked, content, **where).status_code == 200
        self.works()

    def answers(self, question: Mapping[str, Any], body: object, *, to: str = "result") -> None:
        """Transaction Status posts what it knows to where the question said; it is judged."""
        self.posts_answer(question, body, to=to)
        self.works()

    def posts_answer(
        self, question: Mapping[str, Any], body: object, *, to: str = "result"
    ) -> None:
        address = question["ResultURL" if to == "result" else "QueueTimeOutURL"]
        path = address.removeprefix(self.till.settings.public_url)
        assert self._post(path, body).status_code == 200

    def now(self, asked: Withdrawal) -> Withdrawal:
        return in_transaction(
            self.world.database, lambda c: get_withdrawal(c, withdrawal_id=asked.id)
        )

    def newest(self) -> Withdrawal:
        """The one that was asked for last, such as at a phone."""
        [newest] = self.column("SELECT max(id) FROM withdrawal")
        return in_transaction(
            self.world.database, lambda c: get_withdrawal(c, withdrawal_id=int(newest))
        )

    def state(self, asked: Withdrawal) -> str:
        return self.now(asked).state.value

    @property
    def wallet(self) -> Money:
        return self.world.wallet(PHONE)

    @property
    def held(self) -> Money:
        player_id = self.world.player(PHONE).id
        return in_transaction(self.world.database, lambda c: book.held(c, player_id=player_id))

    def is_stopped(self) -> bool:
        states = in_transaction(self.world.database, list_switches)
        [withdrawals] = [each for each in states if each.kind is Switch.WITHDRAWALS]
        return withdrawals.stopped_at is not None

    def alarms(self) -> list[str]:
        return self.column("SELECT kind FROM alarm ORDER BY id")

    def messages(self) -> list[str]:
        return self.column("SELECT body FROM sms_out WHERE kind LIKE 'withdrawal%' ORDER BY id")

    def verdicts(self) -> list[str]:
        return self.column("SELECT verdict FROM provider_callback ORDER BY id")

    def column(self, query: str) -> list[str]:
        with self.world.database.connect() as connection:
            return list(connection.execute(text(query)).scalars())

    def _post(self, path: str, body: object, **where: Any) -> TestResponse:  # noqa: ANN401
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.till.app.test_client().post(path, data=data, **where)
