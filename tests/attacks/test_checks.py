"""Each CHECK of the schema, with what it must not let in. A new one needs a line here."""

from typing import Final

from psycopg.errors import CheckViolation
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

_WORD: Final = "'something else'"
# Rows of nothing but these columns; several of them where a constraint says several things.
MUST_NOT_BE: Final = {
    "account_check": ("kind='player_held'", "kind='rounding', owner=1"),
    "account_check1": ("kind='market_side', market=101", "kind='rounding', market=1, side='no'"),
    "account_currency_check": ("currency='USD'",),
    "account_kind_check": (f"kind={_WORD}",),
    "account_market_has_side": ("market=101", "side='yes'"),
    "account_side_check": ("side='void'",),
    "admin_email_check": ("email='Asha@kibeezy.test'",),
    "admin_role_check": (f"role={_WORD}",),
    "admin_role_grant_by_others": (
        "proposed_by=1, admin_id=1",
        "proposed_by=1, admin_id=2, approved_by=2",
    ),
    "admin_role_grant_by_two": ("approved_by=1, proposed_by=1",),
    "admin_role_grant_ended": (
        "approved_by=1",
        "approved_by=1, approved_at=now(), withdrawn_at=now()",
    ),
    "admin_role_grant_role_check": (f"role={_WORD}",),
    "admin_role_grant_why_check": ("why=''",),
    "admin_session_ended": ("ended_at=now()", "ended_why='signed out'"),
    "admin_session_wrong_proofs_check": ("wrong_proofs=-1",),
    "admin_wrong_tries_check": ("wrong_tries=-1",),
    "alarm_check": ("taken_by=1", "taken_at=now()"),
    "balance_not_below_minimum": ("cents=-1, minimum_cents=0",),
    "bet_side_check": ("side='void'",),
    "bet_stake_cents_check": ("stake_cents=0", "stake_cents=150", "stake_cents=-100"),
    "cancelled_bet_in_time": (
        "placed_at=now(), cancelled_at=now() + interval '5 minutes'",
        "placed_at=now(), cancelled_at=now() - interval '1 second'",
    ),
    "clock_only_row_check": ("only_row=false",),
    "dated_value_check": ("approved_by=1, proposed_by=1",),
    "dated_value_check1": (
        "value=1",
        "approved_by=1, approved_at=now()",
        "proposed_by=1, approved_by=2",
        "proposed_by=1, approved_at=now()",
    ),
    "dated_value_value_check": ("value=-1",),
    "day_sum_counts": ("debit_cents=-1", "credit_cents=-1", "entries=0"),
    "days_summed_only_row_check": ("only_row=false",),
    "decision_check": ("agreed_by=1, proposed_by=1",),
    "decision_check1": ("outcome='paid'", "deposit_id=1, withdrawal_id=1"),
    "decision_check2": ("agreed_by=1", "agreed_at=now()"),
    "decision_evidence_check": ("evidence=''",),
    "decision_outcome_check": (f"outcome={_WORD}",),
    "decision_releases_withdrawal": ("outcome='released', deposit_id=1",),
    "deposit_amount_cents_check": ("amount_cents=0", "amount_cents=150"),
    "deposit_check": ("state='succeeded'", "state='reversed'", "state='failed', transfer_id=1"),
    "deposit_check1": (
        "frozen_cents=-1, amount_cents=100",
        "frozen_cents=101, amount_cents=100",
    ),
    "deposit_check2": ("state='reversed'", "state='succeeded', reversal_transfer_id=1"),
    "deposit_excise": (
        "amount_cents=100, excise_bps=500, excise_cents=4",
        "amount_cents=100, excise_bps=0, excise_cents=5",
        "amount_cents=100, excise_bps=-100, excise_cents=-1",
        "amount_cents=100, excise_bps=10000, excise_cents=100",
    ),
    "deposit_excise_of_credits": ("excise_bps=500",),
    "deposit_frozen_net": ("frozen_cents=96, amount_cents=100, excise_cents=5",),
    "deposit_reference_check": ("reference='ABCDEFGHJKLMN'",),
    "deposit_state_check": (f"state={_WORD}",),
    "deposit_token_check": ("token='short'",),
    "dispute_ruled": ("ruling='upheld'", "ruling='upheld', ruled_by=1, ruled_at=now()"),
    "dispute_ruling_check": (f"ruling={_WORD}",),
    "entry_cents_check": ("cents=0",),
    "invariant_check": ("unbroken_since=now(), broken_since=now()",),
    "invariant_check1": ("failures=1", "failures=0, error='x'"),
    "invariant_failures_check": ("failures=-1",),
    "invariant_seconds_check": ("seconds=-1",),
    "invariant_violations_check": ("violations=-1",),
    "market_approver_edited_nothing": ("approved_by=1, edited_by=ARRAY[2]||1",),
    "market_check": ("approved_by=1, created_by=1",),
    "market_check1": ("resolved_by=1, proposed_by=1",),
    "market_check2": ("status='open'",),
    "market_check3": (
        "status='proposed'",
        "status='proposed', proposed_by=1",
        "status='proposed', proposed_outcome='yes'",
    ),
    "market_fee_bps_check": ("fee_bps=-1", "fee_bps=10001"),
    "market_outcome_check": (f"outcome={_WORD}",),
    "market_payout_rule_check": (f"payout_rule={_WORD}",),
    "market_proposed_outcome_check": (f"proposed_outcome={_WORD}",),
    "market_resolved_by_somebody": (
        "status='settled', voided_by_system=false",
        "status='open', voided_by_system=false, resolved_by=1",
        "status='open', voided_by_system=true",
    ),
    "market_status_check": (f"status={_WORD}",),
    "market_system_only_voids": (
        "voided_by_system=true, outcome='yes'",
        "voided_by_system=true",
        "voided_by_system=true, outcome='void', resolved_by=1",
    ),
    "market_version_check": ("version=0",),
    "market_watch_edge_check": ("edge=0", "edge=5"),
    "market_watch_step_check": ("step=-1", "step=5"),
    "paybill_excise": (
        "amount_cents=100, excise_bps=500, excise_cents=4",
        "amount_cents=100, excise_bps=0, excise_cents=5",
        "amount_cents=100, excise_bps=-100, excise_cents=-1",
        "amount_cents=100, excise_bps=10000, excise_cents=100",
    ),
    "paybill_excise_of_credits": (
        "excise_bps=500, state='heard'",
        "excise_bps=500, state='suspense'",
        "excise_bps=500, state='echo'",
    ),
    "paybill_payment_account_check": ("account=rpad('1',41)",),
    "paybill_payment_amount_cents_check": ("amount_cents=0",),
    "paybill_payment_check": (
        "state='credited'",
        "state='suspense'",
        "state='placed'",
        "state='heard', transfer_id=1",
    ),
    "paybill_payment_check1": ("state='placed'", "state='credited', place_transfer_id=1"),
    "paybill_payment_check2": ("state='credited'", "state='placed'"),
    "paybill_payment_check3": ("state='echo'", "state='heard', deposit_id=1"),
    "paybill_payment_check4": ("transfer_id=1",),
    "paybill_payment_proven_by_check": (f"proven_by={_WORD}",),
    "paybill_payment_receipt_check": ("receipt='no receipt'",),
    "paybill_payment_state_check": (f"state={_WORD}",),
    "phone_code_purpose_check": (f"purpose={_WORD}",),
    "player_language_check": ("language='fr'",),
    "player_limit_cents_check": ("cents=-1", "cents=0, kind='stake'"),
    "player_limit_kind_check": (f"kind={_WORD}",),
    "player_locked": (
        "locked_by='asha@kibeezy.test', locked_why='stolen'",
        "locked_at=now(), locked_by='asha@kibeezy.test'",
    ),
    "player_phone_check": ("phone='0700000001'", "phone='+255700000001'"),
    "provider_callback_check": (
        "kind='stk'",
        "kind='c2b', deposit_id=1",
        "kind='stk', deposit_id=1, withdrawal_id=1",
    ),
    "provider_callback_of_c2b": ("kind='stk', paybill_id=1",),
    "receipt_check": ("receipt='TKM1'", "deposit_id=1, paybill_id=1"),
    "seal_block_check": ("from_xid=7, until_xid=7",),
    "seal_block_check1": ("transfer_leaves='123456789012', n_transfers=2",),
    "seal_block_check2": ("event_leaves='123456789012', n_events=2",),
    "seal_block_events_hash_check": ("events_hash='short'",),
    "seal_block_hash_check": ("hash='short'",),
    "seal_block_n_events_check": ("n_events=-1",),
    "seal_block_n_transfers_check": ("n_transfers=-1",),
    "seal_block_number_check": ("number=0",),
    "seal_block_previous_hash_check": ("previous_hash='short'",),
    "seal_block_seals_something": ("n_transfers=0, n_events=0",),
    "seal_block_transfers_hash_check": ("transfers_hash='short'",),
    "settlement_check": ("resolved_by=1, proposed_by=1",),
    "settlement_check1": (
        "late_cents=-1, pool_cents=100",
        "late_cents=101, pool_cents=100",
    ),
    "settlement_fee_cents_check": ("fee_cents=-1",),
    "settlement_line_kind_check": (f"kind={_WORD}",),
    "settlement_line_payout_cents_check": ("payout_cents=-1",),
    "settlement_outcome_check": (f"outcome={_WORD}",),
    "settlement_plan_hash_check": ("plan_hash='short'",),
    "settlement_remainder_cents_check": ("remainder_cents=-1",),
    "settlement_version_check": ("version=0",),
    "sim_answer_answer_check": (f"answer={_WORD}",),
    "sms_budget_spent_check": ("spent=-1",),
    "sms_failure_carrier_check": (f"carrier={_WORD}",),
    "sms_out_cost_has_a_currency": ("cost_micros=1", "cost_currency='KES'"),
    "sms_out_cost_micros_check": ("cost_micros=-1, cost_currency='KES'",),
    "sms_report_cost_has_a_currency": ("cost_micros=1", "cost_currency='KES'"),
    "sms_report_cost_micros_check": ("cost_micros=-1, cost_currency='KES'",),
    "sms_out_status_check": (f"status={_WORD}",),
    "sms_route_carrier_check": (f"carrier={_WORD}",),
    "sms_route_only_row_check": ("only_row=false",),
    "sms_route_stay_minutes_check": ("stay_minutes=0",),
    "statement_import_check": ("covers_from=now(), covers_to=now()",),
    "statement_import_check1": ("source='csv'",),
    "statement_import_check2": ("approved_by=1, imported_by=1",),
    "statement_import_check3": ("approved_by=1", "approved_at=now()"),
    "statement_import_money_check": (f"money={_WORD}",),
    "statement_import_source_check": (f"source={_WORD}",),
    "statement_line_amount_cents_check": ("amount_cents=-1",),
    "statement_line_kind_check": (f"kind={_WORD}",),
    "statement_other_amount_amount_cents_check": ("amount_cents=-1",),
    "status_question_check": ("token='x'", "deposit_id=1, paybill_id=1"),
    "status_question_token_check": ("token='short'",),
    "switch_check": ("why='x'", "why='x', by='x'"),
    "transfer_check": ("actor='x', second_actor='x'",),
    "transfer_n_entries_check": ("n_entries=1",),
    "transfer_request_hash_check": ("request_hash='short'",),
    "withdrawal_amount_cents_check": ("amount_cents=1050",),
    "withdrawal_check": ("amount_cents=1500, fee_cents=500, tax_cents=100",),
    "withdrawal_check1": ("state='paid'", "state='failed'", "state='queued', end_transfer_id=1"),
    "withdrawal_check2": ("state='paid_after_release'", "state='paid', clawback_transfer_id=1"),
    "withdrawal_fee_cents_check": ("fee_cents=-100", "fee_cents=50"),
    "withdrawal_originator_id_check": ("originator_id='lower'", "originator_id=''"),
    "withdrawal_state_check": (f"state={_WORD}",),
    "withdrawal_tax_cents_check": ("tax_cents=-100", "tax_cents=50"),
    "withdrawal_token_check": ("token='short'",),
}
_CHECKS: Final = text("""
    SELECT n.conname, n.conrelid::regclass::text, pg_get_constraintdef(n.oid) FROM pg_constraint n
    WHERE n.contype = 'c' AND n.connamespace = 'public'::regnamespace
""")
_FILLED: Final = text("""
    SELECT attname FROM pg_attribute
    WHERE attrelid = 'pg_temp.bare'::regclass AND attnum > 0 AND attnotnull
""")


