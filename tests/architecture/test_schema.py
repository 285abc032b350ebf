"""What the code says of the tables, and what the migrations make of them, is the same."""

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

import core
from core.database import metadata


def test_the_tables_of_the_code_are_those_of_the_migrations(owner: Engine) -> None:
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if module.name.endswith(".records"):
            importlib.import_module(module.name)

    with owner.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)

    assert found == []
