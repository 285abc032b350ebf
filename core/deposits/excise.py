"""What of a deposit goes to the state as excise, and what is left of it to play with."""

from dataclasses import dataclass

from sqlalchemy import Connection

from core.config.in_force import read_value
from core.config.rules import Dated
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry
from core.money import WHOLE_BPS, Money


@dataclass(frozen=True)
class Taxed:
    """A deposit as M-Pesa took it, with the excise on it at a rate in basis points."""

    gross: Money
    excise: Money
    bps: int

    @property
    def net(self) -> Money:
        """What the player is credited with; never nothing."""
        return self.gross - self.excise

    @property
    def columns(self) -> dict[str, int]:
        """What is kept of it with the credited row."""
        return {"excise_cents": self.excise.cents, "excise_bps": self.bps}


def tax(gross: Money, *, bps: int) -> Taxed:
    """The excise, rounded down to the cent in the player's favour."""
    assert 0 <= bps < WHOLE_BPS, "an excise of all would leave nothing to credit"
    return Taxed(gross, Money(gross.cents * bps // WHOLE_BPS), bps)


def tax_now(connection: Connection, gross: Money) -> Taxed:
    """The same at the rate in force at this moment; the caller posts it in this transaction."""
    return tax(gross, bps=read_value(connection, name=Dated.EXCISE_BPS))


def smallest_leaving(net: Money, *, bps: int) -> Money:
    """The smallest deposit, in whole shillings, that leaves at least so much after excise."""
    # Rounded down is the excise, so what is left is rounded up: one cent more than the last that
    # leaves too little.
    cents = (net.cents - 1) * WHOLE_BPS // (WHOLE_BPS - bps) + 1
    return Money(cents).rounded_up


def credit(
    connection: Connection, taxed: Taxed, *, source: int, player_id: int
) -> tuple[Entry, ...]:
    """The entries that bring it from the source account to the player and, in part, the state."""
    wallet = book.available_account(connection, player_id=player_id)
    entries = (Entry(source, -taxed.gross), Entry(wallet, taxed.net))
    if not taxed.excise:
        return entries
    payable = book.system_account(connection, kind=AccountKind.EXCISE_PAYABLE)
    return (*entries, Entry(payable, taxed.excise))
