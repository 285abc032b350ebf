"""Puts the staff page together."""

from flask import Blueprint
from redis import Redis
from sqlalchemy import Engine

from admin.drawing.words import add_words
from admin.pages.funnel import FunnelPage, Screens
from admin.pages.home import Home
from admin.pages.messages import Messages
from admin.pages.player_acts import PlayerActs
from admin.pages.players import Players
from admin.pages.sms_costs import SmsCosts
from admin.pages.trail import Trail
from admin.sign_in.pages import SignIn
from admin.site import Site
from core.settings import Settings


def blueprint(
    *, database: Engine, settings: Settings, redis_client: Redis, screens: Screens
) -> Blueprint:
    """`/admin/`: every page, in the order of the menu. `screens` counts those of the short code."""
    site = Site(database, settings, redis_client)
    add_words(site.routes)
    for pages in (SignIn, Home, Players, PlayerActs, SmsCosts, Messages, Trail):
        pages(site).register()
    FunnelPage(site, screens).register()
    return site.blueprint()
