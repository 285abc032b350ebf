"""The guards inside our SQL functions: what is raised on which condition, what waits for what."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import psycopg

from mutations.guards import Guard

_LONGEST_NAME: Final = 90
_FUNCTIONS: Final = """
    SELECT p.proname, p.prosrc, pg_get_functiondef(p.oid)
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1
"""
_RAISES: Final = re.compile(
    r"(?<!END )\b(?:ELS)?IF\b(?P<condition>(?:(?!\bTHEN\b).)*)\bTHEN\s+RAISE\b", re.DOTALL
)
_MOVEMENT: Final = re.compile(r"\('(\w+)', '(\w+)', (-1|1)\)")
_REASON: Final = re.compile(r"WHEN '(\w+)' THEN\s+(PERFORM [^;]*;)")
# How each way to wait is written, and what does the same without waiting.
_WAITS: Final = (
    (re.compile(r"PERFORM pg_advisory_xact_lock(_shared)?\([^;]*;"), "NULL;"),
    (re.compile(r"pg_try_advisory_xact_lock\((?:[^()]|\([^()]*\))*\)"), "true"),
    (re.compile(r"\s+FOR (?:NO KEY )?UPDATE(?: OF \w+)?(?: SKIP LOCKED)?"), ""),
    (re.compile(r"\s+FOR (?:KEY )?SHARE"), ""),
)


class _Function(NamedTuple):
    name: str
    source: str
    definition: str

    def with_source(self, start: int, end: int, new: str) -> str:
        changed = self.source[:start] + new + self.source[end:]
        return self.definition.replace(self.source, changed, 1)


class _Span(NamedTuple):
    start: int
    end: int


def in_functions(connection: psycopg.Connection[Any]) -> Iterator[Guard]:
    """Every part of every condition that raises, every rule of movements, every lock."""
    for row in connection.execute(_FUNCTIONS).fetchall():
        function = _Function(*row)
        yield from _named_apart(_conditions(function))
        yield from _movements(function)
        yield from _reasons(function)
        yield from _named_apart(_locks(function))


def _conditions(function: _Function) -> Iterator[Guard]:
    for found in _RAISES.finditer(function.source):
        line = function.source.count("\n", 0, found.end() - len("RAISE")) + 1
        start, end = found.span("condition")
        for part in _alternatives(function.source, _Span(start, end)):
            words = " ".join(function.source[part.start : part.end].split())
            yield Guard(
                name=f"condition {function.name}: {_short(words)}",
                kind="condition",
                where=function.name,
                removal="never true",
                sql=function.with_source(part.start, part.end, " false "),
                told_by=function.name,
                line=line,
            )


def _alternatives(source: str, span: _Span) -> list[_Span]:
    """The parts of a condition of which any is enough; of a conjunction those of its members."""
    parts = _split(source, span, "OR")
    if len(parts) > 1:
        return [inner for part in parts for inner in _alternatives(source, part)]
    members = _split(source, span, "AND")
    inside = _inside(source, span)
    if len(members) > 1:
        opened = [_alternatives(source, member) for member in members]
    else:
        opened = [] if inside is None else [_alternatives(source, inside)]
    return [deeper for parts in opened if len(parts) > 1 for deeper in parts] or [span]


def _split(source: str, span: _Span, word: str) -> list[_Span]:
    depth, start, parts = 0, span.start, []
    for found in re.finditer(rf"[()]|'[^']*'|\b{word}\b|\bCASE\b|\bEND\b", source[: span.end]):
        if found.start() < span.start:
            continue
        match found.group():
            case "(" | "CASE":
                depth += 1
            case ")" | "END":
                depth -= 1
            case token if token == word and depth == 0:
                parts.append(_Span(start, found.start()))
                start = found.end()
            case _:
                pass
    return [*parts, _Span(start, span.end)]


def _inside(source: str, span: _Span) -> _Span | None:
    """Where a part is one pair of brackets, what stands between them."""
    text = source[span.start : span.end]
    bare = text.strip()
    if not (bare.startswith("(") and bare.endswith(")")) or bare.startswith("(SELECT"):
        return None
    start = span.start + text.index("(") + 1
    end = span.start + text.rindex(")")
    depth = 0
    for letter in source[start:end]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return None
    return _Span(start, end)


def _movements(function: _Function) -> Iterator[Guard]:
    if function.name != "movement_rules":
        return
    for found in _MOVEMENT.finditer(function.source):
        kind, account, direction = found.groups()
        yield Guard(
            name=f"condition movement_rules: {kind} {account} {direction}",
            kind="condition",
            where=function.name,
            removal="in either direction",
            sql=function.with_source(*found.span(3), "0"),
        )


def _reasons(function: _Function) -> Iterator[Guard]:
    for found in _REASON.finditer(function.source):
        yield Guard(
            name=f"condition {function.name}: the reason of a {found.group(1)}",
            kind="condition",
            where=function.name,
            removal="not looked for",
            sql=function.with_source(*found.span(2), "RETURN NULL;"),
        )


def _locks(function: _Function) -> Iterator[Guard]:
    for pattern, instead in _WAITS:
        for found in pattern.finditer(function.source):
            yield Guard(
                name=f"lock {function.name}: {_short(' '.join(found.group().split()))}",
                kind="lock",
                where=function.name,
                removal="not taken",
                sql=function.with_source(*found.span(), instead),
                told_by=function.name,
            )


def _named_apart(guards: Iterator[Guard]) -> Iterator[Guard]:
    known: dict[str, int] = {}
    for guard in guards:
        known[guard.name] = known.get(guard.name, 0) + 1
        if known[guard.name] == 1:
            yield guard
        else:
            changed = {**guard.__dict__, "name": f"{guard.name} ({known[guard.name]})"}
            yield Guard(**changed)


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST_NAME else words[: _LONGEST_NAME - 1] + "…"
