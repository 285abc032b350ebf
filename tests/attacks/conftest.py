"""The operator's command line in this process."""

import pytest
from flask import Flask

from tests.admin.operator import Operator


@pytest.fixture
def operator(app: Flask) -> Operator:
    return Operator(app.test_cli_runner())
