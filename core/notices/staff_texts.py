"""What players are told by SMS when staff change how their account stands."""

from core.text import Text, _


def account_locked() -> Text:
    """Whoever reads it may not be who asked for the lock."""
    return _(
        "Your Kibeezy account is locked: nobody can bet or withdraw. Your money stays yours, and"
        " your bets stand. Contact Kibeezy to unlock it."
    )


def account_unlocked() -> Text:
    """The owner of the phone must know, whoever asked for it."""
    return _(
        "Your Kibeezy account is unlocked: dial Kibeezy to play or withdraw. If you did not ask"
        " for this, contact Kibeezy now."
    )


def pin_thrown_away() -> Text:
    """How to get a new one, and what waits for it."""
    return _(
        "Your old Kibeezy PIN does not work any more. Dial Kibeezy to choose a new one."
        " For your safety withdrawals wait 24 hours after it."
    )


def account_closed() -> Text:
    """Closed by staff for a player who asked."""
    return _("Your Kibeezy account is closed, as you asked. Thank you for playing.")
