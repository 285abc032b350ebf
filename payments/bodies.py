"""The bodies of callbacks: as many bytes as a provider sends, and no more."""

from typing import Final

from flask import Request
from werkzeug.exceptions import ClientDisconnected

LARGEST_BODY_BYTES: Final = 16 * 1024


def read_body(received: Request) -> bytes:
    """The raw body. Raises RequestEntityTooLarge, also for one that comes without a length."""
    received.max_content_length = LARGEST_BODY_BYTES
    try:
        return received.get_data(cache=False)
    except ClientDisconnected:
        return b""
