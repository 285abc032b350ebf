"""Many transfers at once: what each is held to stands in triggers, by statement.

So every door to the ledger is held to the same. The downgrade takes the functions from where they
were written.
"""

from alembic import context, op

revision = "0012"
down_revision = "0011"

POSTING = """
DROP TRIGGER transfer_has_entries ON transfer;
DROP TRIGGER transfer_stamped ON transfer;
DROP TRIGGER entry_whole_and_balanced ON entry;
DROP FUNCTION check_transfer_has_entries, check_entries;
ALTER TABLE transfer DROP CONSTRAINT transfer_reverses_key;
CREATE UNIQUE INDEX transfer_reversed_once ON transfer (reverses) WHERE reverses IS NOT NULL;
-- Room on each page for the next state of its wallets, so that no index has to follow.
ALTER TABLE balance SET (fillfactor = 60);

-- Whoever posts many stamps them all at once, and the stamp is checked below.
CREATE TRIGGER transfer_stamped BEFORE INSERT ON transfer FOR EACH ROW
    WHEN (NEW.posted_in IS DISTINCT FROM pg_current_xact_id()::text::bigint)
    EXECUTE FUNCTION stamp_transfer();

-- Seen at the end of the statement that wrote them, so it must have written the entries too. A
-- transfer is posted now: since the transaction began, by the service's clock, which a test or a
-- simulated day may move or stop.
CREATE FUNCTION check_transfers() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong bigint;
BEGIN
    SELECT t.id INTO wrong FROM new_transfers t
    WHERE NOT EXISTS (SELECT FROM entry e WHERE e.transfer_id = t.id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % lacks its entries', wrong USING ERRCODE = 'KB004';
    END IF;
    IF EXISTS (SELECT FROM new_transfers HAVING min(posted_at) < least(
                   transaction_timestamp() + least((SELECT ahead FROM clock), '0'),
                   kibeezy_now() - (clock_timestamp() - transaction_timestamp()))
               OR max(posted_at) > kibeezy_now()) THEN
        RAISE EXCEPTION 'a transfer is posted now' USING ERRCODE = 'KB004';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transfer_has_entries AFTER INSERT ON transfer
    REFERENCING NEW TABLE AS new_transfers FOR EACH STATEMENT EXECUTE FUNCTION check_transfers();

-- Entries arrive in one statement, in the transaction of their transfer, whole and balanced, and
-- only where their kind may move money. Capital is the operator's own: only the owner's login gives
-- it away, as session_user tells. What they refer to is looked up here: foreign keys would lock the
-- row of a side's account for each entry. No scan of a table: that is the plan of an empty one.
CREATE FUNCTION check_entries() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE wrong record; here bigint := pg_current_xact_id()::text::bigint;
BEGIN
    SELECT m.* INTO wrong
    FROM (SELECT DISTINCT t.kind, a.kind AS account_kind, sign(e.cents) AS direction, t.posted_in
          FROM new_entries e LEFT JOIN transfer t ON t.id = e.transfer_id
          LEFT JOIN account a ON a.id = e.account_id) m
    LEFT JOIN movement_rules() r ON r.kind = m.kind AND r.account_kind = m.account_kind
    WHERE r.kind IS NULL OR r.direction * m.direction < 0 OR m.posted_in <> here
       OR (m.kind = 'capital' AND session_user <> current_user)
    ORDER BY m.kind NULLS FIRST, m.account_kind NULLS FIRST LIMIT 1;
    IF FOUND THEN
        IF wrong.kind IS NULL OR wrong.account_kind IS NULL THEN
            RAISE EXCEPTION 'an entry of no transfer or account' USING ERRCODE = '23503';
        END IF;
        RAISE EXCEPTION 'a % may not move this money now', wrong.kind USING ERRCODE =
            CASE WHEN wrong.posted_in <> here THEN 'KB004' ELSE 'KB008' END;
    END IF;
    SELECT t.id INTO wrong
    FROM (SELECT transfer_id, count(*) AS n, sum(cents) AS cents
          FROM new_entries GROUP BY transfer_id) n
    JOIN transfer t ON t.id = n.transfer_id
    WHERE n.cents <> 0 OR n.n <> t.n_entries
       OR (SELECT count(*) FROM entry e WHERE e.transfer_id = t.id) <> t.n_entries
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % is not whole and balanced', wrong.id USING ERRCODE = 'KB004';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_whole_and_balanced AFTER INSERT ON entry
    REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION check_entries();
ALTER TABLE entry DROP CONSTRAINT entry_transfer_id_fkey, DROP CONSTRAINT entry_account_id_fkey;

CREATE FUNCTION enough(p_account bigint, p_cents bigint, p_minimum bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_cents < p_minimum THEN
        RAISE EXCEPTION 'account % has not enough money', p_account USING ERRCODE = 'KB002';
    END IF;
    RETURN p_cents;
END $$;

-- A wallet moves with its entries, whoever writes them. Only a nested loop over the sorted accounts
-- is left to the planner, so locks are taken by ascending account, in the statement that updates.
CREATE FUNCTION move_balances() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    UPDATE balance b SET version = b.version + 1, cents = CASE
        WHEN e.cents < 0 THEN enough(b.account_id, b.cents + e.cents, b.minimum_cents)
        ELSE b.cents + e.cents END
    FROM (SELECT account_id, sum(cents)::bigint AS cents FROM new_entries
          GROUP BY account_id ORDER BY account_id) e
    WHERE b.account_id = e.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER wallet_follows_entries AFTER INSERT ON entry
    REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION move_balances();

-- The door for one transfer. Lock order: the key, then, in the trigger, wallets by ascending id.
CREATE OR REPLACE FUNCTION post_transfer(
    p_kind text, p_scope text, p_key text, p_request_hash bytea,
    p_accounts bigint[], p_cents bigint[],
    p_actor text, p_second_actor text, p_reason text, p_reverses bigint,
    OUT transfer_id bigint, OUT posted_at timestamptz, OUT replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE earlier transfer;
BEGIN
    WITH posted AS (
        INSERT INTO transfer AS t
            (kind, scope, key, request_hash, n_entries, actor, second_actor, reason, reverses)
        VALUES (p_kind, p_scope, p_key, p_request_hash, cardinality(p_accounts),
                p_actor, p_second_actor, p_reason, p_reverses)
        ON CONFLICT (scope, key) DO NOTHING
        RETURNING t.id, t.posted_at
    ), moved AS (
        INSERT INTO entry (transfer_id, account_id, cents)
        SELECT posted.id, e.account_id, e.cents
        FROM posted CROSS JOIN unnest(p_accounts, p_cents) AS e (account_id, cents)
    )
    SELECT id, posted.posted_at INTO post_transfer.transfer_id, post_transfer.posted_at FROM posted;
    replayed := post_transfer.transfer_id IS NULL;
    IF replayed THEN
        SELECT * INTO STRICT earlier FROM transfer t WHERE t.scope = p_scope AND t.key = p_key;
        IF earlier.request_hash <> p_request_hash THEN
            RAISE EXCEPTION 'key %/% was used for another transfer', p_scope, p_key
                USING ERRCODE = 'KB001';
        END IF;
        post_transfer.transfer_id := earlier.id;
        post_transfer.posted_at := earlier.posted_at;
    END IF;
END $$;
"""

