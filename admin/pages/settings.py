"""Fees and limits, each from its moment on, and the switches of each kind of money."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, render_template
from sqlalchemy import Connection

from admin.access import EVERYBODY, MONEY
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.site import Site, me
from core.clock import NAIROBI
from core.config.approve_value import approve_value
from core.config.list_values import Coming, ListedValue, list_values
from core.config.propose_value import propose_value
from core.config.rules import Dated
from core.config.words import bounds_in_words, name_in_words, parse_value, value_in_words
from core.errors import NoSuchThing
from core.switches.records import SwitchState, list_switches
from core.switches.rules import Stopped, Switch, said_to_callers
from core.switches.start import start
from core.switches.stop import stop
from core.text import Language

_HINTS: Final = (
    (Switch.DEPOSITS, "No prompt is sent. The paybill still takes payments."),
    (Switch.BETS, "No bet is taken, on the menu or by SMS."),
    (Switch.WITHDRAWALS, "None is asked for and none is sent; what is held stays held."),
    (Switch.SETTLEMENTS, "No market is resolved and no winnings are paid."),
)


@dataclass(frozen=True)
class _Turned:
    """A switch, what it stops, and what callers read while it is off."""

    state: SwitchState
    stops: str
    first_page: list[str]
    refusal: list[str]


@dataclass(frozen=True)
class _Coming:
    """A value to come, in words."""

    id: int
    name: str
    value: str
    effective_from: datetime
    source: str
    proposed_by: str
    approved_by: str | None


@dataclass(frozen=True)
class SettingsPages:
    """Everybody may read them; money's people change them, each change by two."""

    site: Site

    def register(self) -> None:
        """Add them."""
        site = self.site
        site.page("/settings", self.settings_page, roles=EVERYBODY, menu="Settings")
        site.act(
            "/settings/values",
            self.propose_setting,
            roles=MONEY,
            on=self.settings_page,
            done="Proposed. It counts from its time on, once another person has approved it.",
        )
        site.act(
            "/settings/values/<int:value_id>/approve",
            self.approve_setting,
            roles=MONEY,
            on=self.settings_page,
            done="Approved. It counts from its time on.",
            fresh=True,
        )
        site.act(
            "/settings/switches/<kind>/stop",
            self.stop_money,
            roles=MONEY,
            on=self.settings_page,
            done="It is off. Callers are told so.",
        )
        site.act(
            "/settings/switches/<kind>/start",
            self.start_money,
            roles=MONEY,
            on=self.settings_page,
            done="It runs again.",
            fresh=True,
        )

    def settings_page(self, **_of_act: object) -> str:
        """What counts, what is coming, and what is stopped."""

        def read(connection: Connection) -> tuple[list[ListedValue], list[SwitchState]]:
            return list_values(connection, settings=self.site.settings), list_switches(connection)

        values, switches = self.site.read(read)
        coming = [_coming(value.name, each) for value in values for each in value.coming]
        return render_template(
            "staff/settings.html",
            values=values,
            coming=sorted(coming, key=lambda each: each.effective_from),
            switches=_turned(switches),
            name_in_words=name_in_words,
            value_in_words=value_in_words,
            names=[(name.value, _asked(name)) for name in Dated],
        )

    def propose_setting(self) -> Response:
        """Propose a value; another person must approve it."""
        name = _named(typed("name"))

        def propose(connection: Connection) -> int:
            return propose_value(
                connection,
                name=name,
                value=parse_value(name, typed("value")),
                effective_from=_in_nairobi(typed("from")),
                source=typed("source"),
                by=me(),
            )

        self.site.write(propose)
        return done("settings_page")

    def approve_setting(self, value_id: int) -> Response:
        """Let another person's value count."""
        self.site.write(
            lambda c: approve_value(c, value_id=value_id, settings=self.site.settings, by=me())
        )
        return done("settings_page")

    def stop_money(self, kind: str) -> Response:
        """Stop a kind of money: no more of it can be asked for."""
        switch = _switch(kind)
        self.site.write(lambda c: stop(c, kind=switch, why=typed("why"), by=me()))
        return done("settings_page")

    def start_money(self, kind: str) -> Response:
        """Let a kind of money run again."""
        switch = _switch(kind)
        self.site.write(lambda c: start(c, kind=switch, why=typed("why"), by=me()))
        return done("settings_page")


def _turned(states: list[SwitchState]) -> list[_Turned]:
    by_kind = {state.kind: state for state in states}
    return [_with_words(by_kind[kind], stops) for kind, stops in _HINTS]


def _with_words(state: SwitchState, stops: str) -> _Turned:
    first_page = said_to_callers({state.kind})
    if first_page is None:
        return _Turned(state, stops, [], [])
    refusal = Stopped(state.kind).text
    return _Turned(
        state,
        stops,
        [first_page.in_(language) for language in Language],
        [refusal.in_(language) for language in Language],
    )


def _coming(name: Dated, each: Coming) -> _Coming:
    return _Coming(
        each.id,
        name_in_words(name),
        value_in_words(name, each.value),
        each.effective_from,
        each.source,
        each.proposed_by,
        each.approved_by,
    )


def _asked(name: Dated) -> str:
    return f"{name_in_words(name)} ({bounds_in_words(name)})"


def _named(raw: str) -> Dated:
    if raw not in list(Dated):
        raise NoSuchThing(f"setting {raw[:40]}")
    return Dated(raw)


def _switch(raw: str) -> Switch:
    if raw not in list(Switch):
        raise NoSuchThing(f"switch {raw[:40]}")
    return Switch(raw)


def _in_nairobi(raw: str) -> str | datetime:
    """What a browser sends of a moment has no offset: it is the clock on the wall here."""
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        return raw
    return moment if moment.tzinfo else moment.replace(tzinfo=NAIROBI)
