"""The invariants of what is kept back for the state: excise on deposits, tax on withdrawals."""

from typing import Final

# A deposit or paybill payment that a player was credited with, and the transfer that did it.
_CREDITS: Final = """
    SELECT 'deposit' AS what, d.id, d.amount_cents, d.excise_cents, d.excise_bps, t.posted_at
    FROM deposit d JOIN transfer t ON t.id = d.transfer_id
    UNION ALL
    SELECT 'paybill payment', p.id, p.amount_cents, p.excise_cents, p.excise_bps, t.posted_at
    FROM paybill_payment p JOIN transfer t ON t.id = CASE p.state
        WHEN 'credited' THEN p.transfer_id ELSE p.place_transfer_id END
"""

TAXES: Final = {
    "excise equals that of credited deposits and paybill payments": """
        SELECT format('excise has %s cents, deposits and paybill payments %s', x.cents,
                      d.cents + p.cents)
        FROM (SELECT coalesce(sum(e.cents), 0) AS cents FROM entry e
              JOIN account a ON a.id = e.account_id WHERE a.kind = 'excise_payable') x,
             (SELECT coalesce(sum(excise_cents), 0) AS cents FROM deposit
              WHERE state = 'succeeded') d,
             (SELECT coalesce(sum(excise_cents), 0) AS cents FROM paybill_payment
              WHERE state IN ('credited', 'placed')) p
        WHERE x.cents <> d.cents + p.cents
    """,
    "each excise is that of its payment": """
        SELECT format('transfer %s moved %s cents of excise, its payment says %s', t.id, e.cents,
                      coalesce(d.excise_cents, p.excise_cents))
        FROM entry e JOIN account a ON a.id = e.account_id AND a.kind = 'excise_payable'
        JOIN transfer t ON t.id = e.transfer_id
        LEFT JOIN deposit d ON t.id IN (d.transfer_id, d.reversal_transfer_id)
        LEFT JOIN paybill_payment p ON t.id = CASE p.state
            WHEN 'credited' THEN p.transfer_id ELSE p.place_transfer_id END
        WHERE abs(e.cents) IS DISTINCT FROM coalesce(d.excise_cents, p.excise_cents)
    """,
    "each excise is what its rate says, rounded down": f"""
        SELECT format('%s %s of %s cents was taxed %s at %s bps', what, id, amount_cents,
                      excise_cents, excise_bps)
        FROM ({_CREDITS}) c WHERE excise_cents <> div(amount_cents * excise_bps, 10000)
    """,  # noqa: S608 - no value of anybody's is in it
    # Between looking the rate up and posting passes a moment, and so does between an approval and
    # its COMMIT: whatever counted in the minute before may have been applied.
    "each excise was taken at a rate in force": f"""
        SELECT format('%s %s was taxed at %s bps, which did not count at %s', what, id, excise_bps,
                      posted_at)
        FROM ({_CREDITS}) c
        WHERE NOT EXISTS (
            SELECT FROM (VALUES (0, '-infinity'::timestamptz, 0)
                UNION ALL SELECT value, effective_from, id FROM dated_value
                WHERE name = 'excise_bps' AND approved_at IS NOT NULL) r (value, since, id)
            WHERE r.value = excise_bps AND r.since <= posted_at AND NOT EXISTS (
                SELECT FROM dated_value later
                WHERE later.name = 'excise_bps' AND later.approved_at IS NOT NULL
                  AND (later.effective_from, later.id) > (r.since, r.id)
                  AND later.effective_from <= posted_at - interval '1 minute'))
    """,  # noqa: S608 - see above
    "withholding equals the tax of paid withdrawals": """
        SELECT format('withholding has %s cents, paid withdrawals %s', x.cents, w.cents)
        FROM (SELECT coalesce(sum(e.cents), 0) AS cents FROM entry e
              JOIN account a ON a.id = e.account_id WHERE a.kind = 'withholding_payable') x,
             (SELECT coalesce(sum(tax_cents), 0) AS cents FROM withdrawal
              WHERE state IN ('paid', 'paid_after_release')) w
        WHERE x.cents <> w.cents
    """,
    # To a whole shilling, half a shilling up, since M-Pesa pays whole shillings.
    "each tax on a withdrawal is what its rate says": """
        SELECT format('withdrawal %s of %s cents was taxed %s at %s bps', id, amount_cents,
                      tax_cents, withholding_bps)
        FROM withdrawal
        WHERE tax_cents <> 100 * div(amount_cents / 100 * withholding_bps + 5000, 10000)
    """,
}
