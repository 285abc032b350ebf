"""Puts the staff page together."""

from flask import Blueprint
from redis import Redis
from sqlalchemy import Engine

from admin.drawing.market_draft import DrawPhone
from admin.drawing.words import add_words
from admin.pages.home import Home
from admin.pages.market_editing import MarketEditing
from admin.pages.market_life import MarketLife
from admin.pages.markets import Markets
from admin.sign_in.pages import SignIn
from admin.site import Site
from core.settings import Settings


def blueprint(
    *, database: Engine, settings: Settings, redis_client: Redis, preview_market: DrawPhone
) -> Blueprint:
    """`/admin/`: every page, in the order of the menu; `preview_market` draws a draft's pages."""
    site = Site(database, settings, redis_client)
    add_words(site.routes)
    for pages in (SignIn, Home):
        pages(site).register()
    markets = Markets(site, preview_market)
    markets.register()
    MarketEditing(site, preview_market).register()
    MarketLife(site, markets).register()
    return site.blueprint()
