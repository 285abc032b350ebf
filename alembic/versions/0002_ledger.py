"""The double-entry ledger: one function posts, nothing is ever edited."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN (
        'player_available', 'player_held', 'player_clawback', 'market_side',
        'mpesa_collection', 'mpesa_payout', 'mpesa_suspense', 'fee_revenue',
        'excise_payable', 'withholding_payable', 'rounding', 'operator_capital')),
    owner bigint,
    market bigint,
    side text CHECK (side IN ('yes', 'no')),
    currency text NOT NULL DEFAULT 'KES' CHECK (currency = 'KES'),
    CHECK ((kind LIKE 'player%') = (owner IS NOT NULL)),
    CHECK ((kind = 'market_side') = (market IS NOT NULL AND side IS NOT NULL)),
    CONSTRAINT account_identity UNIQUE NULLS NOT DISTINCT (kind, owner, market, side, currency)
);

-- Only wallets and holds have a row: a row for a pool would make a hot market wait in line.
CREATE TABLE balance (
    account_id bigint PRIMARY KEY REFERENCES account,
    cents bigint NOT NULL DEFAULT 0,
    minimum_cents bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT balance_not_below_minimum CHECK (cents >= minimum_cents)
);

CREATE TABLE transfer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    scope text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    n_entries smallint NOT NULL CHECK (n_entries >= 2),
    reverses bigint UNIQUE REFERENCES transfer,
    actor text NOT NULL,
    second_actor text CHECK (second_actor <> actor),
    reason text,
    posted_at timestamptz NOT NULL DEFAULT kibeezy_now(),
    posted_in bigint NOT NULL,
    CONSTRAINT transfer_idempotency UNIQUE (scope, key)
);

CREATE TABLE entry (
    transfer_id bigint NOT NULL REFERENCES transfer,
    account_id bigint NOT NULL REFERENCES account,
    cents bigint NOT NULL CHECK (cents <> 0),
    PRIMARY KEY (transfer_id, account_id)
);
CREATE INDEX entry_of_account ON entry (account_id, transfer_id) INCLUDE (cents);

INSERT INTO account (kind) VALUES
    ('mpesa_collection'), ('mpesa_payout'), ('mpesa_suspense'), ('fee_revenue'),
    ('excise_payable'), ('withholding_payable'), ('rounding'), ('operator_capital');
"""

