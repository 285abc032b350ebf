"""Whatever changes something in the core writes down who did it, or stands here with a reason."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.test_tree import ROOT, python_files

WRITES = re.compile(
    r"\b(INSERT INTO|UPDATE \w+\b.*\bSET|DELETE FROM|post_transfer|give_up_\w+\(|settle_next_lines"
    r"|seal_next_block|sum_next_blocks)",
    re.DOTALL,
)
# Functions of the database that write.
WRITING = {"open_account", "give_up_bet"}
RECORDS = {"record", "recording"}

# What is deliberately not written down a second time, and why.
_A_ROW = "The row is the record: it is never deleted, and says who, what and when."
_QUEUE = "The outbox row tells its own attempts and errors; what a job does is recorded there."
_SMS = "The message's row tells its state; who is told what is decided by what is recorded."
_HEARD = "What a provider posts is kept as it came; what it leads to is recorded."
_COUNT = "A count of what is recorded where it is done."
_IN_PARTS = "Those parts that change a state record it, in modules of their own."
_TRANSFER = "The transfer is the record: append-only, with actors, reason and time."
REASONS: dict[str, str] = {
    "core.audit_trail.records.record": "It is the record.",
    "core.audit_trail.records.recording": "It is the record.",
    "core.carriers.choose.may_hurry": _QUEUE,
    "core.carriers.choose.note_failure": _A_ROW,
    "core.carriers.choose.take_probe": "Whose turn it is to try changes nothing for anybody.",
    "core.deposits.judge_callback.judge_callback": _HEARD,
    "core.deposits.record_answer.record_answer": _IN_PARTS,
    "core.deposits.record_push.bind_ids": _HEARD,
    "core.ledger.book.clawback_account": _TRANSFER,
    "core.ledger.book.open_pool": "Opened with its market, which is recorded.",
    "core.ledger.book.open_wallet": "Opened with its player, who is recorded.",
    "core.ledger.book.post": _TRANSFER,
    "core.markets.give_up_bet.give_up_bet": _A_ROW,
    "core.markets.place_bet.enter_bet": _A_ROW,
    "core.markets.place_bet.place_bet": _A_ROW,
    "core.markets.plan.freeze_plan": "The plan is frozen with the resolution, which is recorded.",
    "core.markets.settle_market.settle_chunk": _TRANSFER,
    "core.markets.tell_settled.tell_settled": _SMS,
    "core.notices.answering.weigh_player": _SMS,
    "core.notices.answering.weigh_stranger": _SMS,
    "core.notices.budget.spend": _COUNT,
    "core.notices.consent.hold_back": _SMS,
    "core.notices.consent.resume_number": _A_ROW,
    "core.notices.consent.stop_number": _A_ROW,
    "core.notices.inbox.record_inbound": _HEARD,
    "core.notices.missed.mark_shown": "The row says when its reader saw it, and moves no state.",
    "core.notices.notify.notify": _SMS,
    "core.notices.notify.notify_all": _SMS,
    "core.notices.reports.apply_reports": _HEARD,
    "core.notices.reports.record_report": _HEARD,
    "core.notices.send.begin_code": _SMS,
    "core.notices.send.begin_sending": _SMS,
    "core.notices.send.pass_on": _SMS,
    "core.notices.send.put_back": _SMS,
    "core.notices.send.record_accepted": _SMS,
    "core.notices.send.record_refused": _SMS,
    "core.notices.send.record_unknown": _SMS,
    "core.outbox.records.ask": _QUEUE,
    "core.outbox.records.ask_for_ever": _QUEUE,
    "core.outbox.records.claim": _QUEUE,
    "core.outbox.records.fail": _QUEUE,
    "core.outbox.records.finish": _QUEUE,
    "core.outbox.records.give_back": _QUEUE,
    "core.outbox.records.hurry": _QUEUE,
    "core.outbox.records.postpone": _QUEUE,
    "core.provider.questions.begin_question": _A_ROW,
    "core.provider.questions.close_answer": _HEARD,
    "core.provider.questions.question_taken": _A_ROW,
    "core.provider.store_callback.store_callback": _HEARD,
    "core.provider.store_callback.store_confirmation": _HEARD,
    "core.seal.publish_head.publish_head": _A_ROW,
    "core.staff.enrol.end_enrolments": "Ended with what ends them, which is recorded.",
    "core.staff.recovery.issue_recovery_codes": "Issued with an enrolment or anew: recorded there.",
    "core.staff.recovery.use_recovery_code": "Used to sign in, which is recorded.",
    "core.staff.proofs.count_proof": "Proving, and the end of a session, are recorded.",
    "core.staff.sessions.end_sessions": "Ended with what ends them, which is recorded.",
    "core.staff.sessions.find_session": "The row says when it was last used.",
    "core.watchers.tell_watchers.tell_moved": _SMS,
    "core.watchers.tell_watchers.tell_closed": _SMS,
    "core.watchers.tell_watchers.tell_result": _SMS,
    "core.watchers.tell_watchers.note_first_price": _SMS,
    "core.watchers.tell_watchers.end_final": _A_ROW,
    "core.watchers.watch_market.unwatch": _A_ROW,
    "core.watchers.watch_market.watch_market": _A_ROW,
    "core.withdrawals.check_sim.check_sim": _A_ROW,
    "core.withdrawals.check_sim.sim_answered": _HEARD,
    "core.withdrawals.check_sim.sim_question_taken": _A_ROW,
    "core.withdrawals.decide_withdrawal.decide_withdrawal": _IN_PARTS,
    "core.withdrawals.give_up_withdrawal.give_up_withdrawal": _A_ROW,
}


@cache
def functions(path: Path) -> dict[str, ast.stmt]:
    """What a module defines at its top, by name: functions and constants."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.FunctionDef(name=name):
                found[name] = node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = node
            case _:
                pass
    return found


