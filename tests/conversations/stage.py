"""Plays a recorded conversation: a phone, the people and markets around it, and the networks."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any, Final

import requests
from flask import Flask
from redis import Redis
from sqlalchemy import select

from core.config.rules import Dated
from core.database import in_transaction
from core.deposits.records import deposit
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Side
from core.money import kes
from core.paybill.settle_payment import Settled
from core.players.lock_account import lock_account
from core.players.throw_pin_away import throw_pin_away
from core.players.unlock_account import unlock_account
from core.staff.records import Role
from core.text import Language
from core.withdrawals.records import WITHDRAWALS, read_withdrawal, withdrawal
from tests.conversations.script import LOST, Step
from tests.core.paybill.payer import is_proven, newest_payment
from tests.payments.cashier import result_body
from tests.payments.paybill import confirmation
from tests.payments.till import callback_body
from tests.ussd.conftest import CODE, Network
from tests.world import PIN, World
from ussd.terminal.line import Line
from ussd.terminal.record import page_lines, sms_lines
from ussd.terminal.secrecy import alike

TYPED = {"PIN": PIN, "NEW PIN": "5937", "WRONG PIN": "7391", "EASY PIN": "1234"}
A_LOT = kes(100_000)
MOST_PUSH_DELAY = timedelta(seconds=60)
_REFERENCE = re.compile(r"\bRef ([2-9A-Z]{6})\b")
_HELP: Final = {
    "lock the account": lock_account,
    "unlock the account": unlock_account,
    "throw the PIN away": throw_pin_away,
}
_numbers = count(1)


class Stage:
    """The world of one script, which it changes as the words of the script say."""

    _line: Line

    def __init__(
        self, *, world: World, app: Flask, network: Network, redis: Redis, language: Language
    ) -> None:
        self._world = world
        self._app = app
        self._network = network
        self._redis = redis
        self._language = language
        self._take("+254700000001")

    def plays(self, step: Step) -> list[str]:
        """Do what the step says; return what the phone shows and which SMS have come."""
        for pattern, act in _WORDS.items():
            found = re.fullmatch(pattern, step.words)
            if found:
                page = act(self, step, **found.groupdict())
                return [*page, *self._new_sms()]
        raise AssertionError(f"line {step.line}: nobody knows how to {step.words!r}")

    def _picks_up(self, _step: Step, *, number: str) -> list[str]:
        self._take(f"+254{number[1:]}")
        return []

    def _has_player(
        self, _step: Step, *, unverified: str | None, name: str, shillings: str
    ) -> list[str]:
        self._world.has_player(
            self._phone,
            name=name,
            balance=kes(int(shillings)),
            verified=not unverified,
            language=self._language,
        )
        return []

    def _has_market(
        self, _step: Step, *, label: str, minutes: str | None, question: str
    ) -> list[str]:
        closes_in = timedelta(minutes=int(minutes)) if minutes else timedelta(days=1)
        self._world.has_market(question, label=label, closes_in=closes_in)
        return []

    def _has_value(self, _step: Step, *, name: str, value: str) -> list[str]:
        self._world.always_had(Dated(name), int(value))
        return []

    def _others_bet(self, _step: Step, *, shillings: str, side: str, market: str) -> list[str]:
        stake = kes(int(shillings))
        number = next(_numbers)
        other = self._world.has_player(f"+2547990{number:05}", balance=A_LOT)
        in_transaction(
            self._world.database,
            lambda c: place_bet(
                c,
                player_id=other.id,
                market_id=int(market),
                side=Side(side.lower()),
                stake=stake,
                key=Key("test", f"others-{number}"),
                settings=self._world.settings,
            ),
        )
        return []

    def _dials(self, step: Step, *, code: str) -> list[str]:
        self._line.dial(code)
        return self._shown(step)

    def _types(self, step: Step, *, keys: str) -> list[str]:
        assert self._line.is_open, f"line {step.line}: the call is over"
        self._line.type(self._meant(keys))
        return self._shown(step)

    def _shown(self, step: Step) -> list[str]:
        shown = self._line.shown
        assert shown is not None
        if step.answer_is_lost:
            self._line = self._new_line()
            return [LOST]
        self._hear(shown.page)
        if shown.ends:
            self._line.hang_up()
        return [alike(line) for line in page_lines(shown)]

    def _waits(self, _step: Step, *, number: str, unit: str) -> list[str]:
        self._passes(timedelta(**{unit: int(number)}))
        return []

    def _passes(self, step: timedelta) -> None:
        self._world.moves(seconds=step.total_seconds())
        # How long a session is kept is Redis' own clock, which nobody can move.
        for key in self._redis.scan_iter("*"):
            left_ms = int(self._redis.pttl(key))
            if left_ms > 0:
                self._redis.pexpire(key, left_ms - int(step.total_seconds() * 1000))

    def _hangs_up(self, step: Step) -> list[str]:
        assert self._line.is_open, f"line {step.line}: the call is over"
        self._line.hang_up()
        return []

    def _pays(self, _step: Step) -> list[str]:
        self._passes(MOST_PUSH_DELAY)
        self._network.works()
        with self._world.database.connect() as connection:
            [asked] = connection.execute(select(deposit).where(deposit.c.state == "pending"))
        body = callback_body(
            amount=asked.amount_cents / 100,
            phone=int(self._phone.removeprefix("+")),
            checkout=asked.checkout_request_id,
            merchant=asked.merchant_request_id,
        )
        answer = self._app.test_client().post(f"/payments/stk/{asked.token}", json=body)
        assert answer.status_code == 200
        return []

    def _pays_the_paybill(self, _step: Step, *, shillings: str) -> list[str]:
        receipt, account = f"RKL51Z{next(_numbers):04}", f"0{self._phone[4:]}"
        body = confirmation(receipt=receipt, amount=f"{shillings}.00", account=account)
        url = "/payments/c2b/dev-c2b-secret/confirmation"
        assert self._app.test_client().post(url, json=body).status_code == 200
        self._network.works()
        assert is_proven(self._world, newest_payment(self._world)) != Settled.REPEATED
        return []

    def _is_paid_out(self, _step: Step) -> list[str]:
        with self._world.database.connect() as connection:
            rows = connection.execute(WITHDRAWALS.where(withdrawal.c.ended_at.is_(None)))
            [asked] = map(read_withdrawal, rows)
        amount, known_as = asked.net.shillings, asked.conversation_id
        body = result_body(asked, amount=amount, conversation=known_as)
        path = f"/payments/b2c/{asked.token}/result"
        assert self._app.test_client().post(path, json=body).status_code == 200
        return []

    def _cannot_be_reached(self, _step: Step, *, again: str | None) -> list[str]:
        """What the worker sends from now on the network refuses; with `again`, it takes it."""
        self._network.works()
        url = f"{self._network.url}/control/handsets/{self._phone}"
        requests.put(url, json={"blacklisted": not again}, timeout=5).raise_for_status()
        return []

    def _is_helped(self, _step: Step, *, act: str) -> list[str]:
        """Somebody of the staff does it, another one each time."""
        by = self._world.has_admin(f"staff{next(_numbers)}@kibeezy.test", Role.SUPPORT)
        who = self._world.player(self._phone).id
        help_player = _HELP[act]
        in_transaction(
            self._world.database,
            lambda c: help_player(c, player_id=who, why="The player called", by=by),
        )
        return []

    def _ends(self, _step: Step, *, market: str, outcome: str) -> list[str]:
        self._world.settles(int(market), outcome.lower())
        return []

    def _take(self, number: str) -> None:
        self._phone = number
        self._line = self._new_line()
        self._read = len(self._network.inbox(number))
        self._code = self._reference = ""

    def _new_line(self) -> Line:
        return Line(self._app.test_client(), self._world.settings, phone=self._phone)

    def _new_sms(self) -> Iterator[str]:
        fresh = self._network.inbox(self._phone)[self._read :]
        self._read += len(fresh)
        for body in fresh:
            self._hear(body)
            code = CODE.search(body)
            self._code = code[0] if code else self._code
            yield from (alike(line) for line in sms_lines(body))

    def _hear(self, words: str) -> None:
        found = _REFERENCE.search(words)
        self._reference = found[1] if found else self._reference

    def _meant(self, keys: str) -> str:
        wrong_code = f"{(int(self._code or 0) + 1) % 1_000_000:06}"
        secrets: dict[str, Any] = {
            **TYPED,
            "CODE": self._code,
            "WRONG CODE": wrong_code,
            "REF": self._reference,
        }
        return str(secrets.get(keys, keys))


_WORDS: Final[dict[str, Callable[..., list[str]]]] = {
    r"phone (?P<number>0\d{9})": Stage._picks_up,
    r"given player(?P<unverified> unverified)? (?P<name>\D+) with KES (?P<shillings>\d+)": (
        Stage._has_player
    ),
    r"given market (?P<label>[^:,]+)(, closes in (?P<minutes>\d+) minutes)?: (?P<question>.+)": (
        Stage._has_market
    ),
    r"given (?P<name>[a-z_]+_(bps|kes)) is (?P<value>\d+)": Stage._has_value,
    r"given others bet (?P<shillings>\d+) on (?P<side>YES|NO) in (?P<market>\d+)": (
        Stage._others_bet
    ),
    r"dial (?P<code>\*[\d*]+#)": Stage._dials,
    r"> (?P<keys>.*)": Stage._types,
    r"later (?P<number>\d+) (?P<unit>seconds|minutes|hours|days)": Stage._waits,
    r"hangs up": Stage._hangs_up,
    r"pays the M-Pesa prompt": Stage._pays,
    r"pays the paybill KES (?P<shillings>\d+)": Stage._pays_the_paybill,
    r"M-Pesa pays out": Stage._is_paid_out,
    r"SMS reach the phone (?P<again>again)|no SMS reach the phone": Stage._cannot_be_reached,
    r"staff (?P<act>.+)": Stage._is_helped,
    r"market (?P<market>\d+) ends (?P<outcome>YES|NO|VOID)": Stage._ends,
}
