"""What import-linter cannot see: single files, folders, sizes and words."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ("app.py", "core", "ussd", "sms", "payments", "admin")
PROGRAMS = (
    *SERVICE,
    "simulator",
    "laptop",
    "bench",
    "rehearsal",
    "mutations",
    "alembic",
    "tests",
)
LONGEST_FILE = 300
# Where somebody happened to write this must not matter, nor be told.
PERSONAL = re.compile(r"(?<![\w.])/(home|Users|root)/[a-z]|\.pyenv\b")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".ini",
    ".yml",
    ".yaml",
    ".html",
    ".js",
    ".css",
    ".po",
    ".sql",
}
NAMED_TEXT = {"Makefile", "Procfile", ".gitignore", ".importlinter", "run"}


def python_files(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path] * path.exists()


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case _:
                pass


def calls_print(path: Path) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        for node in ast.walk(ast.parse(path.read_text()))
    )


def committed_text() -> Iterator[Path]:
    hidden = {".git", ".venv", ".cache", "var", "node_modules"}
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if hidden & set(parts) or any(part.endswith("_cache") for part in parts):
            continue
        if path.is_file() and (path.suffix in TEXT or path.name in NAMED_TEXT):
            yield path


def test_nobody_imports_the_composition_root() -> None:
    importers = [
        path.relative_to(ROOT)
        for path in python_files(*PROGRAMS)
        if path.relative_to(ROOT).parts[0] not in {"tests", "rehearsal"}
        and "app" in imported_modules(path)
    ]

    assert importers == []


def test_files_stay_short() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in python_files(*PROGRAMS)
        if "versions" not in path.parts
    }

    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_the_service_logs_and_never_prints() -> None:
    assert [path for path in python_files(*SERVICE) if calls_print(path)] == []


def test_migrations_do_not_shadow_their_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


@pytest.mark.parametrize(
    "program", [*SERVICE[1:], "simulator", "laptop", "bench", "rehearsal", "mutations", "tests"]
)
def test_every_folder_of_code_is_a_package(program: str) -> None:
    folders = {path.parent for path in python_files(program)}

    assert [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists()] == []


def test_nothing_names_the_place_where_it_was_written() -> None:
    here = re.compile("|".join(re.escape(str(place)) for place in (ROOT, Path(sys.prefix))))
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in committed_text()
        if path != Path(__file__)
        for pattern in (PERSONAL, here)
        for match in pattern.finditer(path.read_text(errors="replace"))
    ]

    assert found == []


def test_lock_files_name_no_index_and_hash_every_package() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pinned = [line for line in lines if re.match(r"[a-z]", line)]

        assert pinned
        assert [line for line in pinned if not line.endswith("\\")] == []
        assert [line for line in lines if "://" in line or line.startswith("--")] == []
