"""Structured logs on standard error, one JSON object a line, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

# What these names hold never reaches a log, whoever writes it.
_SECRET_NAMES: Final = re.compile(
    r"pin|otp|code|secret|token|password|authorization", re.IGNORECASE
)
_HARMLESS_NAMES: Final = {"status_code", "result_code"}


def configure_logging(*, level: str) -> None:
    """Set up structlog and the standard library's logging alike; a repeat changes nothing."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _hide_secrets,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(message)s")
    for chatty in ("urllib3", "granian", "africastalking"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _hide_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name in event:
        if _SECRET_NAMES.search(name) and name not in _HARMLESS_NAMES:
            event[name] = "[hidden]"
    return event