# The kinds of every migration before, and those of a correction. A fee closes both sides.
MOVEMENTS = """
CREATE OR REPLACE FUNCTION movement_rules()
RETURNS TABLE (kind text, account_kind text, direction integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'mpesa_collection', -1), ('deposit', 'player_available', 1),
        ('freeze', 'player_available', -1), ('freeze', 'player_held', 1),
        ('unfreeze', 'player_held', -1), ('unfreeze', 'player_available', 1),
        ('reversal', 'mpesa_collection', 1), ('reversal', 'player_held', -1),
        ('reversal', 'player_available', -1), ('reversal', 'player_clawback', -1),
        ('paybill', 'mpesa_collection', -1), ('paybill', 'player_available', 1),
        ('suspense', 'mpesa_collection', -1), ('suspense', 'mpesa_suspense', 1),
        ('placement', 'mpesa_suspense', -1), ('placement', 'player_available', 1),
        ('hold', 'player_available', -1), ('hold', 'player_held', 1),
        ('release', 'player_held', -1), ('release', 'player_available', 1),
        ('withdrawal', 'player_held', -1), ('withdrawal', 'mpesa_payout', 1),
        ('withdrawal', 'fee_revenue', 1), ('withdrawal', 'withholding_payable', 1),
        ('clawback', 'player_available', -1), ('clawback', 'player_clawback', -1),
        ('clawback', 'mpesa_payout', 1), ('clawback', 'fee_revenue', 1),
        ('clawback', 'withholding_payable', 1),
        ('stake', 'player_available', -1), ('stake', 'market_side', 1),
        ('payout', 'market_side', 0), ('payout', 'player_available', 1),
        ('refund', 'market_side', -1), ('refund', 'player_available', 1),
        ('fee', 'market_side', 0), ('fee', 'fee_revenue', 1), ('fee', 'rounding', 1),
        ('payout_reversal', 'market_side', 0), ('payout_reversal', 'player_available', -1),
        ('payout_reversal', 'player_clawback', -1),
        ('repayment', 'player_available', -1), ('repayment', 'player_clawback', 1),
        ('fee_reversal', 'market_side', 0), ('fee_reversal', 'fee_revenue', -1),
        ('fee_reversal', 'rounding', -1),
        ('capital', 'operator_capital', 0), ('capital', 'player_available', 0)
$$;
"""

DOWNGRADE = """
DROP TRIGGER transfer_has_entries ON transfer;
DROP TRIGGER transfer_stamped ON transfer;
DROP TRIGGER entry_whole_and_balanced ON entry;
DROP TRIGGER wallet_follows_entries ON entry;
DROP FUNCTION post_transfer, check_transfers, check_entries, move_balances, enough,
    stamp_transfer;
ALTER TABLE entry
    ADD CONSTRAINT entry_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES transfer,
    ADD CONSTRAINT entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES account;
DROP INDEX transfer_reversed_once;
ALTER TABLE transfer ADD CONSTRAINT transfer_reverses_key UNIQUE (reverses);
ALTER TABLE balance RESET (fillfactor);
"""


def upgrade() -> None:
    op.execute(POSTING)
    op.execute(MOVEMENTS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
    written = context.script.get_revision("0002").module
    guards, _, _ = written.GUARDS.partition("CREATE TRIGGER account_append_only")
    _, door, posting = written.FUNCTIONS.partition("-- The only way money moves.")
    op.execute(guards)
    op.execute(door + posting.replace("open_account, ", ""))
    op.execute(context.script.get_revision("0010").module.MOVEMENTS)