def reached(path: Path, name: str) -> set[str]:
    """The function and all of its module that it uses."""
    known = functions(path)
    seen, ahead = set[str](), {name}
    while ahead:
        one = ahead.pop()
        seen.add(one)
        used = {node.id for node in ast.walk(known[one]) if isinstance(node, ast.Name)}
        ahead |= (used & known.keys()) - seen
    return seen


def changes_something(node: ast.stmt) -> bool:
    """Whether it inserts into a table or updates one, by SQLAlchemy or in words of SQL."""
    for each in ast.walk(node):
        match each:
            case ast.Call(func=ast.Attribute(attr="insert" | "update"), args=[], keywords=[]):
                return True
            case ast.Call(func=ast.Name(id="insert" | "update")):
                return True
            case ast.Attribute(attr=attr) if attr in WRITING:
                return True
            case ast.Constant(value=str(words)) if WRITES.search(words):
                return True
            case _:
                pass
    return False


def is_recorded(node: ast.stmt) -> bool:
    return any(isinstance(each, ast.Name) and each.id in RECORDS for each in ast.walk(node))


def writers() -> Iterator[tuple[str, bool]]:
    """Every public function of the core that changes something, and whether it says so."""
    for path in python_files("core"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        known = functions(path)
        for name, node in known.items():
            if name.startswith("_") or not isinstance(node, ast.FunctionDef):
                continue
            parts = [known[each] for each in reached(path, name)]
            if any(map(changes_something, parts)):
                yield f"{module}.{name}", any(map(is_recorded, parts))


def test_whoever_changes_something_writes_it_down_or_has_a_reason_not_to() -> None:
    found = dict(writers())
    assert len(found) > 60, "the walk finds the use cases"
    silent = {name for name, recorded in found.items() if not recorded}
    assert silent == set(REASONS)


def test_every_reason_is_a_sentence() -> None:
    assert all(reason[0].isupper() and reason.endswith(".") for reason in REASONS.values())
