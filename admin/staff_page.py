"""Puts the staff page together."""

from flask import Blueprint
from redis import Redis
from sqlalchemy import Engine

from admin.drawing.words import add_words
from admin.pages.books import Ledger
from admin.pages.home import Home
from admin.pages.settings import SettingsPages
from admin.sign_in.pages import SignIn
from admin.site import Site
from core.settings import Settings


def blueprint(*, database: Engine, settings: Settings, redis_client: Redis) -> Blueprint:
    """`/admin/`: every page, in the order of the menu."""
    site = Site(database, settings, redis_client)
    add_words(site.routes)
    for pages in (SignIn, Home, Ledger, SettingsPages):
        pages(site).register()
    return site.blueprint()
