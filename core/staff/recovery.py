"""Codes on paper, for the day the phone with the second factor is gone; each opens once."""

import re
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from core.audit_trail.records import record
from core.keyed_hash import Pepper
from core.staff.one_time import fresh_code, plain_code
from core.staff.records import Admin, recovery_code

RECOVERY_CODES: Final = 10
_GROUPS: Final = 3
_TYPED: Final = re.compile(r"[A-Z0-9]{12}", re.ASCII)


def is_recovery_code(typed: str) -> bool:
    """Whether it can be one, by its shape."""
    return _TYPED.fullmatch(plain_code(typed)) is not None


def issue_recovery_codes(connection: Connection, *, admin_id: int, key: Pepper) -> list[str]:
    """Ten new codes in place of the old ones, to be shown once: only keyed hashes are kept."""
    connection.execute(
        update(recovery_code)
        .where(recovery_code.c.admin_id == admin_id, recovery_code.c.used_at.is_(None))
        .values(used_at=func.kibeezy_now())
    )
    codes = [fresh_code(groups=_GROUPS) for _ in range(RECOVERY_CODES)]
    rows = [{"admin_id": admin_id, "mac": _mac(key, admin_id, code)} for code in codes]
    connection.execute(insert(recovery_code), rows)
    return codes


def renew_recovery_codes(connection: Connection, *, by: Admin, key: Pepper) -> list[str]:
    """Ten new codes for oneself; the old ones open nothing any more. A repeat makes ten others."""
    codes = issue_recovery_codes(connection, admin_id=by.id, key=key)
    record(connection, actor=by.email, act="admin.recovery_codes_renewed", subject=f"admin:{by.id}")
    return codes


def use_recovery_code(connection: Connection, *, admin_id: int, code: str, key: Pepper) -> bool:
    """Whether the code was good; it is used up then."""
    used = connection.execute(
        update(recovery_code)
        .where(
            recovery_code.c.admin_id == admin_id,
            recovery_code.c.mac == _mac(key, admin_id, code),
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=func.kibeezy_now())
    )
    return used.rowcount == 1


def codes_left(connection: Connection, *, admin_id: int) -> int:
    """How many were not used yet."""
    query = select(func.count()).where(
        recovery_code.c.admin_id == admin_id, recovery_code.c.used_at.is_(None)
    )
    return int(connection.execute(query).scalar_one())


def _mac(key: Pepper, admin_id: int, code: str) -> bytes:
    return key.mac("recovery code", str(admin_id), plain_code(code))
