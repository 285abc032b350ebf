"""The tables of messages out and in."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
)

from core.database import metadata

# Africa's Talking, docs "Delivery reports": these, of which the last four are final. Expired is
# known from RapidPro's production code only. Whatever else comes is kept and changes nothing.
MEANING: Final = {
    "Sent": "interim",
    "Submitted": "interim",
    "Buffered": "interim",
    "Success": "delivered",
    "Failed": "undelivered",
    "Rejected": "undelivered",
    "Expired": "undelivered",
}
ENDED: Final = ("delivered", "undelivered")
# Of one that is `unknown` nobody can say whether it arrived.
NOT_DELIVERED: Final = ("refused", "undelivered", "unknown")

sms_out = Table(
    "sms_out",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id")),
    Column("phone", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("provider_id", Text, unique=True),
    Column("provider_status", Text),
    Column("failure", Text),
    Column("cost", Text),
    Column("parts", SmallInteger),
    Column("provider", Text),
    Column("network", Text),
    Column("accepted_at", DateTime(timezone=True)),
    Column("cost_micros", BigInteger),
    Column("cost_currency", Text),
    Column("shown_at", DateTime(timezone=True)),
    Column("until", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
    Column("queued_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("sent_at", DateTime(timezone=True)),
    Column("reported_at", DateTime(timezone=True)),
    Column("resend_of", BigInteger, ForeignKey("sms_out.id")),
    Column("counted_parts", SmallInteger),
)
Index("sms_out_of_player", sms_out.c.player_id, sms_out.c.id)
Index("sms_out_codes", sms_out.c.sent_at, postgresql_where=sms_out.c.kind == "code")
Index(
    "sms_out_resend_of",
    sms_out.c.resend_of,
    unique=True,
    postgresql_where=sms_out.c.resend_of.is_not(None),
)
Index(
    "sms_out_missed",
    sms_out.c.player_id,
    sms_out.c.id,
    postgresql_where=sms_out.c.shown_at.is_(None) & sms_out.c.status.in_(NOT_DELIVERED),
)
Index(
    "sms_out_of_nobody",
    sms_out.c.phone,
    sms_out.c.id,
    postgresql_where=sms_out.c.player_id.is_(None),
)
Index("sms_out_queued_at", sms_out.c.queued_at)
GONE_WRONG: Final = ("refused", "unknown", "undelivered", "dropped")
Index(
    "sms_out_gone_wrong",
    sms_out.c.status,
    sms_out.c.id,
    postgresql_where=sms_out.c.status.in_(GONE_WRONG),
)
Index("sms_out_ended", sms_out.c.reported_at, postgresql_where=sms_out.c.status.in_(ENDED))
Index(
    "sms_out_parts_differ",
    sms_out.c.queued_at,
    postgresql_where=sms_out.c.parts != sms_out.c.counted_parts,
)
Index(
    "sms_out_accepted",
    sms_out.c.accepted_at,
    postgresql_where=sms_out.c.accepted_at.is_not(None),
)

sms_in = Table(
    "sms_in",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("provider_id", Text, nullable=False, unique=True),
    Column("phone", Text, nullable=False),
    Column("body_redacted", Text, nullable=False),
    Column("written_at", DateTime(timezone=True)),
    Column(
        "received_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)
Index("sms_in_of_phone", sms_in.c.phone, sms_in.c.received_at)
Index("sms_in_received_at", sms_in.c.received_at)

sms_report = Table(
    "sms_report",
    metadata,
    Column("provider_id", Text, primary_key=True),
    Column("status", Text, primary_key=True),
    Column("failure", Text),
    Column("network", Text),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("first_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("cost_micros", BigInteger),
    Column("cost_currency", Text),
    Column("parts", SmallInteger),
)
Index(
    "sms_report_unheard_of",
    sms_report.c.first_at,
    postgresql_where=sms_report.c.status.not_in(MEANING),
)

stopped_number = Table(
    "stopped_number",
    metadata,
    Column("phone", Text, primary_key=True),
    Column(
        "stopped_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("resumed_at", DateTime(timezone=True)),
)

sms_budget = Table(
    "sms_budget",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("since", DateTime(timezone=True), primary_key=True),
    Column("spent", Integer, nullable=False, server_default="1"),
    Column("most", Integer, nullable=False),
)
Index("sms_budget_since", sms_budget.c.since)

sms_writer = Table(
    "sms_writer",
    metadata,
    Column("phone", Text, primary_key=True),
    Column("since", DateTime(timezone=True)),
    Column("written", Integer, nullable=False, server_default="0"),
    Column("day", Date),
    Column("written_that_day", Integer, nullable=False, server_default="0"),
    Column("silent_until", DateTime(timezone=True)),
)
