"""Reads from a function's source which pages, options and links it can return, without a call."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import replace
from functools import cache
from types import FunctionType
from typing import Any

from core.text import Text, _
from ussd.menu.findings import (
    Carried,
    Choice,
    Finding,
    Findings,
    Returned,
    Sheet,
    To,
    Words,
    choices_of,
    goals_of,
    words_of,
)
from ussd.pages import (
    Action,
    Answer,
    End,
    Letter,
    Link,
    Menu,
    Option,
    Question,
    Redirect,
    Screen,
    Step,
)


def read_step(step: Step) -> list[Returned]:
    """Everything a step can return; a link that it is given stays `Carried`."""
    given = {
        name: (Carried(step.name, name),)
        for name, kind in step.parameters.items()
        if kind is Link.from_json
    }
    return read_function(step.run, given=given)


def read_function(function: Callable[..., Any], *, given: Mapping[str, Findings]) -> list[Returned]:
    """Everything a function can return, where some of its arguments are known."""
    return list(_Reading(function, given, ()).returns())


class _Reading:
    """One function, with what is known of its arguments and of the names that it sets."""

    def __init__(
        self, function: Callable[..., Any], given: Mapping[str, Findings], callers: tuple[Any, ...]
    ) -> None:
        self._function = inspect.unwrap(function)
        self._known = dict(given)
        self._under_way = (*callers, function)

    def returns(self) -> Iterator[Returned]:
        for when, statement in _statements(_body(self._function), when=""):
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                    | ast.AugAssign(target=ast.Name(id=name), value=value)
                ):
                    # A name that is set in two places may be either.
                    self._known[name] = _distinct((*self._known.get(name, ()), *self._of(value)))
                case ast.Return(value=ast.expr() as value):
                    yield Returned(when, self._of(value))
                case _:
                    pass

    def _of(self, node: ast.AST) -> Findings:
        match node:
            case ast.Name(id=name) if name in self._known:
                return self._known[name]
            case ast.Call():
                return self._of_call(node)
            case ast.GeneratorExp(generators=[loop]) | ast.ListComp(generators=[loop]):
                times = self._length(loop)
                return tuple(_repeated(one, times) for one in self._of(node.elt))
            case ast.Lambda():
                return ()
            case ast.Name() | ast.Attribute():
                constant = _constant(self._meant(node))
                return constant or self._of_children(node)
            case _:
                return self._of_children(node)

    def _of_children(self, node: ast.AST) -> Findings:
        return _distinct(one for child in ast.iter_child_nodes(node) for one in self._of(child))

    def _of_call(self, call: ast.Call) -> Findings:
        called = self._meant(call.func)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "at":
            step = self._meant(call.func.value)
            if isinstance(step, Screen | Action | Answer):
                carried = self._arguments(call, step.parameters)
                links = ((name, goals_of(found)) for name, found in carried.items())
                return (To(step.name, tuple((name, goals) for name, goals in links if goals)),)
        if called is _ or called is Text:
            return (Words(str(ast.literal_eval(call.args[0]))),)
        if called is Option:
            label, leads_to = self._arguments(call, Option.__match_args__).values()
            return (Choice(words_of(label), goals_of(leads_to)),)
        if called in (Menu, Letter, Question, End):
            return (self._sheet(called, call),)
        if called is Redirect:
            return self._arguments(call, Redirect.__match_args__)["link"]
        if called is None and isinstance(call.func, ast.Attribute) and call.func.attr in vars(Link):
            # `then.saying(hint)` leads where `then` does, whatever the hint is made of.
            return self._of(call.func.value)
        if self._is_helper(called):
            given = self._arguments(call, inspect.signature(called).parameters)
            inside = _Reading(called, given, self._under_way)
            return _distinct(one for found in inside.returns() for one in found.findings)
        return self._of_children(call)

    def _sheet(self, kind: type[Menu | Question | End], call: ast.Call) -> Sheet:
        parts = self._arguments(call, kind.__match_args__)
        return Sheet(
            kind=kind,
            words=words_of(parts["text"]),
            choices=choices_of(parts.get("options", ())),
            typed=goals_of((*parts.get("then", ()), *parts.get("typed", ()))),
        )

    def _arguments(self, call: ast.Call, names: Iterable[str]) -> dict[str, Findings]:
        placed = zip(names, call.args, strict=False)
        named = ((word.arg, word.value) for word in call.keywords if word.arg)
        return {name: self._of(value) for name, value in (*placed, *named)}

    def _is_helper(self, called: object) -> bool:
        return (
            isinstance(called, FunctionType)
            and _package(called) == _package(self._function)
            and called not in self._under_way
        )

    def _length(self, loop: ast.comprehension) -> int | None:
        """How often a loop over something written out runs."""
        if loop.ifs:
            return None
        if isinstance(loop.iter, ast.Tuple | ast.List):
            return len(loop.iter.elts)
        over = self._meant(loop.iter)
        return len(over) if isinstance(over, Sized) else None

    def _meant(self, node: ast.expr) -> Any:  # noqa: ANN401 - whatever a name can stand for
        """What a name of the module stands for; None for what only exists in a call."""
        match node:
            case ast.Name(id=name) if name not in self._known:
                return self._function.__globals__.get(name)
            case ast.Attribute(value=owner, attr=name):
                return inspect.getattr_static(self._meant(owner), name, None)
            case _:
                return None


def _statements(body: list[ast.stmt], *, when: str) -> Iterator[tuple[str, ast.stmt]]:
    """Every statement in order, each with the condition that stands nearest above it."""
    for statement in body:
        yield when, statement
        match statement:
            case ast.If(test=test, body=then, orelse=otherwise):
                yield from _statements(then, when=ast.unparse(test))
                yield from _statements(otherwise, when=when)
            case ast.Match(cases=cases):
                for case in cases:
                    guard = f" if {ast.unparse(case.guard)}" if case.guard else ""
                    yield from _statements(case.body, when=f"{ast.unparse(case.pattern)}{guard}")
            case ast.With(body=inner) | ast.For(body=inner) | ast.While(body=inner):
                yield from _statements(inner, when=when)
            case ast.Try(body=tried, handlers=handlers, orelse=otherwise, finalbody=last):
                for inner in (tried, *(one.body for one in handlers), otherwise, last):
                    yield from _statements(inner, when=when)
            case _:
                pass


@cache
def _body(function: Callable[..., Any]) -> list[ast.stmt]:
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    return definition.body


def _constant(meant: object) -> Findings:
    match meant:
        case Link(step=step):
            return (To(step),)
        case Text(template=template):
            return (Words(template),)
        case _:
            return ()


def _repeated(found: Finding, times: int | None) -> Finding:
    return replace(found, times=times) if isinstance(found, Choice) else found


def _distinct(findings: Iterable[Finding]) -> Findings:
    return tuple(dict.fromkeys(findings))


def _package(function: FunctionType) -> str:
    return function.__module__.partition(".")[0]
