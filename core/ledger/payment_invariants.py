"""The invariants of money that crosses the border: deposits, paybill payments, withdrawals."""

from typing import Final

from core.ledger.overdue import UNNAMED

DEPOSITS: Final = {
    "each succeeded deposit is credited once, with its amount": """
        SELECT format('deposit %s of %s cents, %s of it excise, was credited %s', d.id,
                      d.amount_cents, d.excise_cents, coalesce(e.cents, 0))
        FROM deposit d
        LEFT JOIN transfer t ON t.id = d.transfer_id AND t.kind = 'deposit'
        LEFT JOIN account a ON a.kind = 'player_available' AND a.owner = d.player_id
        LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = a.id
        LEFT JOIN account x ON x.kind = 'excise_payable'
        LEFT JOIN entry k ON k.transfer_id = t.id AND k.account_id = x.id
        WHERE d.state IN ('succeeded', 'reversed')
          AND (e.cents IS DISTINCT FROM d.amount_cents - d.excise_cents
               OR coalesce(k.cents, 0) <> d.excise_cents
               OR t.n_entries <> 2 + (d.excise_cents > 0)::integer)
    """,
    "only succeeded deposits are credited": """
        SELECT format('deposit %s is %s but has transfer %s', id, state, transfer_id)
        FROM deposit WHERE state NOT IN ('succeeded', 'reversed') AND transfer_id IS NOT NULL
    """,
    "each transfer credits one deposit": """
        SELECT format('transfer %s credits %s deposits', transfer_id, count(*))
        FROM deposit WHERE transfer_id IS NOT NULL GROUP BY transfer_id HAVING count(*) > 1
    """,
    "each reversal takes back its whole deposit": """
        SELECT format('deposit %s of %s cents, %s of it excise, was reversed by %s and %s', d.id,
                      d.amount_cents, d.excise_cents, coalesce(e.cents, 0), coalesce(-k.cents, 0))
        FROM deposit d
        LEFT JOIN transfer t ON t.id = d.reversal_transfer_id AND t.kind = 'reversal'
            AND t.reverses = d.transfer_id
        LEFT JOIN account a ON a.kind = 'mpesa_collection'
        LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = a.id
        LEFT JOIN account x ON x.kind = 'excise_payable'
        LEFT JOIN entry k ON k.transfer_id = t.id AND k.account_id = x.id
        WHERE d.state = 'reversed' AND (e.cents IS DISTINCT FROM d.amount_cents
                                        OR coalesce(-k.cents, 0) <> d.excise_cents)
    """,
    "each freeze and reversal has its deposit": """
        SELECT format('transfer %s is a %s of no deposit', t.id, t.kind)
        FROM transfer t
        LEFT JOIN deposit f ON f.freeze_transfer_id
            = CASE t.kind WHEN 'freeze' THEN t.id WHEN 'unfreeze' THEN t.reverses END
        LEFT JOIN deposit r ON r.reversal_transfer_id = t.id AND t.kind = 'reversal'
        WHERE t.kind IN ('freeze', 'unfreeze', 'reversal') AND f.id IS NULL AND r.id IS NULL
    """,
}

