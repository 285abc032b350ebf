"""Invariants as SQL over the tables of every noun; a row is a violation, told in a sentence."""

from typing import Final

TRANSFERS: Final = {
    "every transfer balances": """
        SELECT format('transfer %s adds up to %s cents', transfer_id, sum(cents))
        FROM entry GROUP BY transfer_id HAVING sum(cents) <> 0
    """,
    "every transfer has its entries": """
        SELECT format('transfer %s has %s entries of %s', t.id, count(e.cents), t.n_entries)
        FROM transfer t LEFT JOIN entry e ON e.transfer_id = t.id
        GROUP BY t.id HAVING count(e.cents) <> t.n_entries
    """,
    "every entry has its transfer and account": """
        SELECT format('an entry of transfer %s on account %s', e.transfer_id, e.account_id)
        FROM entry e
        LEFT JOIN transfer t ON t.id = e.transfer_id LEFT JOIN account a ON a.id = e.account_id
        WHERE t.id IS NULL OR a.id IS NULL
    """,
    "all entries add up to nothing": """
        SELECT format('all entries add up to %s cents', sum(cents))
        FROM entry HAVING sum(cents) <> 0
    """,
    "each transfer touches what its kind may": """
        SELECT format('transfer %s, a %s, moved %s cents in %s', t.id, t.kind, e.cents, a.kind)
        FROM entry e JOIN transfer t ON t.id = e.transfer_id JOIN account a ON a.id = e.account_id
        LEFT JOIN movement_rules() r ON r.kind = t.kind AND r.account_kind = a.kind
        WHERE r.kind IS NULL OR r.direction * e.cents < 0
    """,
    "a transfer is what was asked for": """
        SELECT format('transfer %s has other contents than its hash', t.id)
        FROM transfer t JOIN (
            SELECT transfer_id,
                string_agg(account_id || ':' || cents, '|'
                           ORDER BY (account_id || ':' || cents) COLLATE "C") AS lines
            FROM entry GROUP BY transfer_id) e ON e.transfer_id = t.id
        WHERE t.request_hash <> sha256(convert_to(
            t.kind || '|' || coalesce(t.reverses::text, 'None') || '|' || e.lines, 'UTF8'))
    """,
}

