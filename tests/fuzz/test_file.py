"""docs/callbacks.openapi.yaml says what is there, and its examples are answered as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from payments.routes import LARGEST_BODY_BYTES
from sms.routes import MAX_BATCH_BYTES
from tests.fuzz.switchboard import FORM, OPERATIONS, Switchboard, examples_of, posted_paths

# Nothing of these may be stored from the examples: a credential, what was typed, whole numbers.
SECRET = ("RC6E9WDxXR4b9X2c6z3gp0oC5Th==", "1*101*1*200*2580", "254708374149", "254705912645")
# A hundred reports at once do not fit into what is enough for all others.
LARGER = {"/sms/{secret}/infobip/delivery": MAX_BATCH_BYTES}
WRONG = ("0" * 32, "f" * 31, "F" * 32, "wrong", "%00")


def test_the_file_has_every_path_that_is_called_and_no_other(app: Flask) -> None:
    assert set(OPERATIONS) == posted_paths(app)


def test_each_example_is_answered_200_and_leaves_no_secret_behind(
    switchboard: Switchboard, subtests: pytest.Subtests
) -> None:
    for path in OPERATIONS:
        for name, request in examples(path):
            with subtests.test(path=path, example=name):
                first, again = (switchboard.posts(path, **request) for _ in range(2))
                assert first.status_code == 200, first.text
                assert (again.status_code, again.data) == (200, first.data)
    stored = "\n".join(switchboard.world.everything_stored())
    assert [secret for secret in SECRET if secret in stored] == []
    switchboard.all_is_well()


def test_a_wrong_secret_is_not_found(switchboard: Switchboard, subtests: pytest.Subtests) -> None:
    client = switchboard.app.test_client()
    for path in OPERATIONS:
        _, request = next(examples(path))
        [name] = switchboard.opens(path)
        for wrong in WRONG:
            with subtests.test(path=path, wrong=wrong):
                assert client.post(path.format(**{name: wrong}), **request).status_code == 404
    switchboard.works()
    assert switchboard.world.count("provider_callback") == 0


def test_a_body_over_the_limit_is_refused_and_one_of_just_that_size_is_not(
    switchboard: Switchboard, subtests: pytest.Subtests
) -> None:
    for path in OPERATIONS:
        kind, _ = examples_of(path)
        documented = OPERATIONS[path].responses.status_codes
        limit = LARGER.get(path, LARGEST_BODY_BYTES)
        with subtests.test(path=path):
            largest, too_large = (
                switchboard.posts(path, data=b"x" * size, content_type=kind).status_code
                for size in (limit, limit + 1)
            )
            assert largest != 413
            assert str(largest) in documented
            assert too_large == (413 if "413" in documented else 200)
    switchboard.all_is_well()


def examples(path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of each example, and the request that it makes."""
    kind, bodies = examples_of(path)
    for name, body in bodies.items():
        yield name, {"data" if kind == FORM else "json": body}
