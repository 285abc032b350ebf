"""No SQL is put together from what somebody gave: what reaches the database is constant."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.architecture.test_tree import ROOT

PLACES: Final = (
    "app.py",
    "core",
    "ussd",
    "sms",
    "payments",
    "admin",
    "simulator",
    "laptop",
    "alembic",
)
# What makes SQL of a string, or sends a string as SQL.
MAKERS: Final = {"text", "exec_driver_sql", "literal_column", "DDL", "SQL", "op.execute"}
# Module-level names that hold a constant are constant; everything else needs its reason here.
EXCEPTIONS: Final = {
    "alembic/grants.py:grant_all": "its own tables; PostgreSQL quotes role and password",
    "alembic/grants.py:_revoke_temporary_tables": "the database's own name, quoted by SQLAlchemy",
    "alembic/grants.py:_exists": "called with two constants",
    **dict.fromkeys(
        (
            "alembic/versions/0012_settling_in_sets.py:downgrade",
            "alembic/versions/0013_settlement_versions.py:downgrade",
            "alembic/versions/0015_excise.py:downgrade",
            "alembic/versions/0022_cancelled_bets.py:downgrade",
            "alembic/versions/0025_reversed_at_once.py:downgrade",
            "alembic/versions/0029_edited_drafts.py:downgrade",
        ),
        "what an earlier migration says, which is a constant there",
    ),
    "core/provider/store_callback.py:module": "names of its own table of subjects",
    "core/ledger/audit.py:verify": "the queries of INVARIANTS, which is a constant",
    "core/reports/needs.py:module": "its own queries, by the names of its own kinds",
    "core/watch/look.py:_query": "the queries of INVARIANTS, which is a constant",
    "core/watch/call_for_overdue.py:_call": "the queries of OVERDUE_BY_INVARIANT, a constant",
}


def test_every_statement_is_constant() -> None:
    found = {where for path in _files() for where in _loose(path)}

    assert found - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) - found == set(), "no exception without a need for it"


def _files() -> Iterator[Path]:
    for place in PLACES:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _loose(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    constants: set[str] = set()
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if _constant(value, constants):
            constants.add(name)
    for where, call in _calls(tree, "module"):
        if _makes_sql(call) and call.args and not _constant(call.args[0], constants):
            yield f"{path.relative_to(ROOT)}:{where}"


def _calls(node: ast.AST, where: str) -> Iterator[tuple[str, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        inside = child.name if isinstance(child, ast.FunctionDef) else where
        if isinstance(child, ast.Call):
            yield inside, child
        yield from _calls(child, inside)


def _makes_sql(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name):
            return name in MAKERS
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return name in MAKERS or f"{module}.{name}" in MAKERS
        case ast.Attribute(attr=name):
            return name in MAKERS
        case _:
            return False


def _constant(value: ast.expr, constants: set[str]) -> bool:
    match value:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in constants
        case ast.BinOp(left=left, right=right):
            return _constant(left, constants) and _constant(right, constants)
        case ast.JoinedStr(values=values):
            return all(_constant(part, constants) for part in values)
        case ast.FormattedValue(value=inner):
            return _constant(inner, constants)
        case _:
            return False
