"""A pytest plugin: which test meets which refusal of the database, as one line of JSON each."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import psycopg
import pytest
from sqlalchemy import Engine, ExceptionContext, event

WHERE = "KIBEEZY_WITNESSES"


class Witnesses:
    """Writes down each refusal with the test that met it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._test = ""
        self._told: set[str] = set()
        event.listen(Engine, "handle_error", self._refused)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._test = item.nodeid
        return (yield)

    def _refused(self, context: ExceptionContext) -> None:
        error = context.original_exception
        if not isinstance(error, psycopg.Error):
            return
        told = json.dumps(
            {
                "test": self._test,
                "state": error.sqlstate,
                "constraint": error.diag.constraint_name,
                "table": error.diag.table_name,
                "column": error.diag.column_name,
                "context": error.diag.context,
                "words": error.diag.message_primary,
            }
        )
        if told not in self._told:
            self._told.add(told)
            self._out.write(told + "\n")
            self._out.flush()


def pytest_configure(config: pytest.Config) -> None:
    """Listen where the environment names a file to write to."""
    if path := os.environ.get(WHERE):
        out = Path(path).open("w")  # noqa: SIM115 - it is written to until the run ends
        config.pluginmanager.register(Witnesses(out))