PAYBILL: Final = {
    "each proven paybill payment is credited once, with its amount": """
        SELECT format('paybill payment %s of %s cents took %s from collection', p.id,
                      p.amount_cents, coalesce(-e.cents, 0))
        FROM paybill_payment p
        LEFT JOIN transfer t ON t.id = p.transfer_id
            AND t.kind = CASE p.state WHEN 'credited' THEN 'paybill' ELSE 'suspense' END
            AND t.n_entries = 2 + (p.state = 'credited' AND p.excise_cents > 0)::integer
        LEFT JOIN account a ON a.kind = 'mpesa_collection'
        LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = a.id
        WHERE p.transfer_id IS NOT NULL AND -e.cents IS DISTINCT FROM p.amount_cents
    """,
    "each credit from collection has its payment": """
        SELECT format('transfer %s took %s cents from collection for no payment', t.id, e.cents)
        FROM entry e JOIN account a ON a.id = e.account_id AND a.kind = 'mpesa_collection'
        JOIN transfer t ON t.id = e.transfer_id
        LEFT JOIN (SELECT unnest(ARRAY[transfer_id, reversal_transfer_id]) AS id FROM deposit) d
            ON d.id = t.id
        LEFT JOIN paybill_payment p ON p.transfer_id = t.id
        WHERE d.id IS NULL AND p.id IS NULL
    """,
    "collection equals credited deposits and paybill payments": """
        SELECT format('collection has %s cents, deposits and paybill payments %s', c.cents,
                      d.cents + p.cents)
        FROM (SELECT -coalesce(sum(e.cents), 0) AS cents FROM entry e
              JOIN account a ON a.id = e.account_id WHERE a.kind = 'mpesa_collection') c,
             (SELECT coalesce(sum(amount_cents), 0) AS cents FROM deposit
              WHERE state = 'succeeded') d,
             (SELECT coalesce(sum(amount_cents), 0) AS cents FROM paybill_payment
              WHERE transfer_id IS NOT NULL) p
        WHERE c.cents <> d.cents + p.cents
    """,
    "suspense equals the payments that wait in it": """
        SELECT format('suspense has %s cents, the payments in it %s', s.cents, p.cents)
        FROM (SELECT coalesce(sum(e.cents), 0) AS cents FROM entry e
              JOIN account a ON a.id = e.account_id WHERE a.kind = 'mpesa_suspense') s,
             (SELECT coalesce(sum(amount_cents), 0) AS cents FROM paybill_payment
              WHERE state = 'suspense') p
        WHERE s.cents <> p.cents
    """,
    "two people place what was in suspense": """
        SELECT format('paybill payment %s was placed without two people', p.id)
        FROM paybill_payment p
        LEFT JOIN decision d ON d.paybill_id = p.id AND d.player_id = p.player_id
            AND d.agreed_by <> d.proposed_by
        WHERE p.state = 'placed' AND d.id IS NULL
    """,
}

UNKNOWN_IN: Final = {
    "no deposit is unknown for a day": UNNAMED["no deposit is unknown for a day"],
    # Queries go on for a day after the push, questions about the receipt for 33 hours more.
    "no credit is unconfirmed for three days without an alarm": """
        SELECT format('deposit %s is unconfirmed since %s', id, succeeded_at)
        FROM deposit d WHERE state = 'succeeded' AND confirmed_at IS NULL
          AND succeeded_at < (SELECT kibeezy_now()) - interval '3 days'
          AND NOT EXISTS (SELECT FROM alarm WHERE subject = format('deposit:%s', d.id))
    """,
    "no paybill payment is only heard for a day": UNNAMED[
        "no paybill payment is only heard for a day"
    ],
}

RECEIPTS: Final = {
    "each receipt moves money once": """
        SELECT format('receipt %s stands on %s payments', receipt, count(*))
        FROM (SELECT receipt FROM deposit WHERE receipt IS NOT NULL
              UNION ALL SELECT receipt FROM paybill_payment WHERE transfer_id IS NOT NULL
              UNION ALL SELECT receipt FROM withdrawal WHERE receipt IS NOT NULL) r
        GROUP BY receipt HAVING count(*) > 1
    """,
    "each receipt is claimed by what it moved money for": """
        SELECT format('receipt %s of %s %s is not claimed by it', p.receipt, p.what, p.id)
        FROM (SELECT 'deposit' AS what, id, receipt FROM deposit
              UNION ALL SELECT 'paybill payment', id, receipt FROM paybill_payment
                        WHERE transfer_id IS NOT NULL
              UNION ALL SELECT 'withdrawal', id, receipt FROM withdrawal) p
        LEFT JOIN receipt r ON r.receipt = p.receipt AND p.id = CASE p.what
            WHEN 'deposit' THEN r.deposit_id WHEN 'withdrawal' THEN r.withdrawal_id
            ELSE r.paybill_id END
        WHERE p.receipt IS NOT NULL AND r.receipt IS NULL
    """,
}

