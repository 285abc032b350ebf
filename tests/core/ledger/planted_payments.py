"""One corruption against each invariant of money that crosses the border."""

# What a table's own constraints forbid is planted after them.
BARE = """
DO $$ DECLARE c record; BEGIN
    FOR c IN SELECT conname FROM pg_constraint
             WHERE conrelid = '{table}'::regclass AND contype IN ('c', 'u') LOOP
        EXECUTE 'ALTER TABLE {table} DROP CONSTRAINT ' || quote_ident(c.conname) || ' CASCADE';
    END LOOP;
END $$;
"""
_BARE_DEPOSIT = BARE.format(table="deposit")
_BARE_PAYBILL = BARE.format(table="paybill_payment")
_COPY_DEPOSIT = """
INSERT INTO deposit (player_id, amount_cents, request_key, reference, token, state, {columns})
SELECT player_id, amount_cents, 'again', 'AGAIN2', md5('again'), '{state}', {columns} FROM deposit
"""

_DEPOSITS = [
    (
        "each succeeded deposit is credited once, with its amount",
        _BARE_DEPOSIT + "UPDATE deposit SET amount_cents = amount_cents + 10000",
    ),
    (
        "each succeeded deposit is credited once, with its amount",
        _BARE_DEPOSIT + "UPDATE deposit SET excise_cents = 0, excise_bps = 0",
    ),
    (
        "each reversal takes back its whole deposit",
        """
        UPDATE entry e SET cents = cents + 100 FROM transfer t, account a
        WHERE t.id = e.transfer_id AND t.kind = 'reversal'
          AND a.id = e.account_id AND a.kind = 'excise_payable'
        """,
    ),
    (
        "only succeeded deposits are credited",
        _BARE_DEPOSIT + "UPDATE deposit SET state = 'failed'",
    ),
    (
        "each transfer credits one deposit",
        _BARE_DEPOSIT + _COPY_DEPOSIT.format(columns="transfer_id", state="succeeded"),
    ),
    (
        "each reversal takes back its whole deposit",
        "UPDATE transfer SET reverses = NULL WHERE kind = 'reversal'",
    ),
    ("each freeze and reversal has its deposit", "UPDATE deposit SET freeze_transfer_id = NULL"),
    (
        "held money equals open withdrawals and frozen deposits",
        "UPDATE deposit SET frozen_cents = frozen_cents - 100 WHERE frozen_cents > 0",
    ),
    (
        "no deposit is unknown for a day",
        _BARE_DEPOSIT
        + _COPY_DEPOSIT.format(columns="requested_at", state="pending")
        + "; UPDATE deposit SET requested_at = requested_at - interval '2 days'",
    ),
    (
        "no credit is unconfirmed for three days without an alarm",
        "DELETE FROM alarm; UPDATE deposit SET succeeded_at = succeeded_at - interval '4 days'",
    ),
]

_PAYBILL = [
    (
        "each proven paybill payment is credited once, with its amount",
        _BARE_PAYBILL
        + "UPDATE paybill_payment SET amount_cents = amount_cents + 100 WHERE state = 'placed'",
    ),
    (
        "each proven paybill payment is credited once, with its amount",
        "UPDATE transfer SET n_entries = 2 WHERE kind = 'paybill'",
    ),
    (
        "each credit from collection has its payment",
        "DELETE FROM paybill_payment WHERE state = 'credited'",
    ),
    (
        "collection equals credited deposits and paybill payments",
        _BARE_DEPOSIT + "UPDATE deposit SET state = 'succeeded' WHERE state = 'reversed'",
    ),
    (
        "suspense equals the payments that wait in it",
        _BARE_PAYBILL + "UPDATE paybill_payment SET state = 'suspense' WHERE state = 'placed'",
    ),
    ("two people place what was in suspense", "UPDATE decision SET player_id = player_id + 1"),
    (
        "no paybill payment is only heard for a day",
        _BARE_PAYBILL
        + """
        UPDATE paybill_payment SET state = 'heard', heard_at = heard_at - interval '2 days'
        WHERE state = 'suspense'
        """,
    ),
]

_RECEIPTS = [
    (
        "each receipt moves money once",
        """
        UPDATE paybill_payment p SET receipt = w.receipt FROM withdrawal w
        WHERE w.state = 'paid' AND p.state = 'suspense'
        """,
    ),
    (
        "each receipt is claimed by what it moved money for",
        "DELETE FROM receipt WHERE withdrawal_id IS NOT NULL",
    ),
]

_WITHDRAWALS = [
    (
        "each withdrawal held its amount",
        "UPDATE withdrawal SET amount_cents = amount_cents + 100 WHERE state = 'requested'",
    ),
    (
        "each ended withdrawal was paid or given back, whole",
        "UPDATE withdrawal SET state = 'paid' WHERE state = 'failed'",
    ),
    (
        "each payout is what M-Pesa was asked to pay",
        "UPDATE withdrawal SET fee_cents = 0 WHERE state = 'paid_after_release'",
    ),
    ("payout account equals paid withdrawals", "DELETE FROM withdrawal WHERE state = 'paid'"),
    (
        "each hold, release and payout has its withdrawal",
        "DELETE FROM withdrawal WHERE state = 'failed'",
    ),
    (
        "no withdrawal is in doubt for a day but before a person",
        """
        UPDATE withdrawal SET state = 'sending', sent_at = kibeezy_now() - interval '2 days'
        WHERE state = 'requested'
        """,
    ),
    (
        "two people decide what the provider left unclear",
        BARE.format(table="decision") + "UPDATE decision SET agreed_by = proposed_by",
    ),
]

_TAXES = [
    (
        "excise equals that of credited deposits and paybill payments",
        _BARE_PAYBILL + "UPDATE paybill_payment SET excise_cents = 0 WHERE state = 'placed'",
    ),
    (
        "each excise is that of its payment",
        # In all it stays the same.
        _BARE_PAYBILL
        + """
        UPDATE paybill_payment
        SET excise_cents = excise_cents + CASE state WHEN 'placed' THEN 100 ELSE -100 END
        WHERE state IN ('credited', 'placed')
        """,
    ),
    (
        "each excise is what its rate says, rounded down",
        _BARE_DEPOSIT + "UPDATE deposit SET excise_bps = excise_bps + 1",
    ),
    (
        "each excise was taken at a rate in force",
        "UPDATE dated_value SET value = value + 1 WHERE name = 'excise_bps'",
    ),
    (
        "withholding equals the tax of paid withdrawals",
        # What arrived on the phone stays the same.
        """
        UPDATE withdrawal SET tax_cents = tax_cents + 100, fee_cents = fee_cents - 100
        WHERE state = 'paid'
        """,
    ),
    (
        "each tax on a withdrawal is what its rate says",
        "UPDATE withdrawal SET withholding_bps = withholding_bps + 100",
    ),
]

PLANTED_PAYMENTS = [*_DEPOSITS, *_PAYBILL, *_RECEIPTS, *_WITHDRAWALS, *_TAXES]
