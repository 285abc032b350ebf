"""What schemathesis makes of docs/callbacks.openapi.yaml, and posts at payments under way.

The same bodies each time; other and more ones with `KIBEEZY_EXAMPLES=2000`.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.switchboard import EXAMPLES, OPERATIONS, Switchboard

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_callback_is_answered_as_the_file_says_and_moves_nothing(
    switchboard: Switchboard, subtests: pytest.Subtests, mode: GenerationMode
) -> None:
    for path in OPERATIONS:
        with subtests.test(path=path):
            statuses = post_generated(switchboard, path, mode)
            assert 404 not in statuses, "a body never got past the secret"
            assert 200 in statuses or mode is GenerationMode.NEGATIVE
            switchboard.all_is_well()


def post_generated(switchboard: Switchboard, path: str, mode: GenerationMode) -> set[int]:
    """Post what the file allows, or what it does not; the statuses that were answered."""
    operation, statuses = OPERATIONS[path], set()
    cases: Any = operation.as_strategy(mode, path_parameters=switchboard.opens(path))

    @settings(
        max_examples=int(EXAMPLES or 12),
        derandomize=EXAMPLES is None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def post(case: Case[Any]) -> None:
        answer = case.call(app=switchboard.app)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    post()
    return statuses
