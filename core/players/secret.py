"""How a PIN is kept: argon2id over a keyed hash, so that a stolen table opens nothing."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.keyed_hash import Pepper

# OWASP's minimum for argon2id: 19 MiB, 2 passes, 1 lane. The parameters travel in the hash.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_pin(pin: str, *, player_id: int, pepper: Pepper) -> str:
    """What is stored instead of the PIN."""
    return _HASHER.hash(_peppered(pin, player_id, pepper))


def pin_matches(stored: str, pin: str, *, player_id: int, pepper: Pepper) -> bool:
    """Whether this is the PIN behind the stored hash. Takes some 25 ms, on purpose."""
    try:
        return _HASHER.verify(stored, _peppered(pin, player_id, pepper))
    except (VerifyMismatchError, InvalidHashError):
        return False


def _peppered(pin: str, player_id: int, pepper: Pepper) -> bytes:
    return pepper.mac("pin", str(player_id), pin)
