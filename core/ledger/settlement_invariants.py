"""What must always be true of settlements: of each version, late bets, and what was corrected.

A line's transfer is the one of its kind with its key; a reversal has the key of what it reverses.
"""

from typing import Final

_PLANS: Final = {
    "payouts, fee and remainder equal the pool": """
        SELECT format('market %s: payouts %s, fee %s, remainder %s, pool %s, stakes %s',
                      s.market_id, coalesce(l.cents, 0), s.fee_cents, s.remainder_cents,
                      s.pool_cents, coalesce(b.cents, 0))
        FROM settlement s
        LEFT JOIN (SELECT market_id, version, sum(payout_cents) AS cents FROM settlement_line
                   GROUP BY market_id, version) l USING (market_id, version)
        LEFT JOIN (SELECT market_id, sum(stake_cents) AS cents FROM bet
                   GROUP BY market_id) b USING (market_id)
        WHERE s.pool_cents <> coalesce(l.cents, 0) + s.fee_cents + s.remainder_cents
           OR s.pool_cents <> coalesce(b.cents, 0)
    """,
    "each plan is the one that was frozen": """
        SELECT format('market %s has other lines than its plan', market_id)
        FROM settlement WHERE plan_hash <> settlement_hash(market_id, version)
    """,
    "each bet of a settlement has its line": """
        SELECT format('bet %s of market %s has no line', b.id, b.market_id)
        FROM settlement s JOIN bet b USING (market_id)
        LEFT JOIN settlement_line l ON l.bet_id = b.id AND l.market_id = b.market_id
            AND l.version = s.version AND l.player_id = b.player_id
        WHERE l.bet_id IS NULL
    """,
    "a late bet gets its stake back, and no bet in time is refunded alone": """
        SELECT format('bet %s of %s cents was placed at %s, its line is a %s of %s', l.bet_id,
                      b.stake_cents, b.placed_at, l.kind, l.payout_cents)
        FROM settlement s JOIN settlement_line l USING (market_id, version)
        JOIN bet b ON b.id = l.bet_id
        WHERE l.kind = 'refund' AND l.payout_cents <> b.stake_cents
           OR (l.kind = 'refund') <> (s.refunded OR coalesce(b.placed_at >= s.late_from, false))
        UNION ALL SELECT format('market %s has late bets of %s cents, not %s', s.market_id,
                                coalesce(b.cents, 0), s.late_cents)
        FROM settlement s LEFT JOIN LATERAL (
            SELECT sum(stake_cents) AS cents FROM bet
            WHERE market_id = s.market_id AND placed_at >= s.late_from) b ON true
        WHERE s.late_cents <> coalesce(b.cents, 0)
    """,
}

