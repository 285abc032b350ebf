"""The audit trail: who did what to what, and when; found, read, and taken away as a file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from flask import Response, render_template, request
from sqlalchemy import Connection

from admin.access import PEOPLE
from admin.drawing.asked_days import asked_days
from admin.drawing.paging import A_PAGE, before_of, page_of
from admin.site import Site, me
from core.audit_trail.list_events import Event, Wanted, list_events, stream_events
from core.audit_trail.records import record
from core.audit_trail.words import in_words
from core.database import now
from core.reports.spreadsheet import csv_lines
from core.reports.table import Line, Part

COLUMNS: Final = ("id", "at", "actor", "act", "subject", "changes", "details")
# What no index finds is looked for in a day, unless days are given.
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Trail:
    """The list and the file."""

    site: Site

    def register(self) -> None:
        """Add them."""
        self.site.page("/trail", self.trail, roles=PEOPLE, menu="Audit")
        self.site.page("/trail.csv", self.trail_csv, roles=PEOPLE)

    def trail(self) -> str:
        """The newest events that are wanted."""
        wanted = _asked()

        def look(connection: Connection) -> tuple[list[Event], bool]:
            chosen = _narrowed(connection, wanted)
            found = list_events(connection, wanted=chosen, limit=A_PAGE + 1)
            _note(connection, "audit.read", wanted, events=len(found[:A_PAGE]))
            return found, chosen != wanted

        found, lately = self.site.write(look)
        events, before = page_of(found)
        return render_template(
            "staff/trail.html",
            events=events,
            before=before,
            lately=lately,
            in_words=in_words,
            asked=_kept(),
        )

    def trail_csv(self) -> Response:
        """All of them, as a file; that it was taken away is in the trail as well."""
        wanted = replace(_asked(), before_id=None)

        def note(connection: Connection) -> Wanted:
            _note(connection, "audit.exported", wanted, events=None)
            return _narrowed(connection, wanted)

        chosen = self.site.write(note)
        headers = {"Content-Disposition": 'attachment; filename="audit-trail.csv"'}
        return Response(self._lines(chosen), mimetype="text/csv", headers=headers)

    def _lines(self, wanted: Wanted) -> Iterator[str]:
        with self.site.database.connect() as connection:
            events = stream_events(connection, wanted=wanted)
            yield from csv_lines(Part("events", COLUMNS, map(_line, events)))


def _line(event: Event) -> Line:
    return (
        event.id,
        event.at,
        event.actor,
        event.act,
        event.subject,
        in_words(event.details),
        json.dumps(event.details, ensure_ascii=False),
    )


def _asked() -> Wanted:
    begins, ends = asked_days()
    kept = _kept()
    return Wanted(
        subject=kept["subject"],
        actor=kept["who"],
        act=kept["act"],
        before_id=before_of(),
        begins=begins,
        ends=ends,
        by_staff=kept["by"] == "staff",
    )


def _kept() -> dict[str, str | None]:
    """What the address says, for the form and for the address of the next page."""
    names = ("who", "act", "subject", "since", "until", "by")
    return {name: request.args.get(name, "").strip()[:200] or None for name in names}


def _narrowed(connection: Connection, wanted: Wanted) -> Wanted:
    """Of a day, where no index leads to it and nothing says from when on."""
    if not wanted.is_slow or wanted.begins is not None:
        return wanted
    ends = wanted.ends or now(connection)
    return replace(wanted, begins=ends - A_DAY)


def _note(connection: Connection, act: str, wanted: Wanted, *, events: int | None) -> None:
    asked = {"who": wanted.actor, "acts": wanted.act}
    days = {"since": _spelled(wanted.begins), "until": _spelled(wanted.ends)}
    subject = wanted.subject or "audit:*"
    record(connection, actor=me().email, act=act, subject=subject, events=events, **asked, **days)


def _spelled(moment: object) -> str | None:
    return None if moment is None else str(moment)
