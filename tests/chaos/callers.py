"""Callers on the edge of a bet, and what they wait for."""

from sqlalchemy import text

from core.money import kes
from tests.phone import Phone
from tests.world import PIN, World

WANJIRU = "+254700000001"
# What a caller is told who may or may not have a bet.
TROUBLE = "Sorry, we have a problem"


def ready_to_confirm(phone: Phone, *, label: str = "Rain", side: str = "YES") -> dict[str, str]:
    """Walk up to the PIN; return the hop that would place the bet of 100."""
    if "Start again" in phone.dial().screen:
        phone.choose("Start again")
    phone.choose("Bet").choose(label).choose(side).type("100").shows("Enter PIN")
    return {**phone.form, "text": f"{phone.form['text']}*{PIN}"}


def crowd(world: World, *, shillings: int = 500, size: int = 10) -> list[str]:
    phones = [f"+2547000001{n:02}" for n in range(size)]
    for phone in phones:
        world.has_player(phone, balance=kes(shillings))
    return phones


def waiting(world: World, kind: str) -> int:
    """How many transactions wait for a lock of this kind."""
    query = text("SELECT count(*) FROM pg_locks WHERE locktype = :kind AND NOT granted")
    with world.database.connect() as connection:
        return int(connection.execute(query, {"kind": kind}).scalar_one())
