"""The pages on which a market is resolved, as one uses them."""

import re
from datetime import timedelta

from sqlalchemy import select

from core.markets.records import market as market_table
from core.money import Money
from tests.admin.staff_page.desk import Desk, Shown
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

WANJIRU, OTIENO, AMINA = (f"+25470000000{digit}" for digit in (1, 2, 3))
WINDOW = timedelta(hours=1)


def page(market_id: int) -> str:
    return f"/admin/markets/{market_id}/resolve"


def settling(market_id: int) -> str:
    return f"/admin/markets/{market_id}/settling"


def confirms(desk: Desk, market_id: int, words: str, *, looked_at: Shown | None = None) -> Shown:
    """Open the page, type the words, press the button."""
    shown = looked_at or desk.opens(page(market_id))
    found = re.search(r'name="seen" value="([^"]+)"', shown.html)
    seen = found[1] if found else ""
    return desk.sends(page(market_id), words=words, seen=seen)


def sends_all_the_same(desk: Desk, bookmaker: Bookmaker, market_id: int, **proof: str) -> Shown:
    """What the form would send, whether it is shown or not."""
    found = bookmaker.market(market_id)
    assert found.proposed_at is not None
    assert found.proposed_outcome is not None
    words = f"{market_id} {found.proposed_outcome.upper()}"
    seen = f"{found.version} {found.proposed_at.isoformat()}"
    return desk.sends(page(market_id), words=words, seen=seen, **proof)


def figure(shown: Shown, name: str) -> Money:
    """What stands under this name."""
    found = re.search(rf"<dt>{name}</dt><dd>([\d,]+)(?:\.(\d\d))?</dd>", shown.html)
    assert found, f"{name} is not in: {shown.words}"
    return Money(int(found[1].replace(",", "")) * 100 + int(found[2] or 0))


def wallets(world: World) -> list[Money]:
    return [world.wallet(phone) for phone in (WANJIRU, OTIENO, AMINA)]


def status(world: World, market_id: int) -> str:
    with world.database.connect() as connection:
        query = select(market_table.c.status).where(market_table.c.id == market_id)
        return str(connection.execute(query).scalar_one())
