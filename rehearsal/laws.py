"""What must be true of the money, by the service's own invariants and by M-Pesa's books."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, text

from core.ledger.audit import verify
from core.seal.seal_ledger import seal_ledger
from core.seal.verify_chain import verify_chain
from rehearsal.stage import Stage

KNOWN_ALARMS: Final = frozenset(
    {
        "code_conversion",
        "deposit_contradicted",
        "deposit_never_confirmed",
        "deposit_review",
        "deposit_unresolved",
        "paybill_contested",
        "paybill_unproven",
        "sim_swapped",
        "sms_budget",
        "sms_parts",
        "sms_route",
        "statement_breaks",
        "switch",
        "withdrawal_manual",
        "withdrawal_paid_after_release",
        "withdrawal_queued",
        "withdrawal_review",
    }
)
_SEAL_SECONDS: Final = 60
_ACCOUNTS: Final = """
    SELECT a.kind, coalesce(sum(e.cents), 0) FROM account a LEFT JOIN entry e ON e.account_id = a.id
    WHERE a.kind IN ('mpesa_collection', 'mpesa_payout', 'mpesa_suspense', 'player_held')
    GROUP BY a.kind
"""
_IN: Final = """
    SELECT receipt FROM deposit WHERE state = 'succeeded'
    UNION ALL SELECT receipt FROM paybill_payment WHERE transfer_id IS NOT NULL
"""
_OUT: Final = "SELECT receipt FROM withdrawal WHERE state IN ('paid', 'paid_after_release')"
_DIFFERENCES: Final = """
    SELECT coalesce(sum(p.amount_cents - l.amount_cents), 0)
    FROM paybill_payment p JOIN statement_line l ON l.receipt = p.receipt AND l.kind = 'paid_in'
    WHERE p.transfer_id IS NOT NULL AND l.break IS NOT NULL
"""
# Each finds what must not be. Whoever waits for a code in vain asks for another.
_LEFT_OVER: Final = {
    "a withdrawal is open": """
        SELECT format('withdrawal %s is %s', id, state) FROM withdrawal
        WHERE state NOT IN ('paid', 'failed', 'cancelled', 'paid_after_release')
    """,
    "a deposit is open": """
        SELECT format('deposit %s is %s', id, state) FROM deposit
        WHERE state NOT IN ('rejected', 'succeeded', 'failed', 'reversed')
    """,
    "a credit is not confirmed": """
        SELECT format('deposit %s: %s', id, review) FROM deposit
        WHERE state = 'succeeded' AND confirmed_at IS NULL
    """,
    "money waits in suspense": """
        SELECT format('paybill payment %s of %s cents: %s', id, amount_cents, reason)
        FROM paybill_payment WHERE state IN ('heard', 'suspense')
    """,
    "a job was never done": """
        SELECT format('job %s, %s %s, due at %s, failed %s times: %s', id, kind, payload, due_at,
                      failures, last_error)
        FROM outbox WHERE done_at IS NULL AND set_aside_at IS NULL
          AND due_at <= kibeezy_now()
    """,
    "a job was set aside": """
        SELECT format('job %s, %s %s: %s', id, kind, payload, last_error)
        FROM outbox WHERE set_aside_at IS NOT NULL AND kind <> 'send_code'
    """,
    "a callback was never read": """
        SELECT format('callback %s, %s', id, kind) FROM provider_callback
        WHERE processed_at IS NULL
    """,
    "a message was never sent": """
        SELECT format('message %s, %s', id, kind) FROM sms_out
        WHERE status IN ('queued', 'sending') AND kind <> 'code'
    """,
    "one event was told twice": """
        SELECT format('%s: %s', phone, min(body)) FROM sms_out
        WHERE body IS NOT NULL AND kind IN
              ('deposit_received', 'paybill_received', 'withdrawal_paid', 'bet_placed')
        GROUP BY phone, kind, body HAVING count(*) > 1
    """,
}


def broken_in_the_books(stage: Stage) -> list[str]:
    """Which of the service's own invariants is broken, at any moment."""
    with stage.database.connect() as connection:
        return [f"{found.name}: {found.detail}" for found in verify(connection)]


