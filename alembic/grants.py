"""What the login of web and worker may do: read everything, write little, own nothing."""

import re

from sqlalchemy import Connection, text

_READ = "SELECT"
_APPEND = "SELECT, INSERT"
_CHANGE = "SELECT, INSERT, UPDATE"

# A table that is not listed is out of reach; tests/core/ledger proves the ledger's rows.
PRIVILEGES = {
    "account": _READ,
    # A role changes by an approved grant only, and who is a demo stays one.
    "admin": "SELECT, INSERT (email, phone, role, password_hash, is_demo), UPDATE (password_hash,"
    " totp_nonce, totp_last_step, wrong_tries, locked_until, disabled_at)",
    "admin_enrolment": "SELECT, INSERT (admin_id, code_mac, nonce, chooses_password),"
    " UPDATE (used_at)",
    "admin_recovery_code": "SELECT, INSERT (admin_id, mac), UPDATE (used_at)",
    "admin_role_grant": "SELECT, INSERT (admin_id, role, why, proposed_by),"
    " UPDATE (approved_by, approved_at, withdrawn_at)",
    "admin_session": "SELECT, INSERT (admin_id, enrolment_id, token_mac, address, device),"
    " UPDATE (seen_at, proved_at, wrong_proofs, ended_at, ended_why)",
    # Of what was kept of an alarm only its repeats and the name of who took it change.
    "alarm": "SELECT, INSERT (kind, subject, why), UPDATE (times, last_at, taken_by, taken_at)",
    "alembic_version": _READ,
    # Who did what is the application's word; when, and in which transaction, the database's.
    "audit_event": "SELECT, INSERT (actor, act, subject, details)",
    "balance": _READ,
    "bet": _APPEND,
    # Which bet, and by which transfer; the rest is the bet's own, and it leaves `bet` by a trigger.
    "cancelled_bet": "SELECT, INSERT (bet_id, reversal_transfer_id)",
    "clock": _READ,
    "day_sum": _READ,
    "days_summed": _READ,
    "decision": _CHANGE,
    # No seed and no approval can be inserted; whether one may be given, the triggers say.
    "dated_value": "SELECT, INSERT (name, value, effective_from, source, proposed_by),"
    " UPDATE (approved_by)",
    "deposit": _CHANGE,
    "dispute": "SELECT, INSERT (market_id, proposed_at, player_id),"
    " UPDATE (ruling, ruled_by, ruled_at, reason)",
    "entry": _READ,
    "given_up": _APPEND,
    "invariant": _CHANGE,
    "market": _CHANGE,
    "market_watch": "SELECT, INSERT (player_id, market_id, step),"
    " UPDATE (step, edge, moved_on, moves, close_told_at, told_version, ended_at)",
    "outbox": _CHANGE,
    "paybill_payment": _CHANGE,
    "phone_code": _CHANGE,
    # Money is paid out to the number that somebody proved, so the number stays.
    "player": "SELECT, INSERT (phone, full_name, language), UPDATE (language, kyc_verified_at,"
    " locked_at, locked_by, locked_why, closed_at, break_until, withdrawals_paused_until,"
    " news_stopped_at)",
    "player_limit": _APPEND,
    "player_pin": _CHANGE,
    # What was heard is evidence: only what it led to is added.
    "provider_callback": "SELECT, INSERT, UPDATE (processed_at, verdict, paybill_id)",
    "published_head": "SELECT, INSERT (day, block_number, hash)",
    "receipt": _READ,
    "seal_block": _READ,
    "settlement": _CHANGE,
    # The function writes it; only that its players were told is the application's to say.
    "settlement_chunk": "SELECT, UPDATE (told_at)",
    "settlement_line": _CHANGE,
    "sim_answer": _APPEND,
    "sim_question": "SELECT, INSERT, UPDATE (request_id, heeded_at)",
    "sms_budget": "SELECT, INSERT, UPDATE (spent, most)",
    # What went wrong is dated by the database.
    "sms_failure": "SELECT, INSERT (carrier, reason)",
    "sms_in": _APPEND,
    "sms_out": _CHANGE,
    "sms_report": "SELECT, INSERT, UPDATE (times)",
    "sms_route": "SELECT, UPDATE (carrier, since, why, forced_by, stay_minutes, probe_at,"
    " hurried_at)",
    "sms_writer": _CHANGE,
    "statement_import": "SELECT, INSERT, UPDATE (approved_by, approved_at)",
    "statement_line": _CHANGE,
    "statement_other_amount": _APPEND,
    "status_question": "SELECT, INSERT, UPDATE (conversation_id, answered_at)",
    "stopped_number": "SELECT, INSERT, UPDATE (stopped_at, resumed_at)",
    "switch": "SELECT, UPDATE (stopped_at, why, by)",
    "transfer": _READ,
    "withdrawal": _CHANGE,
}
FUNCTIONS = (
    "post_transfer",
    "open_account",
    "settle_next_lines",
    "seal_next_block",
    "sum_next_blocks",
)


def grant_all(connection: Connection, *, role: str, password: str | None) -> None:
    """Create the application's role where it is missing, and give it exactly these rights."""
    name = connection.dialect.identifier_preparer.quote(role)
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    if known.first() is None:
        literal = _literal(connection, password) if password else "NULL"
        connection.execute(text(f"CREATE ROLE {name} LOGIN NOINHERIT PASSWORD {literal}"))
    connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}"))
    _revoke_temporary_tables(connection)
    # A migration may stop short of a table or a column that is listed here for the next release.
    for table, privileges in PRIVILEGES.items():
        if _exists(connection, "to_regclass", table):
            granted = _on_what_there_is(connection, table, privileges)
            connection.execute(text(f"GRANT {granted} ON {table} TO {name}"))
    for function in FUNCTIONS:
        if _exists(connection, "to_regproc", function):
            connection.execute(text(f"GRANT EXECUTE ON FUNCTION {function} TO {name}"))


def _on_what_there_is(connection: Connection, table: str, privileges: str) -> str:
    """The same without the columns that only a later migration adds."""
    known = connection.execute(
        text("SELECT attname FROM pg_attribute WHERE attrelid = cast(:table AS regclass)"),
        {"table": table},
    )
    columns = set(known.scalars())

    def kept(listed: re.Match[str]) -> str:
        return f"({', '.join(name for name in listed[1].split(', ') if name in columns)})"

    return re.sub(r"\(([^)]*)\)", kept, privileges)


def _revoke_temporary_tables(connection: Connection) -> None:
    # A temporary table can stand before one of ours; nothing of ours needs one.
    (database,) = connection.execute(text("SELECT current_database()")).one()
    quoted = connection.dialect.identifier_preparer.quote(database)
    connection.execute(text(f"REVOKE TEMPORARY ON DATABASE {quoted} FROM PUBLIC"))


def _exists(connection: Connection, look_up: str, name: str) -> bool:
    return connection.execute(text(f"SELECT {look_up}(:name)"), {"name": name}).scalar() is not None


def _literal(connection: Connection, value: str) -> str:
    # A role's password takes no bind parameter, so the database itself quotes it.
    return str(connection.execute(text("SELECT quote_literal(:value)"), {"value": value}).scalar())
