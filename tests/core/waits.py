"""Everybody who decides about a row, and what another may hold of it meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from core.config.approve_value import approve_value
from core.config.in_force import read_config
from core.deposits.begin_push import begin_push
from core.deposits.decide_deposit import decide_deposit
from core.deposits.judge_callback import judge_callback
from core.deposits.judge_status import judge_deposit_status
from core.deposits.record_answer import give_up
from core.deposits.record_push import push_unknown
from core.deposits.records import lock_deposit
from core.deposits.request_deposit import request_deposit
from core.ledger.transfer import Key
from core.markets.close_account import close_account
from core.money import kes
from core.notices.reports import record_report
from core.notices.resend import resend
from core.paybill.ask_for_proof import begin_look
from core.paybill.hear_payment import Told, hear_callback, hear_payment
from core.paybill.judge_status import judge_payment_status
from core.paybill.place_payment import cancel_placement
from core.players.phone_code import Purpose, ask_code
from core.players.records import get_player, lock_player
from core.provider.decide import agree
from core.provider.questions import take_answer
from core.provider.status_answers import Fate, StatusAnswer
from core.staff.records import Admin
from core.statements.approve_import import approve_import
from core.statements.explain_paid_in import explain_paid_in
from core.statements.explain_reversal import explain_reversal
from core.statements.lines import Line, LineKind
from core.statements.records import KeptLine
from core.watchers.watch_market import watch_market
from core.withdrawals.check_sim import begin_sim_question
from core.withdrawals.decide_withdrawal import decide_withdrawal
from core.withdrawals.judge_result import judge_result
from core.withdrawals.judge_status import judge_withdrawal_status
from core.withdrawals.request_withdrawal import request_withdrawal
from core.withdrawals.rules import price_of
from core.withdrawals.send_payout import begin_payout
from tests.fuzz.switchboard import PHONE
from tests.world import World

ANSWER: Final = StatusAnswer(Fate.COMPLETED, "0")


@dataclass(frozen=True)
class Stock:
    """One row of each kind that somebody decides about."""

    world: World
    admin: Admin
    ids: dict[str, int]


_WALLET: Final = """
    SELECT FROM balance
    WHERE account_id = (SELECT min(id) FROM account WHERE owner = :id) FOR UPDATE
