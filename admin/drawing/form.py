"""What was typed into a form."""

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from core.staff.password import NewPassword

_LONGEST = 5_000


def typed(name: str) -> str:
    """A field of the form, without spaces around it; nothing where it is missing."""
    text = request.form.get(name, "").strip()
    if len(text) > _LONGEST:
        raise RequestEntityTooLarge
    return text


def chosen_password() -> NewPassword:
    """A new password, as it was typed, spaces included."""
    return NewPassword(
        request.form.get("new_password", ""), request.form.get("new_password_again", "")
    )
