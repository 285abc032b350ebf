"""What a request may hold at all: so much, and nothing that the database cannot take."""

from typing import Final

from flask import Request, abort

MOST_BYTES: Final = 64 * 1024
_LARGEST_ID: Final = 2**63 - 1


def ensure_readable(request: Request) -> None:
    """Read the form. Too much of it ends in 413, a NUL in 400, a number that no row has in 404."""
    request.max_content_length = MOST_BYTES
    typed = (*request.args.items(multi=True), *request.form.items(multi=True))
    if any("\x00" in part for pair in typed for part in pair):
        abort(400)
    if any(
        isinstance(part, int) and part > _LARGEST_ID for part in (request.view_args or {}).values()
    ):
        abort(404)
