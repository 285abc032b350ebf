"""The ledger's tables; read by many, written by the posting and the sealing function alone."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from core.database import metadata

account = Table(
    "account",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", BigInteger),
    Column("market", BigInteger),
    Column("side", Text),
    Column("currency", Text, nullable=False, server_default="KES"),
    UniqueConstraint(
        "kind",
        "owner",
        "market",
        "side",
        "currency",
        name="account_identity",
        postgresql_nulls_not_distinct=True,
    ),
)

balance = Table(
    "balance",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("cents", BigInteger, nullable=False),
    Column("minimum_cents", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("n_entries", SmallInteger, nullable=False),
    Column("reverses", BigInteger, ForeignKey("transfer.id")),
    Column("actor", Text, nullable=False),
    Column("second_actor", Text),
    Column("reason", Text),
    Column("posted_at", DateTime(timezone=True), nullable=False),
    Column("posted_in", BigInteger, nullable=False),
    UniqueConstraint("scope", "key", name="transfer_idempotency"),
)

Index(
    "transfer_reversed_once",
    transfer.c.reverses,
    unique=True,
    postgresql_where=transfer.c.reverses.is_not(None),
)
Index("transfer_posted_in", transfer.c.posted_in)

entry = Table(
    "entry",
    metadata,
    # Both are looked up by a trigger: a foreign key would lock the account's row for each entry.
    Column("transfer_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("cents", BigInteger, nullable=False),
)
Index("entry_of_account", entry.c.account_id, entry.c.transfer_id, postgresql_include=["cents"])

# What the transactions from from_xid up to and without until_xid wrote, hashed.
seal_block = Table(
    "seal_block",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("from_xid", BigInteger, nullable=False),
    Column("until_xid", BigInteger, nullable=False, unique=True),
    Column("n_transfers", Integer, nullable=False),
    Column("transfers_hash", LargeBinary, nullable=False),
    Column("transfer_leaves", LargeBinary, nullable=False),
    Column("n_events", Integer, nullable=False),
    Column("events_hash", LargeBinary, nullable=False),
    Column("event_leaves", LargeBinary, nullable=False),
    Column("total_transfers", BigInteger, nullable=False),
    Column("total_events", BigInteger, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
)

# What each kind of transfer did to each kind of account on a day in Nairobi; written by
# sum_next_blocks alone, from blocks that are sealed.
day_sum = Table(
    "day_sum",
    metadata,
    Column("day", Date, primary_key=True),
    Column("movement", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("debit_cents", BigInteger, nullable=False),
    Column("credit_cents", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
)

days_summed = Table(
    "days_summed",
    metadata,
    Column("only_row", Boolean, primary_key=True, server_default="true"),
    Column("block_number", BigInteger, nullable=False, server_default="0"),
    Column("until_xid", BigInteger, nullable=False, server_default="0"),
)
