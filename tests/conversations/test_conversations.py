"""Every recorded conversation still goes as it is written, in both languages.

`make conversations` writes down what the pages say now; the difference is then there to read.
"""

import os
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap

import pytest
from flask import Flask
from redis import Redis

from core.text import Language
from tests.conversations.script import Step, read
from tests.conversations.stage import Stage
from tests.ussd.conftest import Network
from tests.world import World

HERE = Path(__file__).parent
SCRIPTS = sorted(HERE.glob("*.txt"))
REWRITES = os.environ.get("CONVERSATIONS") == "rewrite"
COLUMNS = 36
KISWAHILI = "> 3"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_goes_as_it_is_written(
    path: Path,
    world: World,
    app: Flask,
    network: Network,
    redis_client: Redis,
) -> None:
    stage = Stage(
        world=world, app=app, network=network, redis=redis_client, language=_language(path)
    )
    heard = []
    for step in read(path.read_text()):
        said = stage.plays(step)
        heard.append(step.saying(said))
        if not REWRITES and tuple(said) != step.said:
            pytest.fail(_side_by_side(path, step, said), pytrace=False)
    if REWRITES:
        path.write_text("".join(step.text() for step in heard))


def test_every_conversation_is_told_in_every_language() -> None:
    told = {path.name: _keys(path) for path in SCRIPTS}
    english = {name: keys for name, keys in told.items() if ".en." in name}
    assert english
    for name, keys in english.items():
        assert told[name.replace(".en.", ".sw.")] == keys
    assert len(told) == len(Language) * len(english)


def test_a_page_that_differs_is_shown_beside_the_script() -> None:
    [step] = read("> 1\n< Choose a market\n< 1. Gor Mahia wins\n")
    shown = _side_by_side(HERE / "bet.en.txt", step, ["< Choose a market", "< 1. Rain", "ends"])
    assert shown.splitlines() == [
        "bet.en.txt:1, after '> 1':",
        "  written                              | on the phone",
        "  < Choose a market                    | < Choose a market",
        "! < 1. Gor Mahia wins                  | < 1. Rain",
        "!                                      | ends",
        "Is it meant? make conversations, then read the difference.",
    ]


def _keys(path: Path) -> list[str]:
    """What happens in a script; newcomers press 3 for the other language, and that is no news."""
    return [step.words for step in read(path.read_text()) if step.words != KISWAHILI]


def _language(path: Path) -> Language:
    return Language(path.name.split(".")[1])


def _side_by_side(path: Path, step: Step, said: list[str]) -> str:
    written, shown = _wrapped(step.said), _wrapped(said)
    rows = [
        f"{' ' if left == right else '!'} {left:<{COLUMNS}} | {right}"
        for left, right in zip_longest(written, shown, fillvalue="")
    ]
    head = f"  {'written':<{COLUMNS}} | on the phone"
    where = f"{path.name}:{step.line}, after {step.words!r}:"
    return "\n".join(
        [where, head, *rows, "Is it meant? make conversations, then read the difference."]
    )


def _wrapped(lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in wrap(line, COLUMNS)]
