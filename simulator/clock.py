"""The time in Nairobi, in the spellings that the providers use."""

from datetime import UTC, datetime, timedelta, timezone

EAT = timezone(timedelta(hours=3), "EAT")


def now_in_nairobi() -> datetime:
    """Return the present moment in East Africa Time."""
    return datetime.now(EAT)


def daraja_timestamp(moment: datetime) -> str:
    """Spell a moment as Daraja does: YYYYMMDDHHmmss, East Africa Time."""
    return moment.astimezone(EAT).strftime("%Y%m%d%H%M%S")


def gateway_date(moment: datetime) -> str:
    """Spell a moment as the USSD gateway does: `yyyy-MM-dd HH:mm:ss`, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
