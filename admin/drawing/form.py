"""What was typed into a form."""

from flask import request
from werkzeug.exceptions import BadRequest

_LONGEST = 5_000


def typed(name: str) -> str:
    """A field of the form, without spaces around it; nothing where it is missing."""
    text = request.form.get(name, "").strip()
    if len(text) > _LONGEST:
        raise BadRequest
    return text
