"""The guards that PostgreSQL's own catalogue knows, so that a new one cannot be forgotten."""

from collections.abc import Iterator
from typing import Any, Final, LiteralString

import psycopg

from mutations.guards import Guard, Kind

_KINDS: Final[dict[str, Kind]] = {
    "c": "check",
    "u": "unique",
    "x": "unique",
    "p": "unique",
    "f": "foreign key",
}
_TRIGGERS: Final = """
    SELECT c.relname, t.tgname, p.proname
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""
# Nobody can write a number twice that only the database gives, so that such keys guard nothing.
_CONSTRAINTS: Final = """
    SELECT c.relname, n.conname, n.contype, pg_get_constraintdef(n.oid)
    FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
      AND n.contype IN ('c', 'u', 'x', 'p', 'f')
      AND NOT (n.contype = 'p' AND EXISTS (
          SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity = 'a'
            AND n.conkey = ARRAY[a.attnum]))
"""
_INDEXES: Final = """
    SELECT c.relname, i.relname, pg_get_indexdef(i.oid)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.oid)
"""
_FILLED: Final = """
    SELECT c.relname, a.attname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
      AND a.attnotnull AND NOT a.attisdropped AND c.relname <> 'alembic_version'
      AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary
                      AND a.attnum = ANY (x.indkey))
"""


def catalogued(connection: psycopg.Connection[Any]) -> Iterator[Guard]:
    """Every trigger, constraint, unique index and NOT NULL of our tables."""

    def rows(query: LiteralString) -> list[tuple[str, ...]]:
        return connection.execute(query).fetchall()

    for table, name, function in rows(_TRIGGERS):
        yield Guard(
            name=f"trigger {table}.{name}",
            kind="trigger",
            where=table,
            removal="disabled",
            sql=f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"',
            told_by=function,
        )
    for table, name, contype, definition in rows(_CONSTRAINTS):
        yield _constraint(_KINDS[contype], table, name, definition)
    for table, name, definition in rows(_INDEXES):
        yield Guard(
            name=f"unique {table}.{name}",
            kind="unique",
            where=table,
            removal=f"dropped: {definition.partition(' USING ')[2]}",
            sql=f'DROP INDEX "{name}"',
            told_by=name,
        )
    for table, column in rows(_FILLED):
        yield Guard(
            name=f"not null {table}.{column}",
            kind="not null",
            where=table,
            removal="dropped",
            sql=f'ALTER TABLE "{table}" ALTER COLUMN "{column}" DROP NOT NULL',
            told_by=column,
        )


def _constraint(kind: Kind, table: str, name: str, definition: str) -> Guard:
    # Foreign keys hang on the key they point to, and go with it.
    return Guard(
        name=f"{kind} {table}.{name}",
        kind=kind,
        where=table,
        removal=f"dropped: {definition}",
        sql=f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}" CASCADE',
        told_by=name,
    )
