"""Runs migrations as the owner, then grants the application's login what it needs."""

import importlib
import pkgutil
import sys
from pathlib import Path

from alembic import context
from sqlalchemy import Connection, create_engine, inspect, make_url

import core
from core.config.records import dated_value
from core.config.seed_values import seed_values
from core.database import driver_url, metadata
from core.settings import Settings, WrongSettings, load_settings

sys.path.insert(0, str(Path(__file__).parent))
from grants import grant_all


def main() -> None:
    _import_every_table()
    settings, owner_url, app_url = _aim()
    engine = create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        context.run_migrations()
        if settings is not None:
            _seed(connection, settings)
        app = make_url(app_url)
        if app.username is not None and app.username != connection.engine.url.username:
            grant_all(connection, role=app.username, password=app.password)
    engine.dispose()


def _aim() -> tuple[Settings | None, str, str]:
    """The environment's settings, unless somebody gave the owner's and the application's URLs."""
    given = context.config.attributes.get("urls")
    if given is not None:
        owner, app = given
        return None, str(owner), str(app)
    try:
        settings = load_settings()
    except WrongSettings as fault:
        sys.stderr.write(f"kibeezy: {fault}\n")
        raise SystemExit(2) from None
    return settings, settings.migration_database_url or settings.database_url, settings.database_url


def _seed(connection: Connection, settings: Settings) -> None:
    # A migration may stop short of the table.
    if inspect(connection).has_table(dated_value.name):
        seed_values(connection, settings=settings)


def _import_every_table() -> None:
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if module.name.endswith(".records"):
            importlib.import_module(module.name)


main()
