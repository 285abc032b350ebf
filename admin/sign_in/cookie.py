"""The cookie that holds a session's token, and nothing else."""

from flask import Request, Response

from core.settings import Settings


def read_cookie(request: Request, *, settings: Settings) -> str | None:
    """The token that the browser sent."""
    return request.cookies.get(_name(settings)) or None


def set_cookie(response: Response, token: str, *, settings: Settings) -> None:
    """Let the browser keep the token until it is closed; no script can read it."""
    response.set_cookie(
        _name(settings), token, secure=_is_secure(settings), httponly=True, samesite="Lax", path="/"
    )


def drop_cookie(response: Response, *, settings: Settings) -> None:
    """Let the browser forget it."""
    response.delete_cookie(
        _name(settings), secure=_is_secure(settings), httponly=True, samesite="Lax", path="/"
    )


def _name(settings: Settings) -> str:
    # The prefix ties it to this host and to https; a browser takes it over https only.
    return "__Host-kibeezy" if _is_secure(settings) else "kibeezy"


def _is_secure(settings: Settings) -> bool:
    # Elsewhere than on this machine a browser that comes by http keeps no cookie, so nobody is let
    # in over a line that others read.
    return settings.public_url.startswith("https:") or not settings.is_local
