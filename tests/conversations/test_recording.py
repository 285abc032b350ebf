"""What the handset in the terminal records can be played again."""

from pathlib import Path

from flask import Flask
from flask.testing import FlaskCliRunner
from redis import Redis

from core.text import Language
from tests.admin.operator import Operator
from tests.conversations.script import read
from tests.conversations.stage import Stage
from tests.ussd.conftest import Network
from tests.world import PIN, World

GIVEN = "given player Wanjiru Kamau with KES 500"


def test_a_record_is_a_script(
    world: World, app: Flask, network: Network, redis_client: Redis, tmp_path: Path
) -> None:
    stage = Stage(
        world=world, app=app, network=network, redis=redis_client, language=Language.ENGLISH
    )
    for step in read(GIVEN):
        stage.plays(step)
    file = tmp_path / "bet.txt"
    Operator(FlaskCliRunner(app)).types(
        f"phone 0700000001 --record {file}", stdin=f"5\n1\n{PIN}\n0\n2\n1\n"
    )

    steps = list(read(file.read_text()))

    assert [step.words for step in steps][-4:] == ["> 0", "> 2", "> 1", "hangs up"]
    for step in steps:
        assert tuple(stage.plays(step)) == step.said
