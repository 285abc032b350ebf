"""The first page: what needs a person now, and the money of today."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, render_template
from sqlalchemy import Connection

from admin.access import EVERYBODY, MARKETS, MONEY
from admin.drawing.done import done
from admin.drawing.needs import SaidNeed, said, span
from admin.drawing.subjects import Shown, shown
from admin.site import Site, me
from core.alarms.list_alarms import Alarm, open_alarms
from core.alarms.take_alarm import take_alarm, who_may_take
from core.database import now
from core.money import Money
from core.reports.books import Books, read_books
from core.reports.needs import find_needs
from core.reports.today import Today, money_today, statements_reach
from core.reports.words import account_in_words
from core.statements.lines import Flow

# Whoever takes these sees the next ones.
MOST_ALARMS: Final = 20


@dataclass(frozen=True)
class _Rung:
    """An alarm, what it is about, how long it rings, and whether the reader may take it."""

    alarm: Alarm
    about: Shown
    age: str
    may_take: bool


@dataclass(frozen=True)
class _Now:
    """Everything of the first page, as of one moment."""

    at: datetime
    needs: list[SaidNeed]
    alarms: list[_Rung]
    more_alarms: bool
    books: Books
    today: Today
    difference: Money
    others: list[tuple[str, Money]]
    told_in: datetime | None
    told_out: datetime | None


@dataclass(frozen=True)
class Home:
    """What everybody sees first."""

    site: Site

    def register(self) -> None:
        """Add it."""
        site = self.site
        site.page("/", self.home, roles=EVERYBODY, menu="Home")
        site.live("/live/home", self.live_home, roles=EVERYBODY)
        site.act(
            "/alarms/<int:alarm_id>/take",
            self.take_alarm,
            roles=MONEY | MARKETS,
            on=self.home,
            done="The alarm is yours. The same trouble will raise another.",
        )

    def home(self, **_of_act: object) -> str:
        """What needs a person now, and money today."""
        return render_template("staff/home.html", now=self.site.read(_read))

    def live_home(self) -> str:
        """The same without the page around it."""
        return render_template("staff/home_now.html", now=self.site.read(_read))

    def take_alarm(self, alarm_id: int) -> Response:
        """Put one's name on an alarm."""
        self.site.write(lambda c: take_alarm(c, alarm_id=alarm_id, by=me()))
        return done("home")


def _read(connection: Connection) -> _Now:
    moment = now(connection)
    alarms = open_alarms(connection, limit=MOST_ALARMS + 1)
    books = read_books(connection)
    reach = statements_reach(connection)
    return _Now(
        at=moment,
        needs=[said(need, now=moment) for need in find_needs(connection)],
        alarms=[_rung(each, moment) for each in alarms[:MOST_ALARMS]],
        more_alarms=len(alarms) > MOST_ALARMS,
        books=books,
        today=money_today(books),
        difference=books.at_mpesa - books.users,
        others=[(account_in_words(kind), amount) for kind, amount in books.others],
        told_in=reach.get(Flow.IN),
        told_out=reach.get(Flow.OUT),
    )


def _rung(alarm: Alarm, moment: datetime) -> _Rung:
    return _Rung(
        alarm,
        shown(alarm.subject),
        span(moment - alarm.raised_at),
        me().role in who_may_take(alarm.subject),
    )
