"""What every answer of the staff page tells the browser, so that it does nothing else."""

from typing import Final

from flask import Response

# No inline script or style, nothing from elsewhere, and no frame around it.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_TWO_YEARS: Final = 2 * 365 * 24 * 60 * 60


def harden(response: Response, *, is_https: bool, is_asset: bool) -> Response:
    """Add them. A page of persons stays in no cache; a style sheet, named by its hash, may."""
    response.headers.update(_ALWAYS)
    if is_https:
        response.headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS}; includeSubDomains"
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if is_asset else "no-store"
    )
    return response