"""
_SITUATION = text("SELECT * FROM bet_situation(:market, :player, 'yes', 'test', 'call:1')")
_HOLD = text(
    """
    SELECT post_transfer('hold', 'test', 'x', sha256('x'), array_agg(id ORDER BY id),
        ARRAY[-100, 100]::bigint[], 'test', NULL, NULL, NULL)
    FROM account WHERE owner = :player AND kind IN ('player_available', 'player_held')
    """
)
Act = Callable[[Connection, Stock], object]
_ROW: Final = "SELECT FROM {} WHERE id = :id FOR UPDATE"
_MINE: Final = "SELECT FROM {} WHERE player_id = :id FOR UPDATE"
ADVISORY: Final = "SELECT pg_advisory_xact_lock({})"


def line(kind: LineKind, receipt: str, *, linked: str | None = None) -> KeptLine:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return KeptLine(1, Line(receipt, kind, kes(100), at, PHONE, linked_receipt=linked), None)


# Whom it concerns, what another holds of it, and what must therefore wait.
WAITS: Final[dict[str, tuple[str, str, Act]]] = {
    "lock_deposit": ("deposit", _ROW, lambda c, s: lock_deposit(c, deposit_id=s.ids["deposit"])),
    "begin_push": ("deposit", _ROW, lambda c, s: begin_push(c, deposit_id=s.ids["deposit"])),
    "decide_deposit": (
        "deposit",
        _ROW,
        lambda c, s: decide_deposit(c, deposit_id=s.ids["deposit"], by=s.admin),
    ),
    "judge_deposit_status": (
        "deposit",
        _ROW,
        lambda c, s: judge_deposit_status(c, deposit_id=s.ids["deposit"], answer=ANSWER),
    ),
    "give_up": ("deposit", _ROW, lambda c, s: give_up(c, deposit_id=s.ids["deposit"])),
    "push_unknown": (
        "deposit",
        _ROW,
        lambda c, s: push_unknown(c, deposit_id=s.ids["deposit"], code="x"),
    ),
    "judge_callback: the deposit": (
        "deposit",
        _ROW,
        lambda c, s: judge_callback(c, callback_id=s.ids["stk"], read=lambda _: None),
    ),
    "judge_callback": (
        "stk",
        _ROW.format("provider_callback"),
        lambda c, s: judge_callback(c, callback_id=s.ids["stk"], read=lambda _: None),
    ),
    "judge_result": (
        "b2c",
        _ROW.format("provider_callback"),
        lambda c, s: judge_result(c, callback_id=s.ids["b2c"], read=lambda _: None),
    ),
    "judge_result: the withdrawal": (
        "withdrawal",
        _ROW,
        lambda c, s: judge_result(c, callback_id=s.ids["b2c"], read=lambda _: None),
    ),
    "take_answer": (
        "status",
        _ROW.format("provider_callback"),
        lambda c, s: take_answer(c, callback_id=s.ids["status"]),
    ),
    "hear_callback": (
        "c2b",
        _ROW.format("provider_callback"),
        lambda c, s: hear_callback(
            c, callback_id=s.ids["c2b"], read=lambda _: None, settings=s.world.settings
        ),
    ),
    "begin_sim_question": (
        "withdrawal",
        _ROW,
        lambda c, s: begin_sim_question(c, withdrawal_id=s.ids["withdrawal"]),
    ),
    "decide_withdrawal": (
        "withdrawal",
        _ROW,
        lambda c, s: decide_withdrawal(c, withdrawal_id=s.ids["withdrawal"], by=s.admin),
    ),
    "judge_withdrawal_status": (
        "withdrawal",
        _ROW,
        lambda c, s: judge_withdrawal_status(c, withdrawal_id=s.ids["withdrawal"], answer=ANSWER),
    ),
    "begin_payout": (
        "withdrawal",
        _ROW,
        lambda c, s: begin_payout(c, withdrawal_id=s.ids["withdrawal"]),
    ),
    "begin_look": (
        "paybill_payment",
        _ROW,
        lambda c, s: begin_look(c, paybill_id=s.ids["paybill_payment"], look=None),
    ),
    "judge_payment_status": (
        "paybill_payment",
        _ROW,
        lambda c, s: judge_payment_status(c, paybill_id=s.ids["paybill_payment"], answer=ANSWER),
    ),
    "hear_payment": (
        "paybill_payment",
        _ROW,
        lambda c, s: hear_payment(
            c, told=Told("TKMHEARD01", kes(100), PHONE), settings=s.world.settings
        ),
    ),
    "cancel_placement": (
        "paybill_payment",
        _ROW,
        lambda c, s: cancel_placement(c, paybill_id=s.ids["paybill_payment"], by=s.admin),
    ),
    "explain_paid_in: a payment": (
        "paybill_payment",
        _ROW,
        lambda c, s: explain_paid_in(
            c, line(LineKind.PAID_IN, "TKMPAYBIL1"), settings=s.world.settings
        ),
    ),
    "explain_paid_in: a deposit": (
        "deposit",
        _ROW,
        lambda c, s: explain_paid_in(
            c, line(LineKind.PAID_IN, "TKMDEPOSI1"), settings=s.world.settings
        ),
    ),
    "explain_reversal": (
        "deposit",
        _ROW,
        lambda c, _: explain_reversal(c, line(LineKind.REVERSAL, "TKM9", linked="TKMDEPOSI1")),
    ),
    "lock_player": ("player", _ROW, lambda c, s: lock_player(c, player_id=s.ids["player"])),
    "watch_market": (
        "player",
        _ROW,
        lambda c, s: watch_market(
            c, player=get_player(c, player_id=s.ids["player"]), market_id=s.ids["market"]
        ),
    ),
    "close_account": ("player", _ROW, lambda c, s: close_account(c, player_id=s.ids["player"])),
    "request_deposit": (
        "player",
        _ROW,
        lambda c, s: request_deposit(
            c,
            player_id=s.ids["player"],
            amount=kes(100),
            key=Key("test", "another"),
            config=read_config(c, settings=s.world.settings),
            push_delay=timedelta(0),
        ),
    ),
    "request_withdrawal": (
        "player",
        _ROW,
        lambda c, s: request_withdrawal(
            c,
            player_id=s.ids["player"],
            price=price_of(kes(100), fee=kes(0), withholding_bps=0),
            key=Key("test", "another:1"),
            settings=s.world.settings,
        ),
    ),
    "ask_code": (
        "player",
        _MINE.format("phone_code"),
        lambda c, s: ask_code(c, player_id=s.ids["player"], purpose=Purpose.VERIFY),
    ),
    "agree": ("decision", _ROW, lambda c, s: agree(c, decision_id=s.ids["decision"], by=s.admin)),
    "approve_value": (
        "player",
        ADVISORY.format("6, 0"),
        lambda c, s: approve_value(c, value_id=1, settings=s.world.settings, by=s.admin),
    ),
    "approve_import": (
        "statement_import",
        _ROW,
        lambda c, s: approve_import(c, import_id=s.ids["statement_import"], by=s.admin),
    ),
    "approve_import: one at a time": (
        "player",
        ADVISORY.format("7, 0"),
        lambda c, s: approve_import(c, import_id=s.ids["statement_import"], by=s.admin),
    ),
    "record_report": (
        "player",
        ADVISORY.format("hashtextextended('AT1', 4)"),
        lambda c, _: record_report(c, provider_id="AT1", status="Success"),
    ),
    "bet_situation: the market": (
        "market",
        ADVISORY.format("1, :id"),
        lambda c, s: c.execute(_SITUATION, s.ids),
    ),
    "bet_situation: the call": (
        "market",
        ADVISORY.format("5, series_lock('test', 'call')"),
        lambda c, s: c.execute(_SITUATION, s.ids),
    ),
    "hold_series": (
        "market",
        ADVISORY.format("5, series_lock('test', 'call')"),
        lambda c, s: c.execute(text("SELECT hold_series(:player, 'test', 'call:1')"), s.ids),
    ),
    "resend": (
        "sms_out",
        _ROW,
        lambda c, s: resend(c, sms_id=s.ids["sms_out"], why="asked", by=s.admin),
    ),
    "post_transfer": (
        "player",
        _WALLET,
        lambda c, s: c.execute(_HOLD, s.ids),
    ),
}