_PAYING: Final = {
    "side accounts and posted lines equal the frozen pool": """
        SELECT format('market %s froze %s cents, its sides and posted lines have %s',
                      s.market_id, s.pool_cents, x.cents)
        FROM settlement s JOIN market m ON m.id = s.market_id AND m.version = s.version
        LEFT JOIN settlement o ON o.market_id = s.market_id AND o.version = s.version - 1
        CROSS JOIN LATERAL (SELECT sum(cents) AS cents FROM (
            SELECT e.cents FROM account a JOIN entry e ON e.account_id = a.id
            WHERE a.kind = 'market_side' AND a.market = s.market_id
            UNION ALL SELECT l.payout_cents FROM settlement_line l
            JOIN transfer t ON t.scope IN ('payout', 'refund')
                AND t.key = line_key(l.bet_id, l.version)
            WHERE l.market_id = s.market_id AND l.version = s.version
            UNION ALL SELECT l.payout_cents FROM settlement_line l
            LEFT JOIN transfer t ON t.scope = 'payout_reversal'
                AND t.key = line_key(l.bet_id, l.version)
            WHERE l.market_id = o.market_id AND l.version = o.version AND t.id IS NULL
            UNION ALL SELECT o.fee_cents + o.remainder_cents WHERE NOT EXISTS (
                SELECT FROM transfer t WHERE t.scope = 'fee_reversal'
                AND t.key = line_key(o.market_id, o.version))) parts) x
        WHERE m.status IN ('settling', 'voiding') AND s.pool_cents <> coalesce(x.cents, 0)
    """,
    "settled and voided markets are empty": """
        SELECT format('market %s is %s, its %s account has %s cents', m.id, m.status, a.side,
                      sum(e.cents))
        FROM market m JOIN account a ON a.market = m.id AND a.kind = 'market_side'
        JOIN entry e ON e.account_id = a.id
        WHERE m.status IN ('settled', 'voided') OR (m.status = 'proposed' AND m.version > 1)
        GROUP BY m.id, a.id HAVING sum(e.cents) <> 0
    """,
    "each line is paid once its turn has come": """
        SELECT format('line of bet %s is due %s cents, transfer %s', l.bet_id, l.payout_cents,
                      coalesce(t.id::text, 'none'))
        FROM settlement_line l JOIN settlement s USING (market_id, version)
        LEFT JOIN transfer t ON t.key = line_key(l.bet_id, l.version) AND t.scope = coalesce(
            l.kind, CASE WHEN s.refunded THEN 'refund' ELSE 'payout' END)
        WHERE l.payout_cents > 0 AND (t.id IS NOT NULL) IS DISTINCT FROM
            ((l.player_id, l.bet_id) <= (s.through_player, s.through_bet))
    """,
    "each paid line has the right money in the right wallet": """
        SELECT format('line of bet %s says %s cents, transfer %s moved %s', l.bet_id,
                      l.payout_cents, t.id, coalesce(e.cents, 0))
        FROM settlement_line l
        JOIN transfer t ON t.scope IN ('payout', 'refund')
            AND t.key = line_key(l.bet_id, l.version)
        LEFT JOIN account w ON w.kind = 'player_available' AND w.owner = l.player_id
        LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = w.id
        WHERE coalesce(e.cents, 0) <> l.payout_cents OR t.kind <> t.scope
    """,
    "each payout and refund has its line": """
        SELECT format('transfer %s is a %s without a line', t.id, t.kind)
        FROM transfer t LEFT JOIN settlement_line l ON t.key = line_key(l.bet_id, l.version)
        WHERE t.kind IN ('payout', 'refund', 'payout_reversal') AND l.bet_id IS NULL
    """,
    "each finished settlement booked its fee and remainder": """
        SELECT format('market %s: fee %s and remainder %s, booked %s and %s', s.market_id,
                      s.fee_cents, s.remainder_cents, coalesce(x.fee, 0), coalesce(x.rest, 0))
        FROM settlement s LEFT JOIN (
            SELECT t.key, sum(e.cents) FILTER (WHERE a.kind = 'fee_revenue') AS fee,
                sum(e.cents) FILTER (WHERE a.kind = 'rounding') AS rest
            FROM transfer t JOIN entry e ON e.transfer_id = t.id
            JOIN account a ON a.id = e.account_id
            WHERE t.kind = 'fee' GROUP BY t.key) x ON x.key = line_key(s.market_id, s.version)
        WHERE s.finished_at IS NOT NULL AND (s.fee_cents, s.remainder_cents)
            IS DISTINCT FROM (coalesce(x.fee, 0), coalesce(x.rest, 0))
    """,
    "a market is settled when its settlement is finished": """
        SELECT format('market %s is %s, version %s of its settlement %s', m.id, m.status,
                      m.version, CASE WHEN s.market_id IS NULL THEN 'missing'
                           WHEN s.finished_at IS NULL THEN 'unfinished' ELSE 'finished' END)
        FROM market m
        LEFT JOIN settlement s ON s.market_id = m.id AND s.version = m.version
        LEFT JOIN settlement o ON o.market_id = m.id AND o.version = m.version - 1
        WHERE (m.status IN ('settled', 'voided')) <> (s.finished_at IS NOT NULL)
           OR (m.status IN ('settling', 'voiding', 'settled', 'voided'))
              <> (s.market_id IS NOT NULL)
           OR (m.version > 1) <> (o.finished_at IS NOT NULL)
    """,
}

