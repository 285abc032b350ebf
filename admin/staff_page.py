"""Puts the staff page together."""

from flask import Blueprint
from redis import Redis
from sqlalchemy import Engine

from admin.drawing.market_draft import DrawPhone
from admin.drawing.words import add_words
from admin.pages.account import Account
from admin.pages.books import Ledger
from admin.pages.deposits import Deposits
from admin.pages.funnel import FunnelPage, Screens
from admin.pages.home import Home
from admin.pages.market_editing import MarketEditing
from admin.pages.market_life import MarketLife
from admin.pages.market_resolving import MarketResolving
from admin.pages.markets import Markets
from admin.pages.messages import Messages
from admin.pages.paybill import PaybillPayments
from admin.pages.payment_acts import Ask
from admin.pages.payments import Payments
from admin.pages.player_acts import PlayerActs
from admin.pages.players import Players
from admin.pages.settings import SettingsPages
from admin.pages.sms_costs import SmsCosts
from admin.pages.staff import Staff
from admin.pages.statements import Statements
from admin.pages.trail import Trail
from admin.pages.withdrawals import Withdrawals
from admin.sign_in.pages import SignIn
from admin.site import Site
from core.settings import Settings


def blueprint(
    *,
    database: Engine,
    settings: Settings,
    redis_client: Redis,
    ask: Ask,
    preview_market: DrawPhone,
    screens: Screens,
) -> Blueprint:
    """`/admin/`: every page, in the order of the menu.

    `ask` has M-Pesa asked about a payment, `preview_market` draws a draft's pages, and `screens`
    counts those of the short code.
    """
    site = Site(database, settings, redis_client)
    add_words(site.routes)
    markets = Markets(site, preview_market)
    for pages in (
        SignIn(site),
        Home(site),
        markets,
        MarketEditing(site, preview_market),
        MarketLife(site, markets),
        MarketResolving(site),
        Payments(site),
        Deposits(site, ask),
        Withdrawals(site, ask),
        PaybillPayments(site, ask),
        Statements(site),
        Players(site),
        PlayerActs(site),
        Messages(site),
        SmsCosts(site),
        FunnelPage(site, screens),
        Ledger(site),
        Trail(site),
        SettingsPages(site),
        Staff(site),
        Account(site),
    ):
        pages.register()
    return site.blueprint()
