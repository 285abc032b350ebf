"""What somebody who can write SQL as the application would try, and what becomes of it."""

WANJIRU, OTIENO = "+254700000001", "+254700000002"
OPEN, CLOSED, DECIDED = 101, 102, 103
NOT_PERMITTED, APPEND_ONLY, FROZEN, NO_WAY, NOTHING = "42501", "KB003", "KB005", "KB006", "KB016"

THE_FIRST = f"(SELECT id FROM player WHERE phone = '{WANJIRU}')"
THE_OTHER = f"(SELECT id FROM player WHERE phone = '{OTIENO}')"
WALLET = f"(SELECT id FROM account WHERE kind = 'player_available' AND owner = {THE_FIRST})"
SIDE = "(SELECT id FROM account WHERE kind = 'market_side' AND market = {market} AND side = 'yes')"
_ASHA, _BARAKA = "(SELECT min(id) FROM admin)", "(SELECT max(id) FROM admin)"
NEWEST = "(SELECT max(id) FROM transfer)"


def post(
    kind: str,
    taken: str,
    given: str,
    cents: int = 2_000,
    key: str = "'attack', '1'",
) -> str:
    return (
        f"SELECT post_transfer('{kind}', {key}, sha256('x'), ARRAY[{taken}, {given}],"
        f" ARRAY[{-cents}, {cents}]::bigint[], 'thief', NULL, NULL, NULL)"
    )


def stake(market: int) -> str:
    return post("stake", WALLET, SIDE.format(market=market))


def bet(
    market: int = OPEN,
    player: str = THE_FIRST,
    side: str = "yes",
    cents: int = 2_000,
    at: str = "kibeezy_now()",
) -> str:
    return (
        "INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)"
        f" VALUES ({market}, {player}, '{side}', {cents}, {NEWEST}, {at})"
    )


def market(columns: str, values: str) -> str:
    return (
        "INSERT INTO market (question, label, category, fee_bps, payout_rule, closes_at,"
        f" created_by, {columns}) VALUES ('?', '?', 'Sport', 0, 'equal', kibeezy_now(), {_ASHA},"
        f" {values})"
    )


_FILE = (
    "INSERT INTO statement_import (source, money, covers_from, covers_to, n_lines, n_new,"
    " imported_by, approved_by, approved_at) VALUES ('csv', 'in', kibeezy_now() - interval '1 day',"
    f" kibeezy_now(), 0, 0, {_ASHA}, {_BARAKA}, kibeezy_now())"
)
_DECIDED = (
    "INSERT INTO decision (withdrawal_id, player_id, outcome, evidence, proposed_by, agreed_by,"
    f" agreed_at) SELECT id, player_id, 'paid', 'x', {_ASHA}, {_BARAKA}, kibeezy_now()"
    " FROM withdrawal"
)
_LINE = (
    "INSERT INTO settlement_line (market_id, bet_id, player_id, payout_cents, transfer_id)"
    f" SELECT {DECIDED}, id, player_id, 1, {NEWEST} FROM bet WHERE market_id = {OPEN} LIMIT 1"
)
_SETTLEMENT = (
    "INSERT INTO settlement (market_id, outcome, refunded, pool_cents, fee_cents, remainder_cents,"
    " plan_hash, {column}) VALUES ({market}, 'yes', false, 0, 0, 0, sha256('x'), {value})"
)
_VERIFIED = (
    "INSERT INTO player (phone, full_name, language, kyc_verified_at)"
    " VALUES ('+254700000009', 'Loot', 'en', kibeezy_now())"
)
# A line is paid by the transfer that has its bet for a key.
_PAID_BY_ANOTHER = post(
    "payout",
    SIDE.format(market=DECIDED),
    WALLET,
    key="'payout', (SELECT min(bet_id)::text FROM settlement_line)",
)
_GIVEN_BACK = (
    "UPDATE withdrawal SET state = 'failed', end_transfer_id = (SELECT min(id) FROM transfer)"
)
_DEPOSIT = (
    "INSERT INTO deposit (player_id, amount_cents, request_key, reference, token, receipt)"
    f" VALUES ({THE_OTHER}, 100, 'x', 'x', md5('x'), 'TKM0000001')"
)
_SAME_RECEIPT = "UPDATE withdrawal SET receipt = 'TKM0000001'"
_OPEN_DECISION = (
    "INSERT INTO decision (withdrawal_id, player_id, outcome, evidence, proposed_by)"
    f" SELECT id, player_id, 'paid', 'x', {_ASHA} FROM withdrawal"
)
_PAYBILL = (
    "INSERT INTO paybill_payment (receipt, amount_cents, account, state, proven_by, player_id,"
    f" transfer_id) VALUES ('TKM0000002', 2000, '', 'credited', 'status', {THE_FIRST}, {NEWEST})"
)
_COLLECTION = "(SELECT id FROM account WHERE kind = 'mpesa_collection')"
_EXPLAINED = (
    "WITH pulled AS (INSERT INTO statement_import (source, money, covers_from, covers_to, n_lines,"
    " n_new) VALUES ('pull', 'in', now() - interval '1 day', now(), 1, 1) RETURNING id)"
    " INSERT INTO statement_line (import_id, receipt, kind, amount_cents, completed_at, matched_at)"
    " SELECT id, 'TKM0000003', 'paid_in', 100, now(), now() FROM pulled"
)
_REVENUE = "(SELECT id FROM account WHERE kind = 'fee_revenue')"
_HELD = f"(SELECT id FROM account WHERE kind = 'player_held' AND owner = {THE_FIRST})"

