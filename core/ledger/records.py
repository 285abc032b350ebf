"""The ledger's tables; read by many, written by the posting function alone."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
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

entry = Table(
    "entry",
    metadata,
    # Both are looked up by a trigger: a foreign key would lock the account's row for each entry.
    Column("transfer_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("cents", BigInteger, nullable=False),
)
Index("entry_of_account", entry.c.account_id, entry.c.transfer_id, postgresql_include=["cents"])
