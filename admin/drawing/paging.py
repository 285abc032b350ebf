"""Lists by key: fifty at a time, the newest first."""

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from flask import request

A_PAGE: Final = 50
_LARGEST: Final = 2**63 - 1


class Numbered(Protocol):
    """Whatever has a number that grows."""

    @property
    def id(self) -> int: ...


One = TypeVar("One", bound=Numbered)


def before_of() -> int | None:
    """The key of the address: only what is older is shown. Anything else is no key."""
    key = request.args.get("before", type=int)
    return key if key is not None and 0 < key <= _LARGEST else None


def page_of(found: Sequence[One]) -> tuple[Sequence[One], int | None]:
    """The page of what was found, one more than fits on it; and the key of the next."""
    shown = found[:A_PAGE]
    return shown, shown[-1].id if len(found) > A_PAGE else None