REFUSED = {
    "a stake without a bet": ((stake(OPEN),), NOTHING),
    "a bet without a stake": ((bet(),), NOTHING),
    "a bet on another's stake": ((stake(OPEN), bet(player=THE_OTHER)), NOTHING),
    "a bet larger than its stake": ((stake(OPEN), bet(cents=200_000)), NOTHING),
    "a bet on the other side": ((stake(OPEN), bet(side="no")), NOTHING),
    "a bet on another market": ((stake(CLOSED), bet()), NOTHING),
    "a bet on a closed market": ((stake(CLOSED), bet(CLOSED)), NOTHING),
    "a bet after the close": (
        (stake(OPEN), bet(at="(SELECT closes_at FROM market WHERE id = 101)")),
        NOTHING,
    ),
    "the bet of another player's wallet": (
        (post("stake", WALLET.replace(WANJIRU, OTIENO), SIDE.format(market=OPEN)), bet()),
        NOTHING,
    ),
    "a market born open": ((market("status, approved_by", f"'open', {_BARAKA}"),), NO_WAY),
    "a market born proposed": (
        (market("proposed_by, proposed_outcome", f"{_ASHA}, 'yes'"),),
        NO_WAY,
    ),
    "a market born settled": (
        (
            market(
                "status, approved_by, proposed_by, resolved_by, outcome",
                f"'settled', {_BARAKA}, {_ASHA}, {_BARAKA}, 'yes'",
            ),
        ),
        NO_WAY,
    ),
    "a market born as a correction": ((market("version", "2"),), NO_WAY),
    "a market of somebody else's": (
        (f"UPDATE market SET created_by = {_BARAKA} WHERE id = {OPEN}",),
        FROZEN,
    ),
    "a decision born agreed": ((_DECIDED,), NO_WAY),
    "a file born approved": ((_FILE,), NO_WAY),
    "a line born paid": ((_LINE,), NO_WAY),
    "a settlement born finished": (
        (_SETTLEMENT.format(market=CLOSED, column="finished_at", value="kibeezy_now()"),),
        NO_WAY,
    ),
    "a settlement born behind its players": (
        (_SETTLEMENT.format(market=CLOSED, column="through_player", value="9"),),
        NO_WAY,
    ),
    "a settlement born behind its bets": (
        (_SETTLEMENT.format(market=CLOSED, column="through_bet", value="9"),),
        NO_WAY,
    ),
    "a payout to another number": (
        (f"UPDATE player SET phone = '+254700000009' WHERE id = {THE_FIRST}",),
        NOT_PERMITTED,
    ),
    "a player born verified": (
        (_VERIFIED,),
        NOT_PERMITTED,
    ),
    "another callback than came": (("UPDATE provider_callback SET body = '{}'",), NOT_PERMITTED),
    "one receipt for two payments": ((_DEPOSIT, _SAME_RECEIPT), "23505"),
    "a decision that was taken back": (
        (
            _OPEN_DECISION,
            "UPDATE decision SET withdrawn_at = kibeezy_now()",
            f"UPDATE decision SET agreed_by = {_BARAKA}, agreed_at = kibeezy_now()",
        ),
        FROZEN,
    ),
    "a credit for another player": (
        (
            post("paybill", _COLLECTION, WALLET),
            _PAYBILL,
            f"UPDATE paybill_payment SET player_id = {THE_OTHER}",
        ),
        NO_WAY,
    ),
    "another tax on a credit": (
        (
            post("paybill", _COLLECTION, WALLET),
            _PAYBILL,
            "UPDATE paybill_payment SET excise_bps = 500, excise_cents = 100",
        ),
        NO_WAY,
    ),
    "another rate of withholding": (
        ("UPDATE withdrawal SET withholding_bps = withholding_bps + 1",),
        NO_WAY,
    ),
    "a line that says something else afterwards": (
        (_EXPLAINED, "UPDATE statement_line SET amount_cents = 200"),
        APPEND_ONLY,
    ),
    "a withdrawal of another amount": (
        ("UPDATE withdrawal SET amount_cents = amount_cents + 100",),
        NO_WAY,
    ),
    "a withdrawal that skips its way": (("UPDATE withdrawal SET state = 'manual'",), NO_WAY),
    "another end of a withdrawal": (
        (
            post("release", _HELD, WALLET),
            f"UPDATE withdrawal SET state = 'failed', end_transfer_id = {NEWEST}",
            "UPDATE withdrawal SET end_transfer_id = (SELECT min(id) FROM transfer)",
        ),
        NO_WAY,
    ),
    "a plan that changes before it is paid": (
        ("UPDATE settlement_line SET payout_cents = payout_cents + 1",),
        FROZEN,
    ),
    "a market that ends with money on it": (
        (f"UPDATE market SET status = 'settled' WHERE id = {DECIDED}",),
        NO_WAY,
    ),
    "a block of the seal": (("INSERT INTO seal_block (number) VALUES (1)",), NOT_PERMITTED),
    "an event of another day": (
        ("INSERT INTO audit_event (at, actor, act, subject) VALUES ('2020-01-01', '', '', '')",),
        NOT_PERMITTED,
    ),
    "a second wallet": (
        (f"SELECT open_account('player_available', {THE_FIRST}, {OPEN}, NULL)",),
        "23514",
    ),
    "a wallet with a side": (
        (f"SELECT open_account('player_held', {THE_FIRST}, NULL, 'yes')",),
        "23514",
    ),
}

