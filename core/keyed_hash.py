"""Keyed hashes: what a four-digit secret may leave behind in storage."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

MINIMUM_KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class Pepper:
    """The key that lives outside the database, so that a stolen table opens no PIN."""

    key: bytes

    def mac(self, purpose: str, *parts: str) -> bytes:
        """A 32-byte keyed hash of the parts; the purpose keeps hashes of different uses apart."""
        message = b"".join(
            len(part).to_bytes(4, "big") + part
            for part in (text.encode() for text in (purpose, *parts))
        )
        return hmac.digest(self.key, message, sha256)

    def matches(self, mac: bytes, purpose: str, *parts: str) -> bool:
        """Whether the parts made this hash, compared in constant time."""
        return hmac.compare_digest(mac, self.mac(purpose, *parts))
