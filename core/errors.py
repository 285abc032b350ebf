"""The one error whose words are meant for a person."""

from core.text import Text, _


class Refused(Exception):
    """The service says no, and nothing has moved. Carries words for whoever asked."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.template)
        self.text = text


class NoSuchThing(Refused):
    """What was named does not exist."""

    def __init__(self, what: str) -> None:
        super().__init__(_("There is no {what}.", what=what))