WITHDRAWALS: Final = {
    "each withdrawal held its amount": """
        SELECT format('withdrawal %s of %s cents held %s', w.id, w.amount_cents,
                      coalesce(e.cents, 0))
        FROM withdrawal w
        LEFT JOIN transfer t ON t.id = w.hold_transfer_id AND t.kind = 'hold' AND t.n_entries = 2
        LEFT JOIN account a ON a.kind = 'player_held' AND a.owner = w.player_id
        LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = a.id
        WHERE e.cents IS DISTINCT FROM w.amount_cents
    """,
    "each ended withdrawal was paid or given back, whole": """
        SELECT format('withdrawal %s is %s, its transfer %s is not', w.id, w.state,
                      w.end_transfer_id)
        FROM withdrawal w
        LEFT JOIN transfer t ON t.id = w.end_transfer_id AND t.reverses IS NOT DISTINCT FROM
                CASE w.state WHEN 'paid' THEN NULL ELSE w.hold_transfer_id END
            AND t.kind = CASE w.state WHEN 'paid' THEN 'withdrawal' ELSE 'release' END
        LEFT JOIN account a ON a.kind = 'player_held' AND a.owner = w.player_id
        LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = a.id
        WHERE w.end_transfer_id IS NOT NULL AND -e.cents IS DISTINCT FROM w.amount_cents
    """,
    "each payout is what M-Pesa was asked to pay": """
        SELECT format('withdrawal %s of %s cents net: transfer %s paid out %s', w.id,
                      w.amount_cents - w.fee_cents - w.tax_cents, p.id, coalesce(e.cents, 0))
        FROM withdrawal w
        LEFT JOIN transfer p ON p.id = CASE w.state WHEN 'paid' THEN w.end_transfer_id
                                                    ELSE w.clawback_transfer_id END
        LEFT JOIN account a ON a.kind = 'mpesa_payout'
        LEFT JOIN entry e ON e.transfer_id = p.id AND e.account_id = a.id
        WHERE w.state IN ('paid', 'paid_after_release')
          AND e.cents IS DISTINCT FROM w.amount_cents - w.fee_cents - w.tax_cents
    """,
    "payout account equals paid withdrawals": """
        SELECT format('payout has %s cents, paid withdrawals %s', p.cents, w.cents)
        FROM (SELECT coalesce(sum(e.cents), 0) AS cents FROM entry e
              JOIN account a ON a.id = e.account_id WHERE a.kind = 'mpesa_payout') p,
             (SELECT coalesce(sum(amount_cents - fee_cents - tax_cents), 0) AS cents
              FROM withdrawal WHERE state IN ('paid', 'paid_after_release')) w
        WHERE p.cents <> w.cents
    """,
    "each hold, release and payout has its withdrawal": """
        SELECT format('transfer %s is a %s of no withdrawal', t.id, t.kind)
        FROM transfer t LEFT JOIN (
            SELECT unnest(ARRAY[hold_transfer_id, end_transfer_id, clawback_transfer_id]) AS id
            FROM withdrawal) w ON w.id = t.id
        WHERE t.kind IN ('hold', 'release', 'withdrawal', 'clawback') AND w.id IS NULL
    """,
    "no withdrawal is in doubt for a day but before a person": UNNAMED[
        "no withdrawal is in doubt for a day but before a person"
    ],
    "two people decide what the provider left unclear": """
        SELECT format('decision %s was made by one person', id)
        FROM decision WHERE agreed_at IS NOT NULL AND agreed_by IS NOT DISTINCT FROM proposed_by
    """,
}
