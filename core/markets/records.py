"""The tables of markets, bets and settlements."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal,
    select,
    union_all,
)

from core.database import metadata

market = Table(
    "market",
    metadata,
    Column("id", BigInteger, Identity(always=True, start=101), primary_key=True),
    Column("question", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("resolves_from", Text),
    Column("fee_bps", Integer, nullable=False),
    Column("payout_rule", Text, nullable=False),
    Column("closes_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False, server_default="draft"),
    Column("created_by", BigInteger, ForeignKey("admin.id"), nullable=False),
    Column(
        "created_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("approved_by", BigInteger, ForeignKey("admin.id")),
    Column("approved_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("proposed_outcome", Text),
    Column("proposed_by", BigInteger, ForeignKey("admin.id")),
    Column("proposed_at", DateTime(timezone=True)),
    Column("evidence", Text),
    Column("resolved_by", BigInteger, ForeignKey("admin.id")),
    Column("resolved_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Column("settled_at", DateTime(timezone=True)),
    Column("approval_ref", Text),
    Column("attestation", Text),
    Column("suspended_at", DateTime(timezone=True)),
    Column("suspended_why", Text),
    Column("resolve_by", DateTime(timezone=True)),
    Column("challenge_ends_at", DateTime(timezone=True)),
    Column("late_from", DateTime(timezone=True)),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("voided_by_system", Boolean, nullable=False, server_default="false"),
    # One for each edit of the draft, in order; none of them may approve it.
    Column("edited_by", ARRAY(BigInteger), nullable=False, server_default="{}"),
)
Index("market_by_status", market.c.status, market.c.closes_at)

bet = Table(
    "bet",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("market_id", BigInteger, ForeignKey("market.id"), nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("side", Text, nullable=False),
    Column("stake_cents", BigInteger, nullable=False),
    Column("transfer_id", BigInteger, ForeignKey("transfer.id"), nullable=False, unique=True),
    Column("placed_at", DateTime(timezone=True), nullable=False),
)
Index(
    "bet_of_market_in_time",
    bet.c.market_id,
    bet.c.side,
    bet.c.placed_at,
    postgresql_include=["stake_cents"],
)
Index("bet_of_player", bet.c.player_id, bet.c.id)
Index("bet_of_player_lately", bet.c.player_id, bet.c.placed_at)

# A bet that its player took back is here, and no more in the table above: whatever reads that one
# speaks of the bets that stand.
cancelled_bet = Table(
    "cancelled_bet",
    metadata,
    Column("bet_id", BigInteger, primary_key=True, autoincrement=False),
    Column("market_id", BigInteger, ForeignKey("market.id"), nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("side", Text, nullable=False),
    Column("stake_cents", BigInteger, nullable=False),
    Column("transfer_id", BigInteger, ForeignKey("transfer.id"), nullable=False, unique=True),
    Column("placed_at", DateTime(timezone=True), nullable=False),
    Column(
        "reversal_transfer_id", BigInteger, ForeignKey("transfer.id"), nullable=False, unique=True
    ),
    Column("cancelled_at", DateTime(timezone=True), nullable=False),
)
Index("cancelled_bet_of_player", cancelled_bet.c.player_id, cancelled_bet.c.bet_id)
Index(
    "cancelled_bet_of_market",
    cancelled_bet.c.market_id,
    cancelled_bet.c.side,
    cancelled_bet.c.placed_at,
)

_OF_BETS = ("market_id", "player_id", "side", "stake_cents", "transfer_id", "placed_at")
every_bet = union_all(
    select(bet.c.id, *(bet.c[name] for name in _OF_BETS), literal(value=False).label("cancelled")),
    select(
        cancelled_bet.c.bet_id,
        *(cancelled_bet.c[name] for name in _OF_BETS),
        literal(value=True),
    ),
).subquery("every_bet")

settlement = Table(
    "settlement",
    metadata,
    Column("market_id", BigInteger, ForeignKey("market.id"), primary_key=True),
    Column("version", Integer, primary_key=True, server_default="1"),
    Column("outcome", Text, nullable=False),
    Column("refunded", Boolean, nullable=False),
    Column("pool_cents", BigInteger, nullable=False),
    Column("fee_cents", BigInteger, nullable=False),
    Column("remainder_cents", BigInteger, nullable=False),
    Column("plan_hash", LargeBinary, nullable=False),
    Column(
        "planned_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("through_player", BigInteger, nullable=False, server_default="0"),
    Column("through_bet", BigInteger, nullable=False, server_default="0"),
    Column("finished_at", DateTime(timezone=True)),
    Column("proposed_by", BigInteger, ForeignKey("admin.id")),
    Column("resolved_by", BigInteger, ForeignKey("admin.id")),
    Column("evidence", Text),
    Column("late_from", DateTime(timezone=True)),
    Column("late_cents", BigInteger, nullable=False, server_default="0"),
)

settlement_line = Table(
    "settlement_line",
    metadata,
    Column("market_id", BigInteger, primary_key=True),
    Column("version", Integer, primary_key=True, server_default="1"),
    Column("bet_id", BigInteger, ForeignKey("bet.id"), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("payout_cents", BigInteger, nullable=False),
    Column("kind", Text),
    # Written by the release before; the transfer of a line is known by its kind and key.
    Column("transfer_id", BigInteger, ForeignKey("transfer.id")),
    UniqueConstraint("bet_id", "version", name="settlement_line_once"),
    ForeignKeyConstraint(
        ["market_id", "version"],
        ["settlement.market_id", "settlement.version"],
        name="settlement_line_of_plan",
        deferrable=True,
        initially="DEFERRED",
    ),
)
Index(
    "settlement_line_of_player",
    settlement_line.c.market_id,
    settlement_line.c.version,
    settlement_line.c.player_id,
    settlement_line.c.bet_id,
)

settlement_chunk = Table(
    "settlement_chunk",
    metadata,
    Column("market_id", BigInteger, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("from_player", BigInteger, nullable=False),
    Column("from_bet", BigInteger, nullable=False),
    Column("through_player", BigInteger, primary_key=True),
    Column("through_bet", BigInteger, primary_key=True),
    Column("told_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["market_id", "version"], ["settlement.market_id", "settlement.version"]),
)

dispute = Table(
    "dispute",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("market_id", BigInteger, ForeignKey("market.id"), nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("ruling", Text),
    Column("ruled_by", BigInteger, ForeignKey("admin.id")),
    Column("ruled_at", DateTime(timezone=True)),
    Column("reason", Text),
    UniqueConstraint("market_id", "proposed_at", "player_id", name="dispute_once"),
)

given_up = Table(
    "given_up",
    metadata,
    Column("player_id", BigInteger, ForeignKey("player.id"), primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("series", Text, primary_key=True),
    Column(
        "given_up_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)
