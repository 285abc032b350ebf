"""The application's login held against the policy: tables, functions, and the server."""

import re

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from laptop.postgres import APPLICATION, OWNER
from tests.attacks.policy import (
    ALL,
    DEFINERS,
    KEPT,
    LOOK_NOWHERE_ELSE,
    MOVEMENTS,
    POLICY,
    PUT_TOGETHER,
)
from tests.world import World

NOT_PERMITTED = "42501"
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN"
_COLUMNS = """
    SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = cast(:table AS regclass) AND a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(:role, a.attrelid, a.attnum, :verb)
"""
_EVERY_COLUMN = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = cast(:table AS regclass) AND attnum > 0 AND NOT attisdropped
"""
_NEVER = ("DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
# Each of them is tried on every table there is.
ON_EACH_TABLE = [
    'DELETE FROM "{table}"',
    'TRUNCATE "{table}" CASCADE',
    'DROP TABLE "{table}" CASCADE',
    'ALTER TABLE "{table}" DISABLE TRIGGER ALL',
    'ALTER TABLE "{table}" ADD COLUMN loot integer',
    'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE "{table}" OWNER TO CURRENT_USER',
    'CREATE TRIGGER loot BEFORE UPDATE ON "{table}" EXECUTE FUNCTION refuse_change()',
    'CREATE RULE loot AS ON UPDATE TO "{table}" DO INSTEAD NOTHING',
    'CREATE INDEX loot ON "{table}" ((1))',
]
ON_THE_SERVER = [
    f"SET ROLE {OWNER}",
    f"SET SESSION AUTHORIZATION {OWNER}",
    "SET session_replication_role = replica",
    f"GRANT {OWNER} TO {APPLICATION}",
    f"ALTER ROLE {APPLICATION} SUPERUSER",
    f"ALTER ROLE {APPLICATION} BYPASSRLS",
    "CREATE ROLE loot LOGIN",
    "CREATE SCHEMA loot",
    "CREATE PUBLICATION loot FOR ALL TABLES",
    "CREATE FOREIGN DATA WRAPPER loot",
    "ALTER SYSTEM SET fsync = off",
    "ALTER DATABASE {database} SET session_replication_role = replica",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY audit_event (actor, act, subject) FROM PROGRAM 'true'",
    "COPY (SELECT 1) TO '/loot'",
    "COPY audit_event (actor, act, subject) FROM '/loot'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/loot')",
    "SELECT lo_export(1, '/loot')",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_statistic",
    "UPDATE pg_class SET relname = 'loot'",
    "DELETE FROM pg_trigger",
    "UPDATE clock SET ahead = '1 year'",
]


def names(engine: Engine, query: str, **values: object) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text(query), values).scalars())


def attempt(engine: Engine, statement: str) -> str | None:
    """The state PostgreSQL refuses it with, None if it stands."""
    try:
        # Some of what is tried is refused inside a transaction whoever asks.
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return sql_state(error)
    return None


def test_every_table_has_its_policy(owner: Engine) -> None:
    assert names(owner, f"{_TABLES} ('r', 'p')") == set(POLICY)
    assert names(owner, f"{_TABLES} ('v', 'm', 'f')") == set(), "a view reads past the policy"


def test_the_login_has_the_rights_of_the_policy_and_no_other(owner: Engine) -> None:
    wrong = {}
    for table, may in POLICY.items():
        every = names(owner, _EVERY_COLUMN, table=table)
        for verb, columns in (("INSERT", may.insert), ("UPDATE", may.update), ("SELECT", ALL)):
            found = names(owner, _COLUMNS, table=table, role=APPLICATION, verb=verb)
            wanted = every if columns == ALL else set(columns.split())
            if found != wanted:
                wrong[f"{verb} {table}"] = found ^ wanted
        with owner.connect() as connection:
            for verb in _NEVER:
                query = text("SELECT has_table_privilege(:role, :table, :verb)")
                values = {"role": APPLICATION, "table": table, "verb": verb}
                if connection.execute(query, values).scalar():
                    wrong[f"{verb} {table}"] = {ALL}

    assert wrong == {}


@pytest.mark.parametrize("statement", ON_EACH_TABLE)
def test_no_table_takes_it(database: Engine, statement: str) -> None:
    tried = {table: attempt(database, statement.format(table=table)) for table in POLICY}

    assert {table: state for table, state in tried.items() if state != NOT_PERMITTED} == {}


def test_the_server_takes_none_of_it(database: Engine) -> None:
    name = database.url.database
    tried = {words: attempt(database, words.format(database=name)) for words in ON_THE_SERVER}

    assert {words: state for words, state in tried.items() if state != NOT_PERMITTED} == {}


def test_a_right_cannot_be_passed_on(database: Engine, owner: Engine) -> None:
    granted = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    before = names(owner, f"{granted} AND relacl::text LIKE '%{{=%'")
    with database.begin() as connection:
        for table in POLICY:
            connection.exec_driver_sql(f'GRANT SELECT ON "{table}" TO PUBLIC')

    assert names(owner, f"{granted} AND relacl::text LIKE '%{{=%'") == before


def test_no_counter_can_be_turned(database: Engine, owner: Engine) -> None:
    counters = names(owner, f"{_TABLES} ('S')")
    tried = {
        counter: [attempt(database, f"SELECT {verb}") for verb in verbs]
        for counter in counters
        for verbs in [(f"setval('{counter}', 1)", f"nextval('{counter}')")]
    }

    assert tried
    assert set(map(tuple, tried.values())) == {(NOT_PERMITTED, NOT_PERMITTED)}


def test_only_the_owners_own_functions_act_with_his_rights(owner: Engine) -> None:
    found = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    assert names(owner, f"{found} AND prosecdef") == DEFINERS
    open_to_all = f"{found} AND prosecdef AND has_function_privilege('public', oid, 'EXECUTE')"
    # A trigger function cannot be called.
    assert names(owner, f"{open_to_all} AND prorettype <> 'trigger'::regtype") == set()
    assert names(owner, f"{found} AND prosrc ~* '\\mEXECUTE\\M'") == PUT_TOGETHER


def test_money_moves_in_the_ways_of_the_policy_and_no_other(owner: Engine) -> None:
    found: dict[str, set[str]] = {}
    with owner.connect() as connection:
        for kind, account, way in connection.execute(text("SELECT * FROM movement_rules()")):
            found.setdefault(kind, set()).add(account + {-1: "-", 0: "±", 1: "+"}[way])
    lines = [line.split(":") for line in MOVEMENTS.split("\n") if line.strip()]

    assert found == {kind.strip(): set(accounts.split()) for kind, accounts in lines}


def test_every_guard_says_where_it_looks(owner: Engine) -> None:
    query = text(
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND (prorettype = 'trigger'::regtype OR prosecdef OR proname = 'kibeezy_now')"
        " AND NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false)"
    )
    with owner.connect() as connection:
        unset = connection.execute(query).all()
    looking = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?(?!public\.)[a-z_]+\b")
    found = {row.proname: looking.findall(row.prosrc) for row in unset}
    loose = {name: where for name, where in found.items() if where and not _is_row(where)}

    assert {name: where for name, where in loose.items() if name not in LOOK_NOWHERE_ELSE} == {}


def _is_row(where: list[str]) -> bool:
    """Whether nothing but `IS DISTINCT FROM a_value` was found."""
    return all(re.fullmatch(r"FROM\s+(old|new)", words, re.IGNORECASE) for words in where)


def test_a_temporary_clock_is_not_looked_at(world: World) -> None:
    with world.database.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE clock (only_row boolean, ahead interval)"
        )
        connection.exec_driver_sql("INSERT INTO clock VALUES (true, '10 years')")
        ahead = connection.exec_driver_sql("SELECT kibeezy_now() - clock_timestamp()").scalar_one()

    assert abs(ahead.total_seconds()) < 1


def test_temporary_tables_are_taken_away_where_the_schema_is_migrated(
    urls: tuple[str, str], database: Engine
) -> None:
    shadow = "CREATE TEMPORARY TABLE admin (id bigint)"
    config = Config("alembic.ini")
    config.attributes["urls"] = (urls[1], urls[0])
    # A copy of a database has no rights of its own: there everybody may make such tables.
    assert attempt(database, shadow) is None
    database.dispose()

    command.upgrade(config, "head")

    assert attempt(database, shadow) == NOT_PERMITTED


def test_what_is_kept_is_kept_from_the_owner_too(owner: Engine) -> None:
    tried = [f"DELETE FROM {table}" for table in KEPT]
    tried += [f"UPDATE {table} SET {column} = {column}" for table, column in KEPT.items() if column]

    assert {words: attempt(owner, words) for words in tried} == dict.fromkeys(tried, "KB003")