def broken_at_the_end(stage: Stage) -> list[str]:
    """The same once everything has come to rest, and by M-Pesa's books."""
    journal: list[dict[str, Any]] = stage.network.get("/journal")
    messages: list[dict[str, Any]] = stage.network.get("/messages")
    with stage.owner.connect() as connection:
        return [
            *_left_over(connection),
            *_sums(connection, journal),
            *_receipts(connection, "in", _IN, _of(journal, {"stk", "c2b"})),
            *_receipts(connection, "out", _OUT, _of(journal, {"b2c"})),
            *_paid_twice(journal),
            *_strange_alarms(connection),
            *_told_twice(messages),
            *_rewritten(stage),
        ]


def _left_over(connection: Connection) -> Iterator[str]:
    for name, query in _LEFT_OVER.items():
        for detail in connection.execute(text(query)).scalars():
            yield f"{name}: {detail}"


def _sums(connection: Connection, journal: list[dict[str, Any]]) -> Iterator[str]:
    ours: Counter[str] = Counter(
        {row.kind: int(row.coalesce) for row in connection.execute(text(_ACCOUNTS))}
    )
    moved: Counter[str] = Counter()
    for movement in journal:
        moved[movement["kind"]] += 100 * int(movement["amount"])
    paid_in = moved["stk"] + moved["c2b"] - moved["reversal"] + _known_to_differ(connection)
    for name, theirs, mine in (
        ("paid in", paid_in, -ours["mpesa_collection"]),
        ("paid out", moved["b2c"], ours["mpesa_payout"]),
        ("held", 0, ours["player_held"]),
        ("in suspense", 0, ours["mpesa_suspense"]),
    ):
        if theirs != mine:
            yield f"{name}: M-Pesa's books say {theirs} cents, ours {mine}"


def _known_to_differ(connection: Connection) -> int:
    """By how much two channels of M-Pesa's told the same wrong amount, as the statement shows.

    Nobody could know before the statement came; then the service lists it for people.
    """
    return int(connection.execute(text(_DIFFERENCES)).scalar_one())


def _of(journal: list[dict[str, Any]], kinds: set[str]) -> Counter[str]:
    return Counter(movement["receipt"] for movement in journal if movement["kind"] in kinds)


def _receipts(connection: Connection, way: str, query: str, theirs: Counter[str]) -> Iterator[str]:
    ours = Counter(str(receipt) for receipt in connection.execute(text(query)).scalars())
    for receipt in sorted(ours.keys() | theirs.keys()):
        if ours[receipt] != theirs[receipt]:
            yield (
                f"receipt {receipt} moved money {way} {theirs[receipt]} times at M-Pesa,"
                f" {ours[receipt]} times here"
            )


def _paid_twice(journal: list[dict[str, Any]]) -> Iterator[str]:
    paid = Counter(m["originator_conversation_id"] for m in journal if m["kind"] == "b2c")
    for order, times in paid.items():
        if times > 1:
            yield f"order {order} was paid {times} times"


def _strange_alarms(connection: Connection) -> Iterator[str]:
    for row in connection.execute(text("SELECT kind, subject, why FROM alarm ORDER BY id")):
        if row.kind not in KNOWN_ALARMS:
            yield f"alarm {row.kind} about {row.subject}: {row.why}"


def _rewritten(stage: Stage) -> Iterator[str]:
    """Whether what the day has left can be sealed, and computed again."""
    seal_ledger(stage.database, most_seconds=_SEAL_SECONDS)
    with stage.database.connect() as connection:
        checked = verify_chain(connection, progress=lambda _done, _everything: None)
    yield from (f"{fault.name}: {fault.detail}" for fault in checked.faults)


def _told_twice(messages: list[dict[str, Any]]) -> Iterator[str]:
    told = Counter((sms["to"], sms["text"]) for sms in messages if " Ref " in sms["text"])
    for (phone, words), times in told.items():
        if times > 1:
            yield f"{phone} was told {times} times: {words}"
