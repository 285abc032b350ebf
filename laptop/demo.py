"""Fills an empty database with two admins and four open markets, and says what it made."""

import hmac
import json
import sys
from calendar import SUNDAY, THURSDAY
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from core.clock import in_nairobi
from core.config.in_force import read_config
from core.database import in_transaction, now, open_database
from core.markets.approve_market import approve_market
from core.markets.create_market import create_market
from core.markets.list_markets import list_open_markets
from core.markets.rules import PayoutRule
from core.settings import Settings, WrongSettings, load_settings
from core.staff.create_admin import create_admin
from core.staff.demo import enrol_demo_admin, list_demo_admins
from core.staff.records import Role, admin

_ADMINS: Final = ("asha@demo.kibeezy.test", "baraka@demo.kibeezy.test")
_MARKETS: Final = (
    ("Will Gor Mahia win on Sunday?", "Gor Mahia wins", "Football", 1, SUNDAY),
    ("Will it rain in Nairobi on Friday?", "Rain on Friday", "Weather", 1, THURSDAY),
    ("Will petrol cost less next month?", "Petrol cheaper", "Economy", 14, SUNDAY),
    ("Will Harambee Stars qualify?", "Harambee Stars", "Football", 28, THURSDAY),
)


def main() -> int:
    """Seed once; a repeat adds nothing and prints the same."""
    try:
        settings = load_settings()
    except WrongSettings as fault:
        sys.stderr.write(f"kibeezy: {fault}\n")
        return 2
    database = open_database(settings.database_url)
    found = in_transaction(database, lambda connection: _seed(connection, settings))
    print(json.dumps(found))
    return 0


def _seed(connection: Connection, settings: Settings) -> dict[str, object]:
    known = connection.execute(select(admin.c.id).limit(1)).first()
    # A demo admin whose password anybody could print must not exist where anybody can call.
    if known is None and settings.is_local:
        _fill(connection, settings)
    # One of before this release gets its second factor here, and keeps it ever after.
    demo = [one for one in list_demo_admins(connection) if one in _ADMINS and settings.is_local]
    return {
        "admins": [
            {
                "email": email,
                "password": _password(settings, email),
                "totp_secret": enrol_demo_admin(connection, email=email, key=settings.staff_key),
            }
            for email in demo
        ],
        "markets": [
            {"id": market.id, "question": market.question}
            for market in list_open_markets(connection)
        ]
        if demo
        else [],
    }


def _fill(connection: Connection, settings: Settings) -> None:
    asha, baraka = (
        create_admin(
            connection,
            email=email,
            phone=None,
            role=Role.OWNER,
            password=_password(settings, email),
            is_demo=True,
        )
        for email in _ADMINS
    )
    moment = now(connection)
    fee_bps = read_config(connection, settings=settings).platform_fee_bps
    # Numbered in the order in which the phone lists them: closing soonest first.
    for closes_at, question, label, category in sorted(
        (_noon_of_next(weekday, moment + timedelta(days=days)), question, label, category)
        for question, label, category, days, weekday in _MARKETS
    ):
        drafted = create_market(
            connection,
            question=question,
            label=label,
            category=category,
            closes_at=closes_at,
            fee_bps=fee_bps,
            payout_rule=PayoutRule.PRO_RATA,
            by=asha,
        )
        approve_market(connection, market_id=drafted.id, by=baraka)


def _noon_of_next(weekday: int, moment: datetime) -> datetime:
    """Noon in Nairobi on the first such day from the moment's own on: before what is asked."""
    day = in_nairobi(moment)
    day += timedelta(days=(weekday - day.weekday()) % 7)
    return day.replace(hour=12, minute=0, second=0, microsecond=0)


def _password(settings: Settings, email: str) -> str:
    """Differs on every machine and needs no file: it follows from the machine's own key."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"demo admin {email}".encode(), "sha256").hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
