"""The second factor: a one-time code of six digits, new each half minute (RFC 6238).

What an app keeps is made of the service's own key and a number that the database keeps, so that
neither alone, nor a stolen table, opens anything. Whoever changes SECRET_KEY enrols everybody anew.
"""

import base64
import secrets
from datetime import datetime
from hmac import compare_digest
from typing import Final

import pyotp

from core.keyed_hash import Pepper

STEP_SECONDS: Final = 30
# A clock that is half a minute wrong, and a code typed as it changes, are good.
_STEPS_OFF: Final = (-1, 0, 1)
_SECRET_BYTES: Final = 20
_ISSUER: Final = "Kibeezy"


def fresh_nonce() -> bytes:
    """The number that the database keeps."""
    return secrets.token_bytes(_SECRET_BYTES)


def totp_secret(*, admin_id: int, nonce: bytes, key: Pepper) -> str:
    """What the app keeps, in base32 as a person can type it."""
    made = key.mac("totp", str(admin_id), nonce.hex())[:_SECRET_BYTES]
    return base64.b32encode(made).decode()


def totp_uri(secret: str, *, email: str) -> str:
    """The same for a QR code: `otpauth://…`, which apps understand."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def matching_step(secret: str, code: str, *, at: datetime) -> int | None:
    """Which half minute the code is of, where it is of this one or a neighbour."""
    now = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for step in (now + off for off in _STEPS_OFF):
        # Every one is compared, so that the time taken tells nothing about any.
        if compare_digest(totp.at(step * STEP_SECONDS).encode(), code.encode()):
            found = step
    return found
