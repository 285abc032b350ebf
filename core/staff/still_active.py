"""What one person began counts with a second one only while the first could still begin it."""

from sqlalchemy import Connection, select

from core.errors import Refused
from core.staff.records import Role, admin
from core.text import Text, _


class ProposerGone(Refused):
    """The first of two people was shut out since, or has another role."""

    def __init__(self, first_act: Text) -> None:
        super().__init__(
            _(
                "Whoever {act} could not do so today. It does not count: do it anew.",
                act=first_act,
            )
        )


def ensure_still_active(
    connection: Connection, *, admin_id: int, roles: frozenset[Role], first_act: Text
) -> None:
    """Raise ProposerGone unless this admin is enabled and has one of the roles now."""
    query = select(admin.c.id).where(
        admin.c.id == admin_id, admin.c.role.in_(roles), admin.c.disabled_at.is_(None)
    )
    if connection.execute(query).one_or_none() is None:
        raise ProposerGone(first_act)