GUARDS = """
-- Entries arrive in one statement, in the transaction of their transfer, whole and balanced.
-- Checked at the end of that statement, so an entry appended later finds the count exceeded.
CREATE FUNCTION check_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE wrong bigint;
BEGIN
    SELECT t.id INTO wrong
    FROM (SELECT DISTINCT transfer_id FROM new_entries) n
    JOIN transfer t ON t.id = n.transfer_id
    JOIN LATERAL (
        SELECT count(*) AS n, sum(cents) AS cents FROM entry WHERE transfer_id = t.id) e ON true
    WHERE t.posted_in <> pg_current_xact_id()::text::bigint OR e.n <> t.n_entries OR e.cents <> 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % is not whole and balanced', wrong USING ERRCODE = 'KB004';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_whole_and_balanced AFTER INSERT ON entry
    REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION check_entries();

CREATE FUNCTION check_transfer_has_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM entry WHERE transfer_id = NEW.id) <> NEW.n_entries THEN
        RAISE EXCEPTION 'transfer % lacks its entries', NEW.id USING ERRCODE = 'KB004';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfer_has_entries AFTER INSERT ON transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_transfer_has_entries();

-- The transaction that posted is the database's word, not the caller's.
CREATE FUNCTION stamp_transfer() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.posted_in := pg_current_xact_id()::text::bigint;
    NEW.posted_at := kibeezy_now();
    RETURN NEW;
END $$;
CREATE TRIGGER transfer_stamped BEFORE INSERT ON transfer
    FOR EACH ROW EXECUTE FUNCTION stamp_transfer();

CREATE TRIGGER account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balance_never_removed BEFORE DELETE OR TRUNCATE ON balance
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

FUNCTIONS = """
CREATE FUNCTION open_account(p_kind text, p_owner bigint, p_market bigint, p_side text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_id bigint;
BEGIN
    INSERT INTO account (kind, owner, market, side) VALUES (p_kind, p_owner, p_market, p_side)
    ON CONFLICT ON CONSTRAINT account_identity DO NOTHING
    RETURNING id INTO found_id;
    IF found_id IS NULL THEN
        SELECT id INTO STRICT found_id FROM account
        WHERE kind = p_kind AND owner IS NOT DISTINCT FROM p_owner
          AND market IS NOT DISTINCT FROM p_market AND side IS NOT DISTINCT FROM p_side;
    ELSIF p_kind IN ('player_available', 'player_held') THEN
        INSERT INTO balance (account_id) VALUES (found_id);
    END IF;
    RETURN found_id;
END $$;

-- The closed table of what each kind of transfer may touch, and which way: -1 takes, 1 gives,
-- 0 does either. A losing side gets back what an equal share is short of the stake.
CREATE FUNCTION movement_rules() RETURNS TABLE (kind text, account_kind text, direction integer)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('deposit', 'mpesa_collection', -1), ('deposit', 'player_available', 1),
        ('stake', 'player_available', -1), ('stake', 'market_side', 1),
        ('payout', 'market_side', 0), ('payout', 'player_available', 1),
        ('refund', 'market_side', -1), ('refund', 'player_available', 1),
        ('fee', 'market_side', -1), ('fee', 'fee_revenue', 1), ('fee', 'rounding', 1),
        ('capital', 'operator_capital', 0), ('capital', 'player_available', 0)
$$;

-- The only way money moves. Lock order: the key, then wallets by ascending id.
-- Capital is the operator's own: only the owner's login gives it away, as session_user tells.
CREATE FUNCTION post_transfer(
    p_kind text, p_scope text, p_key text, p_request_hash bytea,
    p_accounts bigint[], p_cents bigint[],
    p_actor text, p_second_actor text, p_reason text, p_reverses bigint,
    OUT transfer_id bigint, OUT posted_at timestamptz, OUT replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE earlier transfer; short bigint;
BEGIN
    IF (p_kind = 'capital' AND session_user <> current_user) OR EXISTS (
        SELECT FROM unnest(p_accounts, p_cents) AS e (account_id, cents)
        JOIN account a ON a.id = e.account_id
        LEFT JOIN movement_rules() r ON r.kind = p_kind AND r.account_kind = a.kind
        WHERE r.kind IS NULL OR r.direction * e.cents < 0) THEN
        RAISE EXCEPTION 'a % may not move this money', p_kind USING ERRCODE = 'KB008';
    END IF;

    INSERT INTO transfer AS t
        (kind, scope, key, request_hash, n_entries, actor, second_actor, reason, reverses)
    VALUES (p_kind, p_scope, p_key, p_request_hash, cardinality(p_accounts),
            p_actor, p_second_actor, p_reason, p_reverses)
    ON CONFLICT (scope, key) DO NOTHING
    RETURNING t.id, t.posted_at INTO post_transfer.transfer_id, post_transfer.posted_at;

    IF post_transfer.transfer_id IS NULL THEN
        SELECT * INTO STRICT earlier FROM transfer t WHERE t.scope = p_scope AND t.key = p_key;
        IF earlier.request_hash <> p_request_hash THEN
            RAISE EXCEPTION 'key %/% was used for another transfer', p_scope, p_key
                USING ERRCODE = 'KB001';
        END IF;
        post_transfer.transfer_id := earlier.id;
        post_transfer.posted_at := earlier.posted_at;
        replayed := true;
        RETURN;
    END IF;

    SELECT min(b.account_id) INTO short
    FROM (SELECT * FROM balance WHERE account_id = ANY (p_accounts)
          ORDER BY account_id FOR NO KEY UPDATE) b
    JOIN unnest(p_accounts, p_cents) AS e (account_id, cents) ON e.account_id = b.account_id
    WHERE e.cents < 0 AND b.cents + e.cents < b.minimum_cents;
    IF short IS NOT NULL THEN
        RAISE EXCEPTION 'account % has not enough money', short USING ERRCODE = 'KB002';
    END IF;

    UPDATE balance b SET cents = b.cents + e.cents, version = b.version + 1
    FROM unnest(p_accounts, p_cents) AS e (account_id, cents)
    WHERE b.account_id = e.account_id;

    INSERT INTO entry (transfer_id, account_id, cents)
    SELECT post_transfer.transfer_id, e.account_id, e.cents
    FROM unnest(p_accounts, p_cents) AS e (account_id, cents);
    replayed := false;
END $$;

REVOKE ALL ON FUNCTION open_account, post_transfer FROM PUBLIC;
"""

DOWNGRADE = """
DROP FUNCTION post_transfer;
DROP FUNCTION movement_rules;
DROP FUNCTION open_account;
DROP TABLE entry, transfer, balance, account;
DROP FUNCTION check_entries, check_transfer_has_entries, stamp_transfer;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