WALLETS: Final = {
    "each movement of a wallet is explained": """
        SELECT format('transfer %s, a %s, moved %s cents in account %s for no reason on record',
                      t.id, t.kind, e.cents, a.id)
        FROM entry e JOIN transfer t ON t.id = e.transfer_id
        JOIN account a ON a.id = e.account_id AND a.kind IN ('player_available', 'player_held')
        LEFT JOIN deposit d ON d.transfer_id = t.id
        LEFT JOIN deposit f ON f.freeze_transfer_id
            = CASE t.kind WHEN 'freeze' THEN t.id WHEN 'unfreeze' THEN t.reverses END
        LEFT JOIN deposit v ON v.reversal_transfer_id = t.id
        LEFT JOIN (SELECT player_id, amount_cents, excise_cents,
                       unnest(ARRAY[transfer_id, place_transfer_id]) AS id
                   FROM paybill_payment) p ON p.id = t.id
        LEFT JOIN (SELECT player_id, amount_cents, unnest(
                       ARRAY[hold_transfer_id, end_transfer_id, clawback_transfer_id]) AS id
                   FROM withdrawal) w ON w.id = t.id
        LEFT JOIN bet b ON b.transfer_id = t.id
        LEFT JOIN (SELECT player_id, stake_cents,
                       unnest(ARRAY[transfer_id, reversal_transfer_id]) AS id
                   FROM cancelled_bet) c ON c.id = t.id
        LEFT JOIN settlement_line l ON t.kind IN ('payout', 'refund', 'payout_reversal')
            AND t.key = line_key(l.bet_id, l.version)
        WHERE (t.kind, a.kind) <> ('capital', 'player_available')
          AND ((t.kind, a.kind, a.owner, e.cents) IN (
              ('deposit', 'player_available', d.player_id, d.amount_cents - d.excise_cents),
              ('paybill', 'player_available', p.player_id, p.amount_cents - p.excise_cents),
              ('placement', 'player_available', p.player_id, p.amount_cents - p.excise_cents),
              ('hold', 'player_available', w.player_id, -w.amount_cents),
              ('hold', 'player_held', w.player_id, w.amount_cents),
              ('release', 'player_held', w.player_id, -w.amount_cents),
              ('release', 'player_available', w.player_id, w.amount_cents),
              ('withdrawal', 'player_held', w.player_id, -w.amount_cents),
              ('stake', 'player_available', b.player_id, -b.stake_cents),
              ('stake', 'player_available', c.player_id, -c.stake_cents),
              ('stake_reversal', 'player_available', c.player_id, c.stake_cents),
              ('payout', 'player_available', l.player_id, l.payout_cents),
              ('refund', 'player_available', l.player_id, l.payout_cents))
            OR (t.kind IN ('freeze', 'unfreeze') AND a.owner = f.player_id
                AND abs(e.cents) <= f.amount_cents - f.excise_cents)
            OR (t.kind = 'reversal' AND a.owner = v.player_id
                AND -e.cents <= v.amount_cents - v.excise_cents)
            OR (t.kind = 'payout_reversal' AND a.owner = l.player_id
                AND -e.cents <= l.payout_cents)
            OR (t.kind = 'clawback' AND a.owner = w.player_id
                AND -e.cents <= w.amount_cents)
            OR (t.kind = 'repayment' AND EXISTS (
                SELECT FROM entry c JOIN account d ON d.id = c.account_id
                WHERE c.transfer_id = t.id AND d.kind = 'player_clawback' AND d.owner = a.owner
                  AND c.cents = -e.cents))) IS NOT TRUE
    """,
    "each wallet has its balance": """
        SELECT format('account %s has no balance', a.id)
        FROM account a LEFT JOIN balance b ON b.account_id = a.id
        WHERE a.kind IN ('player_available', 'player_held') AND b.account_id IS NULL
    """,
    "each player has a wallet": """
        SELECT format('player %s has %s wallets', p.id, count(a.id))
        FROM player p LEFT JOIN account a
            ON a.owner = p.id AND a.kind IN ('player_available', 'player_held')
        GROUP BY p.id HAVING count(a.id) <> 2
    """,
    "each balance equals its entries": """
        SELECT format('account %s shows %s cents, its entries %s', b.account_id, b.cents,
                      coalesce(e.cents, 0))
        FROM balance b LEFT JOIN (
            SELECT account_id, sum(cents) AS cents FROM entry GROUP BY account_id) e
            USING (account_id)
        WHERE b.cents <> coalesce(e.cents, 0)
    """,
    "no balance is below its minimum": """
        SELECT format('account %s has %s cents, at least %s expected', account_id, cents,
                      minimum_cents)
        FROM balance WHERE cents < minimum_cents
    """,
    "held money equals open withdrawals and frozen deposits": """
        SELECT format('account %s holds %s cents, withdrawals and frozen deposits %s',
                      b.account_id, b.cents, coalesce(w.cents, 0) + coalesce(d.cents, 0))
        FROM balance b JOIN account a ON a.id = b.account_id AND a.kind = 'player_held'
        LEFT JOIN (SELECT player_id, sum(amount_cents) AS cents FROM withdrawal
                   WHERE end_transfer_id IS NULL GROUP BY player_id) w ON w.player_id = a.owner
        LEFT JOIN (SELECT player_id, sum(frozen_cents) AS cents FROM deposit
                   GROUP BY player_id) d ON d.player_id = a.owner
        WHERE b.cents <> coalesce(w.cents, 0) + coalesce(d.cents, 0)
    """,
}

