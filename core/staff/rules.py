"""What every act of two people has in common, and every act upon another member of staff."""

from core.errors import Refused
from core.staff.records import Admin, Role
from core.text import Text, _


class SameAdmin(Refused):
    """The second pair of eyes must be somebody else's."""

    def __init__(self, first_act: Text) -> None:
        super().__init__(_("Another admin than the one who {act} must do this.", act=first_act))


class ProposalChanged(Refused):
    """Another proposal is open than the one that the second person read."""

    def __init__(self) -> None:
        super().__init__(_("The proposal has changed since you read it. Read it again."))


class OnlyOthers(Refused):
    """Nobody does this to themselves."""

    def __init__(self) -> None:
        super().__init__(_("Nobody does that to their own account: ask another owner."))


def ensure_owner(by: Admin) -> None:
    """Raise NotAllowed unless the admin is an owner."""
    by.ensure_role(frozenset({Role.OWNER}))


def ensure_other_owner(by: Admin, *, admin_id: int) -> None:
    """Raise NotAllowed unless `by` is an owner, and OnlyOthers unless another than this admin."""
    ensure_owner(by)
    if by.id == admin_id:
        raise OnlyOthers