_CORRECTIONS: Final = {
    "each line is reversed once its turn in the next version has come": """
        SELECT format('version %s of bet %s paid %s cents, reversed by transfer %s', l.version,
                      l.bet_id, l.payout_cents, coalesce(t.id::text, 'none'))
        FROM settlement_line l
        LEFT JOIN settlement n ON n.market_id = l.market_id AND n.version = l.version + 1
        LEFT JOIN transfer t ON t.scope = 'payout_reversal'
            AND t.key = line_key(l.bet_id, l.version)
        WHERE l.payout_cents > 0 AND (t.id IS NOT NULL) <> coalesce(
            (l.player_id, l.bet_id) <= (n.through_player, n.through_bet), false)
    """,
    "each corrected settlement gave back its fee and remainder": """
        SELECT format('version %s of market %s: its fee is not reversed', o.version, o.market_id)
        FROM settlement o JOIN settlement n
            ON n.market_id = o.market_id AND n.version = o.version + 1
        JOIN transfer f ON f.scope = 'fee' AND f.key = line_key(o.market_id, o.version)
        LEFT JOIN transfer t ON t.kind = 'fee_reversal' AND t.reverses = f.id
        WHERE n.finished_at IS NOT NULL AND t.id IS NULL
    """,
    "each reversal of a settlement is linked and exact": """
        SELECT format('transfer %s does not reverse transfer %s', t.id, t.reverses)
        FROM transfer t LEFT JOIN transfer r ON r.id = t.reverses AND r.key = t.key
            AND r.kind IN ('payout', 'refund', 'fee')
            AND (r.kind = 'fee') = (t.kind = 'fee_reversal')
        WHERE t.kind IN ('payout_reversal', 'fee_reversal') AND r.id IS NULL
        UNION ALL SELECT format('transfer %s reverses other money than transfer %s moved', x.id,
                                x.reverses)
        FROM (SELECT id, reverses, unnest(ARRAY[id, reverses]) AS part FROM transfer
              WHERE kind IN ('payout_reversal', 'fee_reversal')) x
        JOIN entry e ON e.transfer_id = x.part JOIN account a ON a.id = e.account_id
        GROUP BY x.id, x.reverses, a.owner, CASE WHEN a.owner IS NULL THEN a.id END
        HAVING sum(e.cents) <> 0
    """,
    "what a player owes is what could not be taken back": """
        SELECT format('player %s owes %s cents, %s could not be taken back',
                      coalesce(c.owner, x.player_id), coalesce(c.cents, 0), coalesce(x.cents, 0))
        FROM (SELECT a.owner, -sum(e.cents) AS cents
              FROM account a JOIN entry e ON e.account_id = a.id
              JOIN transfer t ON t.id = e.transfer_id AND t.kind IN ('clawback', 'payout_reversal')
              WHERE a.kind = 'player_clawback' GROUP BY a.owner) c
        FULL JOIN (
            SELECT o.player_id, sum(o.cents + coalesce(w.cents, 0)) AS cents
            FROM (SELECT player_id, clawback_transfer_id AS id, amount_cents AS cents
                  FROM withdrawal WHERE clawback_transfer_id IS NOT NULL
                  UNION ALL SELECT l.player_id, t.id, l.payout_cents
                  FROM settlement_line l JOIN transfer t ON t.scope = 'payout_reversal'
                      AND t.key = line_key(l.bet_id, l.version)) o
            LEFT JOIN (SELECT e.transfer_id AS id, a.owner AS player_id, e.cents
                       FROM entry e JOIN account a ON a.id = e.account_id
                       WHERE a.kind = 'player_available') w USING (id, player_id)
            GROUP BY o.player_id) x ON x.player_id = c.owner
        WHERE coalesce(c.cents, 0) <> coalesce(x.cents, 0)
        UNION ALL SELECT format('player %s repaid %s cents more than was owed', a.owner,
                                sum(e.cents))
        FROM account a JOIN entry e ON e.account_id = a.id
        WHERE a.kind = 'player_clawback' GROUP BY a.owner HAVING sum(e.cents) > 0
    """,
}

_DECIDERS: Final = {
    "nobody decides alone or with a bet": """
        SELECT format('market %s was decided by one person, or by one with a bet', d.id)
        FROM (SELECT id, created_by, approved_by, edited_by, proposed_by, resolved_by, resolved_at
              FROM market
              UNION ALL SELECT market_id, NULL, NULL, NULL, proposed_by, resolved_by, planned_at
              FROM settlement) d
        WHERE d.approved_by = ANY (d.created_by || d.edited_by) OR d.proposed_by = d.resolved_by
           OR (d.resolved_by IS NOT NULL AND EXISTS (
               SELECT FROM bet b JOIN player p ON p.id = b.player_id JOIN admin a USING (phone)
               WHERE b.market_id = d.id AND a.id IN (d.proposed_by, d.resolved_by)
                 AND a.created_at < d.resolved_at))
    """,
}

SETTLEMENTS: Final = _PLANS | _PAYING | _CORRECTIONS | _DECIDERS
