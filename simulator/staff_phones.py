"""The app for one-time codes on the phones of a demo's staff."""

from dataclasses import dataclass, field

import pyotp

STEP_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffPhone:
    """Whose phone it is, and what its app keeps, in base32."""

    email: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        # Raises ValueError here, and not when somebody waits for a code.
        self.code_at(0)

    def code_at(self, unix_seconds: float) -> str:
        """Return the six digits that the app shows at a moment."""
        return pyotp.TOTP(self.secret).at(int(unix_seconds))


def seconds_left(unix_seconds: float) -> int:
    """Return for how long the codes of a moment are still shown."""
    return STEP_SECONDS - int(unix_seconds) % STEP_SECONDS
