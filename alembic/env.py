"""Runs migrations as the owner, then grants the application's login what it needs."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import context
from sqlalchemy import Connection, create_engine, inspect, make_url
from sqlalchemy.exc import OperationalError

import core
from core.config.records import dated_value
from core.config.seed_values import seed_values
from core.database import driver_url, metadata, sql_state
from core.settings import Settings, WrongSettings, load_settings

sys.path.insert(0, str(Path(__file__).parent))
from grants import grant_all

# Whoever waits for a whole table has everybody behind it wait, too: bets, callbacks, everything.
LOCK_TIMEOUT: Final = "5s"
_NO_LOCK: Final = "55P03"


def main() -> None:
    _import_every_table()
    settings, owner_url, app_url = _aim()
    options = f"-c lock_timeout={LOCK_TIMEOUT}"
    engine = create_engine(driver_url(owner_url), connect_args={"options": options})
    try:
        with engine.connect() as connection:
            _migrate(connection, grant=_granting(connection, app_url))
            if settings is not None:
                _seed(connection, settings)
            connection.commit()
    except OperationalError as error:
        if sql_state(error) != _NO_LOCK:
            raise
        sys.stderr.write(
            f"kibeezy: the database was busy: a migration got no lock within {LOCK_TIMEOUT}."
            " The ones before it are done. Repeat it.\n"
        )
        raise SystemExit(2) from None
    finally:
        engine.dispose()


def _migrate(connection: Connection, *, grant: Callable[[], None]) -> None:
    """Each migration in a transaction of its own, which keeps its locks for itself.

    Its grants are a part of it: a function that it made anew may be called when it ends.
    """
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        on_version_apply=lambda **_step: grant(),
    )
    with context.begin_transaction():
        context.run_migrations()
    grant()
    connection.commit()


def _granting(connection: Connection, app_url: str) -> Callable[[], None]:
    app = make_url(app_url)

    def grant() -> None:
        if app.username is not None and app.username != connection.engine.url.username:
            grant_all(connection, role=app.username, password=app.password)

    return grant


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
