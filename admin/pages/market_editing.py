"""The editor of drafts, which shows while one types what the phone will show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, render_template, request
from sqlalchemy import Connection

from admin.access import MARKETS
from admin.drawing.done import done
from admin.drawing.form import typed
from admin.drawing.market_draft import DraftForm, DrawPhone, preview
from admin.drawing.market_words import EQUAL_WARNING
from admin.site import Site, me
from core.clock import in_nairobi
from core.config.in_force import read_config
from core.database import now
from core.markets.create_market import write_draft
from core.markets.edit_market import edit_market, ensure_editable
from core.markets.find_markets import list_categories
from core.markets.market import Market, get_market
from core.markets.rules import DraftChanged

_USUAL_HOUR = "18:00"


@dataclass(frozen=True)
class MarketEditing:
    """A new market, and a draft that somebody changes."""

    site: Site
    draw_phone: DrawPhone

    def register(self) -> None:
        """Add them."""
        page, act = self.site.page, self.site.act
        page("/markets/new", self.new_market, roles=MARKETS)
        act(
            "/markets/new",
            self.create_market,
            roles=MARKETS,
            on=self.new_market,
            done="The draft is written. Somebody else approves it.",
        )
        page("/markets/<int:market_id>/edit", self.edit_market, roles=MARKETS)
        act(
            "/markets/<int:market_id>/edit",
            self.change_market,
            roles=MARKETS,
            on=self.edit_market,
            done="The draft is changed. Whoever wrote or changed it does not approve it.",
        )
        self.site.live("/live/market-preview", self.market_preview, roles=MARKETS)

    def new_market(self) -> str:
        """The form of a market that is not there yet."""
        return self.site.read(lambda c: self._page(c, self._new(c), market=None))

    def create_market(self) -> str | Response:
        """Write the draft, or only show it."""
        if "preview" in request.form:
            return self.new_market()
        form = DraftForm.typed(request.form)
        made = self.site.write(lambda c: write_draft(c, written=form.written, by=me()))
        return done("market", market_id=made.id)

    def edit_market(self, market_id: int) -> str:
        """The same form with what the draft says."""
        return self.site.read(lambda c: self._edit_page(c, market_id))

    def change_market(self, market_id: int) -> str | Response:
        """Let the draft say what was typed, or only show it."""
        if "preview" in request.form:
            return self.edit_market(market_id)
        form, revision = DraftForm.typed(request.form), read_revision()
        self.site.write(
            lambda c: edit_market(
                c, market_id=market_id, written=form.written, revision=revision, by=me()
            )
        )
        return done("market", market_id=market_id)

    def market_preview(self) -> str:
        """The counts and the phones, for what stands in the address."""
        form = DraftForm.typed(request.args)
        return self.site.read(
            lambda c: render_template(
                "staff/market_preview.html",
                preview=preview(form, draw_phone=self.draw_phone, now=now(c)),
                warning=EQUAL_WARNING,
            )
        )

    def _new(self, connection: Connection) -> DraftForm:
        if request.method == "POST":
            return DraftForm.typed(request.form)
        config = read_config(connection, settings=self.site.settings)
        tomorrow = in_nairobi(now(connection) + timedelta(days=1))
        return DraftForm(
            closes_on=f"{tomorrow:%Y-%m-%d}",
            closes_time=_USUAL_HOUR,
            fee_bps=str(config.platform_fee_bps),
        )

    def _edit_page(self, connection: Connection, market_id: int) -> str:
        market = get_market(connection, market_id=market_id)
        ensure_editable(market)
        sent = request.method == "POST"
        form = DraftForm.typed(request.form) if sent else DraftForm.of(market)
        return self._page(connection, form, market=market)

    def _page(self, connection: Connection, form: DraftForm, *, market: Market | None) -> str:
        moment: datetime = now(connection)
        return render_template(
            "staff/market_edit.html",
            form=form,
            market=market,
            categories=list_categories(connection),
            preview=preview(form, draw_phone=self.draw_phone, now=moment),
            warning=EQUAL_WARNING,
        )


def read_revision() -> int:
    """Which edit of the draft the form was made of. Raises DraftChanged where it names none."""
    named = typed("revision")
    if not (named.isascii() and named.isdigit() and len(named) <= len("999999")):
        raise DraftChanged
    return int(named)
