"""What every act of two people has in common."""

from core.errors import Refused
from core.text import Text, _


class SameAdmin(Refused):
    """The second pair of eyes must be somebody else's."""

    def __init__(self, first_act: Text) -> None:
        super().__init__(_("Another admin than the one who {act} must do this.", act=first_act))
