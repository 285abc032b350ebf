"""Identifiers that look like the providers' own, drawn from one source of chance."""

import random
import string
import uuid
from datetime import datetime

_CAPITALS_AND_DIGITS = string.ascii_uppercase + string.digits
_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_DAYS = string.digits + string.ascii_uppercase


class Identifiers:
    """Draws identifiers; the same seed and the same order of asking give the same ones."""

    def __init__(self, *, chance: random.Random) -> None:
        self._chance = chance
        self._receipts: set[str] = set()

    def ussd_session_id(self) -> str:
        """Return a session id as Africa's Talking makes them: ATUid_ and 32 hex digits."""
        return f"ATUid_{self._hex(32)}"

    def sms_id(self) -> str:
        """Return a message id as Africa's Talking makes them."""
        return f"ATXid_{self._hex(32)}"

    def access_token(self) -> str:
        """Return a Daraja access token: 28 letters and digits."""
        return self._draw(_LETTERS_AND_DIGITS, 28)

    def request_id(self) -> str:
        """Return a MerchantRequestID or requestId as Daraja makes them."""
        return "-".join(self._hex(length) for length in (4, 4, 4, 16))

    def conversation_id(self, *, moment: datetime) -> str:
        """Return a ConversationID as Daraja makes them: AG_YYYYMMDD_ and 20 hex digits."""
        return f"AG_{moment:%Y%m%d}_{self._hex(20)}"

    def sim_swap_id(self) -> str:
        """Return the requestId of a SIM-swap question as Africa's Talking makes them."""
        return f"ATXSwid_{self._hex(32)}"

    def uuid(self) -> str:
        """Return a random UUID in the usual spelling."""
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def receipt(self, *, moment: datetime) -> str:
        """Return an M-Pesa receipt, unlike any before: the date in three places, seven drawn."""
        year = string.ascii_uppercase[(moment.year - 2006) % 26]
        date = f"{year}{string.ascii_uppercase[moment.month - 1]}{_DAYS[moment.day]}"
        while (drawn := date + self._draw(_CAPITALS_AND_DIGITS, 7)) in self._receipts:
            continue
        self._receipts.add(drawn)
        return drawn

    def forget_receipts(self) -> None:
        """Let every receipt be drawn again, so that a seed repeats them."""
        self._receipts.clear()

    def _hex(self, length: int) -> str:
        return f"{self._chance.getrandbits(4 * length):0{length}x}"

    def _draw(self, alphabet: str, length: int) -> str:
        return "".join(self._chance.choices(alphabet, k=length))


def checkout_request_id(*, moment: datetime, phone: str) -> str:
    """Return ws_CO_ + DDMMYYYYHHmmss + 3 digits + the last nine digits of the phone."""
    fraction = f"{moment.microsecond // 1000:03d}"
    return f"ws_CO_{moment:%d%m%Y%H%M%S}{fraction}{phone[-9:]}"
