"""SMS out and in: what became of each, sending one again, and who carries them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from flask import Response, render_template, request
from sqlalchemy import Connection

from admin.access import PEOPLE
from admin.drawing import message_words as words
from admin.drawing.asked_days import asked_days
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.drawing.paging import A_PAGE, before_of, page_of
from admin.site import Site, me
from core.audit_trail.records import record
from core.carriers.records import Carried, tally_of, who_carries
from core.carriers.rules import Carrier, Tally
from core.database import now
from core.gsm7 import septets
from core.notices.list_inbox import Received, list_received
from core.notices.list_messages import Message, Wanted, get_message, list_messages
from core.notices.networks import network_name
from core.notices.records import GONE_WRONG
from core.notices.resend import resend
from core.phone import parse_phone
from core.players.records import find_player

# Kind and most states are looked for in a day, unless other days are given or one number's.
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Filter:
    """What the address asks for."""

    way: str
    phone: str | None
    state: str | None
    kind: str | None
    begins: datetime | None
    ends: datetime | None

    @property
    def needs_a_day(self) -> bool:
        """Whether all SMS there ever were would have to be looked through."""
        common = self.state is not None and self.state not in GONE_WRONG
        other = self.kind is not None or common
        return self.way == "out" and other and self.phone is None and self.begins is None


@dataclass(frozen=True)
class Messages:
    """The list, and one of them."""

    site: Site

    def register(self) -> None:
        """Add them."""
        self.site.page("/messages", self.messages, roles=PEOPLE, menu="Messages")
        self.site.live("/messages/route", self.sms_route, roles=PEOPLE)
        self.site.page("/messages/<int:sms_id>", self.message, roles=PEOPLE)
        self.site.act(
            "/messages/<int:sms_id>/resend",
            self.resend_message,
            roles=PEOPLE,
            on=self.message,
            done="It is on its way again.",
        )

    def messages(self) -> str:
        """The newest that are wanted."""
        asked = _asked()
        sent, received, lately = self.site.write(lambda c: _look_up(c, asked))
        before = page_of(received if asked.way == "in" else sent)[1]
        return render_template(
            "staff/messages.html",
            asked=asked,
            sent=sent[:A_PAGE],
            received=received[:A_PAGE],
            before=before,
            lately=lately,
            words=words,
            route=self.site.read(_route),
            carriers=Carrier,
        )

    def sms_route(self) -> str:
        """Who carries them now."""
        route = self.site.read(_route)
        return render_template("staff/sms_route.html", route=route, carriers=Carrier)

    def message(self, sms_id: int) -> str:
        """One SMS with its whole life."""

        def look(connection: Connection) -> str:
            found, reports = get_message(connection, sms_id=sms_id)
            record(
                connection,
                actor=me().email,
                act="sms.shown",
                subject=f"sms:{sms_id}",
                player=found.player_id,
            )
            return render_template(
                "staff/message.html",
                sms=found,
                reports=reports,
                words=words,
                network_name=network_name,
                septets=None if found.body is None else septets(found.body),
            )

        return self.site.write(look)

    def resend_message(self, sms_id: int) -> Response:
        """The same words again, once."""
        resent = self.site.write(
            partial(
                resend,
                sms_id=sms_id,
                why=typed("why"),
                by=me(),
                may_arrive_twice=bool(typed("may_arrive_twice")),
            )
        )
        return done("message", sms_id=resent.sms_id)


def _asked() -> Filter:
    phone = request.args.get("phone", "").strip()
    state, kind = request.args.get("state"), request.args.get("kind")
    begins, ends = asked_days("day", "day")
    return Filter(
        way="in" if request.args.get("way") == "in" else "out",
        phone=parse_phone(phone) if phone else None,
        state=state if state in words.STATES else None,
        kind=kind if kind in words.KIND_NAMES else None,
        begins=begins,
        ends=ends,
    )


def _look_up(connection: Connection, asked: Filter) -> tuple[list[Message], list[Received], bool]:
    """What is wanted, of the last day where nothing says of when; the look is written down."""
    player = None if asked.phone is None else find_player(connection, phone=asked.phone)
    subject = "sms:*" if player is None else f"player:{player.id}"
    record(
        connection,
        actor=me().email,
        act="sms.listed",
        subject=subject,
        phone=asked.phone,
        state=asked.state,
        direction=asked.way,
    )
    lately = asked.needs_a_day
    begins = now(connection) - A_DAY if lately else asked.begins
    if asked.way == "in":
        received = list_received(
            connection,
            limit=A_PAGE + 1,
            phone=asked.phone,
            before_id=before_of(),
            begins=begins,
            ends=asked.ends,
        )
        return [], received, lately
    wanted = Wanted(
        player_id=None if player is None else player.id,
        phone=asked.phone,
        state=asked.state,
        kind=asked.kind,
        before_id=before_of(),
        begins=begins,
        ends=asked.ends,
    )
    return list_messages(connection, wanted=wanted, limit=A_PAGE + 1), [], lately


def _route(connection: Connection) -> tuple[Carried, dict[Carrier, Tally]]:
    carried = who_carries(connection)
    return carried, {one: tally_of(connection, carrier=one, carried=carried) for one in Carrier}
