"""The phone in the browser: one page and its files, nothing from elsewhere."""

from flask import Blueprint, Response, current_app

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def pages_blueprint() -> Blueprint:
    """Return the route of the page; Flask serves the files under /static."""
    routes = Blueprint("pages", __name__)
    routes.add_url_rule("/", view_func=_page, methods=["GET"])
    return routes


def harden(response: Response) -> Response:
    """Let a browser load nothing from elsewhere, and keep nothing."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _page() -> Response:
    return current_app.send_static_file("index.html")