def test_each_check_keeps_out_what_it_must(owner: Engine) -> None:
    let_in = []
    with owner.connect() as connection:
        checks = {name: (table, says) for name, table, says in connection.execute(_CHECKS)}
        for name, rows in MUST_NOT_BE.items():
            assert name in checks, f"the constraint {name} is gone"
            _make_bare(connection, *checks[name])
            let_in += [f"{name}: {row}" for row in rows if not _is_kept_out(connection, row)]
            connection.rollback()

    assert let_in == []
    assert set(checks) - set(MUST_NOT_BE) == set(), "each needs a line above"


def _make_bare(connection: Connection, table: str, says: str) -> None:
    """A copy of the table without any rule but this one."""
    connection.execute(text(f"CREATE TEMPORARY TABLE bare (LIKE {table})"))
    for column in connection.execute(_FILLED).scalars().all():
        connection.execute(text(f'ALTER TABLE bare ALTER COLUMN "{column}" DROP NOT NULL'))
    stands = says.replace("%", "%%")
    connection.exec_driver_sql(f"ALTER TABLE bare ADD CONSTRAINT alone {stands}")


def _is_kept_out(connection: Connection, row: str) -> bool:
    pairs = [pair.split("=", 1) for pair in row.split(", ")]
    columns, values = (", ".join(part) for part in zip(*pairs, strict=True))
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"INSERT INTO bare ({columns}) VALUES ({values})")
    except IntegrityError as error:
        return isinstance(error.orig, CheckViolation)
    return False
