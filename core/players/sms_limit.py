"""How much a player may bet by SMS, where nobody is asked for a PIN."""

from sqlalchemy import Connection

from core.config.in_force import Config
from core.money import Money
from core.players.limits import LimitKind, own_limit


def sms_limit(connection: Connection, *, player_id: int, config: Config) -> Money:
    """What all bets by SMS of one day in Nairobi may be; nothing where they are off.

    The player's own limit takes the place of everybody's, up to the largest bet there may be. Where
    everybody's is nothing, so is each player's.
    """
    everybody = config.sms_stake_daily_max
    if not everybody:
        return everybody
    own = own_limit(connection, player_id=player_id, kind=LimitKind.SMS_STAKE)
    return everybody if own is None else min(own, config.stake_range[1])
