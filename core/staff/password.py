"""Passwords of staff: how long they are, and how they are kept."""

from dataclasses import dataclass, field
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.errors import Refused
from core.text import _

PASSWORD_CHARACTERS: Final = 12
# What a longer one would cost in hashing is a stranger's to spend, and nobody types it.
PASSWORD_MOST_CHARACTERS: Final = 256
# OWASP's minimum for argon2id: 19 MiB, 2 passes, 1 lane. The parameters travel in the hash.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class WeakPassword(Refused):
    """Shorter than a guess takes, or longer than anybody types."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A password has {least} to {most} characters.",
                least=PASSWORD_CHARACTERS,
                most=PASSWORD_MOST_CHARACTERS,
            )
        )


class PasswordsDiffer(Refused):
    """The second of the two is another one."""

    def __init__(self) -> None:
        super().__init__(_("The two new passwords differ: type the same one twice."))


@dataclass(frozen=True)
class NewPassword:
    """A password that somebody chose, typed twice because nobody sees it."""

    typed: str = field(repr=False)
    again: str = field(repr=False)

    def hashed(self) -> str:
        """What is stored of it. Raises PasswordsDiffer or WeakPassword."""
        if self.typed != self.again:
            raise PasswordsDiffer
        check_strength(self.typed)
        return hash_password(self.typed)


def check_strength(password: str) -> None:
    """Raise WeakPassword unless it may be somebody's."""
    if not PASSWORD_CHARACTERS <= len(password) <= PASSWORD_MOST_CHARACTERS:
        raise WeakPassword


def hash_password(password: str) -> str:
    """What is stored instead of the password. Takes some 25 ms, on purpose."""
    return _HASHER.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether it is the password behind the hash; nothing stored takes as long to be refused."""
    if len(password) > PASSWORD_MOST_CHARACTERS:
        return False
    try:
        return _HASHER.verify(stored or _nobodys(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of nobody")
