"""Days in the address of a list, from one to another, both of them shown."""

from datetime import datetime, timedelta

from flask import request

from core.reports.days import midnight, parse_day


def asked_days(
    first: str = "since", last: str = "until"
) -> tuple[datetime | None, datetime | None]:
    """Where the first day begins and where the last ends; None where none is given.

    Raises InvalidDay.
    """
    begins, ends = (request.args.get(name, "").strip() for name in (first, last))
    return (
        midnight(parse_day(begins)) if begins else None,
        midnight(parse_day(ends)) + timedelta(days=1) if ends else None,
    )