_PLANNED = (
    "INSERT INTO settlement (market_id, outcome, refunded, pool_cents, fee_cents, remainder_cents,"
    f" plan_hash) VALUES ({OPEN}, 'yes', false, 100000, 0, 0, sha256('x'))"
)
_LINES = (
    "INSERT INTO settlement_line (market_id, bet_id, player_id, payout_cents, kind)"
    f" SELECT market_id, id, player_id, 100000, 'payout' FROM bet WHERE market_id = {OPEN}"
)
PLAN_OF_AN_OPEN_MARKET = (_PLANNED, _LINES)

NOTICED = {
    "a payout of no bet": (
        "each payout and refund has its line",
        (post("payout", SIDE.format(market=OPEN), WALLET),),
    ),
    "a pool that was emptied": (
        "open stakes equal the side's account",
        (post("payout", SIDE.format(market=OPEN), WALLET),),
    ),
    "a line paid by another transfer": (
        "each paid line has the right money in the right wallet",
        (_PAID_BY_ANOTHER,),
    ),
    "a payout taken back that nobody corrected": (
        "each payout and refund has its line",
        (post("payout_reversal", WALLET, SIDE.format(market=DECIDED)),),
    ),
    "a fee given back that nobody took": (
        "each reversal of a settlement is linked and exact",
        (post("fee_reversal", _REVENUE, SIDE.format(market=OPEN)),),
    ),
    "a settlement that is only said to be finished": (
        "each finished settlement booked its fee and remainder",
        ("UPDATE settlement SET finished_at = kibeezy_now()",),
    ),
    "a hold that was given back on paper": (
        "held money equals open withdrawals and frozen deposits",
        (_GIVEN_BACK,),
    ),
}