BETS: Final = {
    "each bet moved its stake to its side": """
        SELECT format('bet %s of %s cents is not what transfer %s moved', b.id, b.stake_cents,
                      b.transfer_id)
        FROM bet b
        LEFT JOIN transfer t ON t.id = b.transfer_id AND t.kind = 'stake' AND t.n_entries = 2
        LEFT JOIN account w ON w.kind = 'player_available' AND w.owner = b.player_id
        LEFT JOIN entry p ON p.transfer_id = t.id AND p.account_id = w.id
        LEFT JOIN account s
            ON s.kind = 'market_side' AND s.market = b.market_id AND s.side = b.side
        LEFT JOIN entry c ON c.transfer_id = t.id AND c.account_id = s.id
        WHERE p.cents IS DISTINCT FROM -b.stake_cents OR c.cents IS DISTINCT FROM b.stake_cents
    """,
    "each stake has its bet": """
        SELECT format('transfer %s is a stake without a bet', t.id)
        FROM transfer t LEFT JOIN bet b ON b.transfer_id = t.id
        LEFT JOIN cancelled_bet c ON c.transfer_id = t.id
        WHERE t.kind = 'stake' AND b.id IS NULL AND c.bet_id IS NULL
    """,
    "a cancelled bet stands no more, and its whole stake went back": """
        SELECT format('bet %s was cancelled and stands', b.id)
        FROM cancelled_bet c JOIN bet b ON b.id = c.bet_id OR b.transfer_id = c.transfer_id
        UNION ALL SELECT format('bet %s of %s cents is cancelled, transfers %s and %s moved'
                                ' %s cents in account %s', c.bet_id, c.stake_cents, c.transfer_id,
                                c.reversal_transfer_id, sum(e.cents), e.account_id)
        FROM cancelled_bet c
        JOIN entry e ON e.transfer_id IN (c.transfer_id, c.reversal_transfer_id)
        GROUP BY c.bet_id, e.account_id HAVING sum(e.cents) <> 0
        UNION ALL SELECT format('cancelled bet %s of %s cents is not what transfer %s staked and'
                                ' transfer %s gave back', c.bet_id, c.stake_cents, c.transfer_id,
                                c.reversal_transfer_id)
        FROM cancelled_bet c
        LEFT JOIN transfer t ON t.id = c.transfer_id AND t.kind = 'stake'
        LEFT JOIN transfer r ON r.id = c.reversal_transfer_id AND r.kind = 'stake_reversal'
            AND r.reverses = t.id
        LEFT JOIN account s
            ON s.kind = 'market_side' AND s.market = c.market_id AND s.side = c.side
        LEFT JOIN entry e ON e.transfer_id = r.id AND e.account_id = s.id
        WHERE e.cents IS DISTINCT FROM -c.stake_cents
    """,
    "each reversal of a stake has its cancelled bet": """
        SELECT format('transfer %s gives a stake back, and no bet was cancelled', t.id)
        FROM transfer t LEFT JOIN cancelled_bet c ON c.reversal_transfer_id = t.id
        WHERE t.kind = 'stake_reversal' AND c.bet_id IS NULL
    """,
    "no bet is cancelled after its market closed": """
        SELECT format('bet %s was cancelled at %s, market %s closed at %s', c.bet_id,
                      c.cancelled_at, m.id, m.closed_at)
        FROM cancelled_bet c JOIN market m ON m.id = c.market_id
        WHERE c.cancelled_at >= m.closed_at
    """,
    "open stakes equal the side's account": """
        SELECT format('market %s %s has stakes of %s cents, its account %s', m.id, s.side,
                      coalesce(b.cents, 0), coalesce(e.cents, 0))
        FROM market m CROSS JOIN (VALUES ('yes'), ('no')) s (side)
        LEFT JOIN (SELECT market_id, side, sum(stake_cents) AS cents FROM bet
                   GROUP BY market_id, side) b ON b.market_id = m.id AND b.side = s.side
        LEFT JOIN (SELECT a.market, a.side, sum(e.cents) AS cents
                   FROM entry e JOIN account a ON a.id = e.account_id
                   WHERE a.kind = 'market_side' GROUP BY a.market, a.side) e
            ON e.market = m.id AND e.side = s.side
        WHERE m.status IN ('draft', 'open', 'suspended', 'closed', 'proposed') AND m.version = 1
          AND coalesce(b.cents, 0) <> coalesce(e.cents, 0)
    """,
    "what was given up was not placed": """
        SELECT format('player %s was told that nothing was placed in %s, and transfer %s was',
                      g.player_id, g.series, m.transfer_id)
        FROM given_up g JOIN (
            SELECT player_id, transfer_id FROM bet
            UNION ALL SELECT player_id, transfer_id FROM cancelled_bet
            UNION ALL SELECT player_id, hold_transfer_id FROM withdrawal) m USING (player_id)
        JOIN transfer t ON t.id = m.transfer_id
        WHERE t.scope = g.scope AND series_of(t.key) = g.series
    """,
}
