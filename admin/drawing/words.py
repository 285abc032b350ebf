"""What templates can write: amounts, times, and whose page it is."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, g, request, url_for

from admin.access import Policy
from admin.drawing.subjects import shown
from admin.forgery import FIELD, token_of
from core.clock import in_nairobi
from core.money import Money
from core.text import Language, Text

NOTHING: Final = "\N{EN DASH}"


def add_words(routes: Blueprint) -> None:
    """Give every template of these pages the filters and the names below."""
    routes.app_context_processor(_names)
    for written in (money, cents, moment, minute, day, number, percent, phone):
        routes.add_app_template_filter(written)


def money(amount: Money | None) -> str:
    """Shillings, with cents where there are some: `1,234` or `1,234.50`."""
    return NOTHING if amount is None else cents(amount.cents)


def cents(amount: int | None) -> str:
    """The same of whole cents."""
    if amount is None:
        return NOTHING
    sign, whole = ("-" if amount < 0 else ""), abs(amount)
    shillings = f"{sign}{whole // 100:,}"
    return shillings if whole % 100 == 0 else f"{shillings}.{whole % 100:02d}"


def moment(when: datetime | None) -> str:
    """Day and time in Nairobi, to the second: `26 Nov 2026 14:05:09`."""
    return NOTHING if when is None else f"{in_nairobi(when):%d %b %Y %H:%M:%S}"


def minute(when: datetime | None) -> str:
    """The same to the minute."""
    return NOTHING if when is None else f"{in_nairobi(when):%d %b %Y %H:%M}"


def day(when: datetime | None) -> str:
    """The day in Nairobi."""
    return NOTHING if when is None else f"{in_nairobi(when):%d %b %Y}"


def number(count: int | None) -> str:
    """A count with commas."""
    return NOTHING if count is None else f"{count:,}"


def percent(part: float | None) -> str:
    """A part of the whole, such as `62 %`."""
    return NOTHING if part is None else f"{part * 100:.0f}\N{NO-BREAK SPACE}%"


def phone(number_of: str | None) -> str:
    """A Kenyan number in groups that can be read out: `+254 700 000 001`."""
    if number_of is None:
        return NOTHING
    return " ".join((number_of[:4], number_of[4:7], number_of[7:10], number_of[10:])).strip()


def asset(name: str) -> str:
    """The address of a file of ours, which changes with the file."""
    return url_for("admin.static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    path = Path(__file__).parent.parent / "static" / name
    return sha256(path.read_bytes()).hexdigest()[:12]


def _names() -> dict[str, Any]:
    site, session = g.get("site"), g.get("session")
    names: dict[str, Any] = {"asset": asset}
    if site is None:
        return names
    names |= {
        "site": site,
        "is_local": site.settings.is_local,
        "session": session,
        "refused": _said(g.get("refused")),
        "done": site.sentences.get(request.args.get("done", "")),
        "kept": _kept,
        "unique": _unique,
        "shown": shown,
        "english": lambda text: text.in_(Language.ENGLISH) if isinstance(text, Text) else text,
    }
    if session is not None:
        names |= {"csrf_name": FIELD, "csrf": token_of(session, key=site.settings.staff_key)}
    if session is not None and session.enrolment_id is None:
        names |= {
            "me": session.admin,
            "menu": [item for item in site.menu if _opens(site.policies, item.endpoint)],
            "may": lambda endpoint: _opens(site.policies, endpoint),
        }
    return names


def _unique(name: str) -> str:
    """A name for a part of the page that may stand there twice."""
    g.parts = g.get("parts", 0) + 1
    return f"{name}-{g.parts}"


def _opens(policies: Mapping[str, Policy], endpoint: str) -> bool:
    return endpoint in policies and g.session.admin.role in policies[endpoint].roles


def _said(refusal: Any) -> str | None:  # noqa: ANN401 - Flask's g holds anything
    return None if refusal is None else refusal.text.in_(Language.ENGLISH)


def _kept(name: str, default: object = "") -> object:
    """What was typed before a refusal, so that nothing is lost; never a password or a code."""
    if g.get("refused") is not None and name not in {"password", "code"}:
        return request.form.get(name, default)
    return default
