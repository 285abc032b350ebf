"""The whole application with payments under way, whose callbacks a test may invent."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import schemathesis
from flask import Flask
from prometheus_client import REGISTRY
from schemathesis import APIOperation
from schemathesis.core.result import Ok
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import Wiring
from core.config.in_force import read_config
from core.database import in_transaction
from core.deposits.begin_push import begin_push
from core.deposits.record_push import push_accepted
from core.deposits.request_deposit import request_deposit
from core.ledger.transfer import Key
from core.money import kes
from core.outbox.deliver import Worker
from core.provider.questions import begin_question, question_taken
from core.provider.subjects import Subject, SubjectKind
from core.withdrawals.queue_withdrawal import queue_withdrawal
from core.withdrawals.request_withdrawal import request_withdrawal
from core.withdrawals.rules import price_of
from core.withdrawals.send_payout import begin_payout, payout_accepted
from tests.world import World

FILE: Final = Path(__file__).resolve().parents[2] / "docs/callbacks.openapi.yaml"
SCHEMA: Final = schemathesis.openapi.from_path(FILE, config=schemathesis.Config())
FORM: Final = "application/x-www-form-urlencoded"
OPERATIONS: Final[dict[str, APIOperation[Any, Any, Any, Any]]] = {
    result.ok().path: result.ok()
    for result in SCHEMA.get_all_operations()
    if isinstance(result, Ok)
}
# The same examples each time, and few; where somebody asks for more, other ones.
EXAMPLES: Final = os.environ.get("KIBEEZY_EXAMPLES")
# Amounts that no example has.
ASKED_IN, ASKED_OUT, BALANCE = kes(1_037), kes(737), kes(5_000)
PHONE: Final = "+254700000001"


def examples_of(path: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The kind of body that a path takes, and its examples by name."""
    [(kind, content)] = SCHEMA.raw_schema["paths"][path]["post"]["requestBody"]["content"].items()
    return kind, {name: example["value"] for name, example in content["examples"].items()}


def posted_paths(app: Flask) -> set[str]:
    """Every path that takes a POST and is no page for people, spelled as in the file."""
    return {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/admin/")
    }


@dataclass
class Switchboard:
    """A deposit, a payout and a question about it wait for their callbacks; each has its token.

    The provider's ids are those of the file's examples, so that these are not refused at once.
    """

    world: World
    app: Flask
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        player = self.world.has_player(PHONE, balance=BALANCE)
        self._asks_for_a_deposit(player.id)
        self._asks_for_a_payout(player.id)
        self.wallet, self.transfers = self.world.wallet(PHONE), self.world.count("transfer")
        self.failed_hops = _failed_hops()

    def opens(self, path: str) -> dict[str, str]:
        """What has to stand in this path for it to be ours."""
        settings = self.world.settings
        match path.split("/")[1:3]:
            case ["payments", "c2b"]:
                return {"secret": settings.mpesa_callback_secret.get_secret_value()}
            case ["payments", kind]:
                return {"token": self.tokens[kind]}
            case ["sms", _] if path.endswith("/infobip/delivery"):
                return {"secret": settings.infobip_callback_secret.get_secret_value()}
            case _:
                return {"secret": settings.at_callback_secret.get_secret_value()}

    def posts(self, path: str, **request: Any) -> TestResponse:  # noqa: ANN401
        return self.app.test_client().post(path.format(**self.opens(path)), **request)

    def works(self) -> None:
        """Do all that is due. Nobody answers for the providers, so what is asked waits."""
        wiring = self.app.extensions["kibeezy"]
        assert isinstance(wiring, Wiring)
        worker: Worker = wiring.worker()
        while worker.run_due():
            pass

    def all_is_well(self) -> None:
        """No job has broken or was set aside, no page was an apology for us, nothing moved."""
        self.works()
        with self.world.database.connect() as connection:
            broken = connection.execute(
                text(
                    "SELECT kind, last_error FROM outbox"
                    " WHERE failures > 0 OR set_aside_at IS NOT NULL"
                )
            ).all()
        assert broken == []
        assert _failed_hops() == self.failed_hops
        assert self.world.count("transfer") == self.transfers
        assert self.world.wallet(PHONE) == self.wallet
        self.world.ledger_is_sound()
        self._makes_room()

    def _makes_room(self) -> None:
        """Of one payment only so many callbacks are kept, and what is not kept tests nothing."""
        with self.world.owner.begin() as connection:
            connection.execute(text("DELETE FROM provider_callback"))

    def _asks_for_a_deposit(self, player_id: int) -> None:
        database = self.world.database
        deposit = in_transaction(
            database,
            lambda c: request_deposit(
                c,
                player_id=player_id,
                amount=ASKED_IN,
                key=Key("test", "deposit"),
                config=read_config(c, settings=self.world.settings),
                push_delay=timedelta(0),
            ),
        )
        in_transaction(database, lambda c: begin_push(c, deposit_id=deposit.id))
        in_transaction(
            database,
            lambda c: push_accepted(
                c,
                deposit_id=deposit.id,
                merchant_request_id="29115-34620561-1",
                checkout_request_id="ws_CO_191220191020363925",
            ),
        )
        self.tokens["stk"] = deposit.token

    def _asks_for_a_payout(self, player_id: int) -> None:
        database, settings = self.world.database, self.world.settings
        config = in_transaction(database, lambda c: read_config(c, settings=settings))
        price = price_of(
            ASKED_OUT, fee=config.withdrawal_fee, withholding_bps=config.withholding_bps
        )
        payout = in_transaction(
            database,
            lambda c: request_withdrawal(
                c,
                player_id=player_id,
                price=price,
                key=Key("test", "payout"),
                settings=settings,
            ),
        )
        in_transaction(
            database, lambda c: queue_withdrawal(c, withdrawal_id=payout.id, because="a test")
        )
        begun = in_transaction(database, lambda c: begin_payout(c, withdrawal_id=payout.id))
        assert begun is not None
        in_transaction(
            database,
            lambda c: payout_accepted(
                c, withdrawal_id=payout.id, conversation_id="AG_20240706_2010364430d9bbdaf872"
            ),
        )
        subject = Subject(SubjectKind.WITHDRAWAL, payout.id)
        question = in_transaction(database, lambda c: begin_question(c, subject=subject))
        in_transaction(
            database,
            lambda c: question_taken(
                c, question_id=question.id, conversation_id="AG_20180223_0000493344ae97d86f75"
            ),
        )
        self.tokens |= {"b2c": payout.token, "status": question.token}


def _failed_hops() -> float:
    wrong = {"reason": "error"}
    return REGISTRY.get_sample_value("kibeezy_hop_failures_total", wrong) or 0.0
