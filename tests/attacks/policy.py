"""What the application's login may do with each table, and what an injected statement makes of it.

A new table needs a line here, and tests/attacks/test_role.py fails until it has one. `insert` and
`update` are columns, "*" for all of them or "" for none; nothing may ever be deleted. `harm` says
what whoever can write SQL as the application could do with the rights, and who stops or notices it.
"""

from typing import Final, NamedTuple

NOTHING: Final = ""
ALL: Final = "*"


class May(NamedTuple):
    """The rights on a table, and the harm in them."""

    insert: str = NOTHING
    update: str = NOTHING
    harm: str = "reads it"


POLICY: Final = {
    "account": May(
        harm="opens accounts of nobody through open_account: empty, and no wallet twice"
    ),
    "admin": May(
        "email phone role password_hash is_demo",
        "password_hash totp_nonce totp_last_step wrong_tries locked_until disabled_at",
        "makes two admins of its own, and reads password hashes (argon2id): open",
    ),
    "admin_enrolment": May(
        "admin_id code_mac nonce chooses_password", "used_at", "keeps an admin from enrolling"
    ),
    "admin_recovery_code": May("admin_id mac", "used_at", "uses codes up; each is a keyed hash"),
    "admin_role_grant": May(
        "admin_id role why proposed_by",
        "approved_by approved_at withdrawn_at",
        "grants roles under the names of two owners",
    ),
    "admin_session": May(
        "admin_id enrolment_id token_mac address device",
        "seen_at proved_at wrong_proofs ended_at ended_why",
        "signs admins out; a token is a keyed hash",
    ),
    "alarm": May("kind subject why", "times last_at taken_by taken_at", "hides an alarm in a name"),
    "alembic_version": May(),
    "audit_event": May(
        "actor act subject details",
        harm="writes lies, dated by the database; removes and rewrites nothing",
    ),
    "balance": May(),
    "bet": May(ALL, harm="stakes the money of others: each bet is its stake (bet_is_staked)"),
    "cancelled_bet": May(
        "bet_id reversal_transfer_id",
        harm="takes back others' bets, each within its 5 minutes: the stake goes to who staked it",
    ),
    "clock": May(harm="reads it; a temporary table of that name is not looked at"),
    "dated_value": May(
        "name value effective_from source proposed_by",
        "approved_by",
        "proposes and approves under two names, for a moment to come",
    ),
    "day_sum": May(),
    "days_summed": May(),
    "decision": May(
        ALL, ALL, "decides under two names, once, never when it is made (decision_begins)"
    ),
    "deposit": May(
        ALL, ALL, "walks a deposit of its own to succeeded: M-Pesa's statement has no such receipt"
    ),
    "dispute": May(
        "market_id proposed_at player_id", "ruling ruled_by ruled_at reason", "holds a result up"
    ),
    "entry": May(),
    "given_up": May(ALL, harm="keeps callers from betting in calls it can guess"),
    "invariant": May(ALL, ALL, "calls what is broken unbroken until the worker looks again"),
    "market": May(ALL, ALL, "makes and resolves markets under two names, along the guarded way"),
    "market_watch": May(
        "player_id market_id step",
        "step edge moved_on moves close_told_at told_version ended_at",
        "has players told of markets they did not ask for, or not told",
    ),
    "outbox": May(ALL, ALL, "sends and hides messages; jobs about money claim their own rows"),
    "paybill_payment": May(
        ALL, ALL, "proves a payment that nobody made: M-Pesa's statement has no such receipt"
    ),
    "phone_code": May(ALL, ALL, "gives tries at a code back; a code is a keyed hash"),
    "player": May(
        "phone full_name language",
        "language kyc_verified_at locked_at locked_by locked_why closed_at break_until"
        " withdrawals_paused_until news_stopped_at",
        "verifies, locks and closes; no payout goes to another number",
    ),
    "player_limit": May(ALL, harm="raises and lowers limits"),
    "player_pin": May(ALL, ALL, "gives tries at a PIN back; a PIN is argon2id over a keyed hash"),
    "provider_callback": May(
        ALL, "processed_at verdict paybill_id", "forges a callback that a query must confirm"
    ),
    "published_head": May(
        "day block_number hash",
        harm="takes the place of a day's head: whoever holds the one we told sees two",
    ),
    "receipt": May(harm="reads it; rows claim receipts by a trigger"),
    "seal_block": May(),
    "settlement": May(ALL, ALL, "plans a settlement: hash, lines and invariants tell"),
    "settlement_chunk": May(NOTHING, "told_at", "keeps players from being told what they won"),
    "settlement_line": May(
        ALL, ALL, "plans other lines, or takes a line's key for other money: invariants tell"
    ),
    "sim_answer": May(ALL, harm="lets a swapped SIM look old"),
    "sim_question": May(ALL, "request_id heeded_at", "lets a swapped SIM look old"),
    "sms_budget": May(ALL, "spent most", "lets more codes go than a day may cost, or none"),
    "sms_failure": May("carrier reason", harm="moves SMS to the other provider"),
    "sms_in": May(ALL, harm="commands that no phone sent, without a PIN within its limits"),
    "sms_out": May(ALL, ALL, "sends messages in our name"),
    "sms_report": May(ALL, "times", "calls a message delivered"),
    "sms_route": May(
        NOTHING,
        "carrier since why forced_by stay_minutes probe_at hurried_at",
        "lets SMS go by the other provider",
    ),
    "sms_writer": May(ALL, ALL, "has a number answered without end, or not at all"),
    "statement_import": May(ALL, "approved_by approved_at", "vouches under two names for a file"),
    "statement_line": May(ALL, ALL, "forges lines; one that explained something stays as it is"),
    "statement_other_amount": May(ALL, harm="stops a line from being acted upon"),
    "status_question": May(ALL, "conversation_id answered_at", "asks M-Pesa once more"),
    "stopped_number": May(ALL, "stopped_at resumed_at", "keeps news from a number, or sends it"),
    "switch": May(NOTHING, "stopped_at why by", "stops a kind of money, or lets it go on"),
    "transfer": May(),
    "withdrawal": May(
        ALL, ALL, "gives back what is being paid out: M-Pesa's answer then claws it back"
    ),
}
# Functions that act with the owner's rights. What they may be made to do is in test_posting.py.
DEFINERS: Final = {
    "admin_role_granted",
    "check_cancelling",
    "claim_receipt",
    "open_account",
    "post_transfer",
    "seal_next_block",
    "settle_next_lines",
    "sum_next_blocks",
    "take_bet_out",
}
# These guards read no table at all.
LOOK_NOWHERE_ELSE: Final = {
    "admin_guarded",
    "check_edit",
    "freeze_plan",
    "once_only",
    "refuse_change",
    "stamp_transfer",
}
# The only statement that is put together inside the database: of constant names, quoted with %I.
PUT_TOGETHER: Final = {"claim_receipt"}
# Which kind of transfer may move which kind of account, and which way: in its own words, so that a
# row which is changed by mistake differs from something.
MOVEMENTS: Final = """
    deposit: mpesa_collection- player_available+ excise_payable+
    freeze: player_available- player_held+
    unfreeze: player_held- player_available+
    reversal: mpesa_collection+ player_held- player_available- player_clawback- excise_payable-
    paybill: mpesa_collection- player_available+ excise_payable+
    suspense: mpesa_collection- mpesa_suspense+
    placement: mpesa_suspense- player_available+ excise_payable+
    hold: player_available- player_held+
    release: player_held- player_available+
    withdrawal: player_held- mpesa_payout+ fee_revenue+ withholding_payable+
    clawback: player_available- player_clawback- mpesa_payout+ fee_revenue+ withholding_payable+
    stake: player_available- market_side+
    stake_reversal: market_side- player_available+
    payout: market_side± player_available+
    refund: market_side- player_available+
    fee: market_side± fee_revenue+ rounding+
    payout_reversal: market_side± player_available- player_clawback-
    fee_reversal: market_side± fee_revenue- rounding-
    repayment: player_available- player_clawback+
    capital: operator_capital± player_available±
"""
# What even the owner's login neither changes nor deletes, and the column by which that is tried.
KEPT: Final = {
    "account": "kind",
    "audit_event": "act",
    "cancelled_bet": "side",
    "entry": "cents",
    "published_head": "hash",
    "receipt": "receipt",
    "seal_block": "hash",
    "transfer": "actor",
    # Of these the rows change, but stay.
    "balance": NOTHING,
    "dated_value": NOTHING,
    "dispute": NOTHING,
}
