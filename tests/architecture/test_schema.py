"""What the code says of the tables, and what the migrations make of them, is the same."""

import importlib
import pkgutil

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

import core
from core.database import metadata


def test_the_tables_of_the_code_are_those_of_the_migrations(owner: Engine) -> None:
    _read_every_table()

    with owner.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)

    assert found == []


def test_the_keys_of_the_tables_are_those_of_the_code(owner: Engine) -> None:
    _read_every_table()

    migrated = inspect(owner)
    for name, table in metadata.tables.items():
        wanted = [column.name for column in table.primary_key]
        assert migrated.get_pk_constraint(name)["constrained_columns"] == wanted, name


def _read_every_table() -> None:
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if module.name.endswith(".records"):
            importlib.import_module(module.name)
