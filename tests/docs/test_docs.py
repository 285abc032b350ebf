"""What the documents say is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from pydantic import SecretStr

from app import Wiring, create_app
from core.ledger.groups import INVARIANTS
from core.settings import Settings
from laptop.demo_settings import DEFAULT_PORT, DEFAULT_SIMULATOR_PORT, Ports, compose
from tests.architecture.test_tree import ROOT, TEXT
from tests.settings import make_settings

README = ROOT / "README.md"
FOUND = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("simulator/*.md")]
# What is known of the providers quotes other people's files and commands.
DOCUMENTS = sorted(path for path in FOUND if path.parent.name != "providers")
EMBEDDED = {"DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL"}
DRAWN = {"SECRET_KEY", "PIN_PEPPER"}
ELSEWHERE = re.compile(r"https?:|mailto:")
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.>])/(home|mnt|opt|root|tmp|var|work|Users)/")
OUR_FILE = re.compile(
    r"(?:core|ussd|sms|payments|admin|simulator|laptop|alembic|locale|tests|docs)/[\w./-]*"
)


def code(document: Path) -> Iterator[str]:
    """Each line of a code block with its continuations joined, and each span of code."""
    text = document.read_text()
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for block in blocks:
        yield from block.replace("\\\n", " ").splitlines()
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", prose)


def everywhere(pattern: str) -> list[tuple[str, str]]:
    """Document and first group of each match in the documents' code."""
    return [
        (document.name, found[1])
        for document in DOCUMENTS
        for line in code(document)
        for found in re.finditer(pattern, line)
    ]


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    broken = []
    for link in links:
        if ELSEWHERE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(document: Path) -> None:
    named = [span for span in code(document) if OUR_FILE.fullmatch(span)]
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_document_names_a_place_on_somebodys_machine(document: Path) -> None:
    assert SOMEBODYS_MACHINE.findall(document.read_text()) == []


def test_every_decision_is_in_the_list() -> None:
    pages = {path.name for path in ROOT.glob("docs/adr/0*.md")}
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (ROOT / "docs/adr/README.md").read_text())
    assert sorted(pages) == listed


def test_the_settings_table_is_the_settings(tmp_path: Path) -> None:
    rows = re.findall(
        r"^\| `([A-Z0-9_]+)` \| .* \| (.+) \| (.+) \|$", README.read_text(), re.MULTILINE
    )
    table = {name: (default.strip("`"), demo.strip("`")) for name, default, demo in rows}
    ports = Ports(DEFAULT_PORT, DEFAULT_SIMULATOR_PORT)
    demo = compose(environment={}, home=tmp_path, ports=ports, engine_urls={})
    assert table == {
        name.upper(): (_default(name), _in_make_run(name, demo)) for name in Settings.model_fields
    }


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    match field.default:
        case _ if field.is_required():
            return "required"
        case None:
            return "unset"
        case "" | ():
            return "empty"
        case SecretStr() as secret:
            return secret.get_secret_value() or "empty"
        case value:
            return str(value)


def _in_make_run(name: str, demo: dict[str, str]) -> str:
    if name.upper() in EMBEDDED:
        return "embedded"
    return "drawn once" if name.upper() in DRAWN else demo.get(name.upper(), _default(name))


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = everywhere(r"(?:^|[=\w]+ )make ([a-z]+)")
    assert len(named) > len(targets)
    assert [each for each in named if each[1] not in targets] == []


@pytest.fixture(scope="module")
def unconnected() -> Iterator[Flask]:
    """The application, which connects only when it is used."""
    nowhere = make_settings(database_url="postgresql://nobody@/none", redis_url="redis://localhost")
    app = create_app(nowhere)
    yield app
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    wiring.close()


def test_every_command_exists_with_its_options(unconnected: Flask) -> None:
    lines = everywhere(r"flask --app app ([^…|;]+)")
    assert len(lines) > 20
    assert [line for line in lines if not _is_a_command(unconnected.cli, line[1])] == []


def _is_a_command(command: click.Command, line: str) -> bool:
    words = shlex.split(line)
    while isinstance(command, click.Group) and words:
        command = command.commands.get(words.pop(0), click.Command(None))
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    return command.name is not None and options <= known


def test_the_invariants_are_counted() -> None:
    counted = {
        int(number)
        for document in DOCUMENTS
        for number in re.findall(r"(\d+) invariants", document.read_text())
    }
    assert counted == {len(INVARIANTS)}


def test_only_known_kinds_of_file_are_documents() -> None:
    kinds = {path.suffix for path in (ROOT / "docs").rglob("*") if path.is_file()}
    assert kinds <= TEXT | {".png", ".svg"}
