"""`verify` finds nothing in a clean book, and names whatever is planted in it."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import create_engine

from core.database import driver_url, in_transaction, now, open_database
from core.deposits.repay_debt import repay_debt
from core.ledger.audit import verify
from core.ledger.groups import INVARIANTS
from core.markets.rules import Outcome, Side
from core.markets.settle_market import settle_chunk
from core.money import kes
from core.seal.publish_head import publish_head
from laptop.engines import Engines, create_database, drop_database
from laptop.postgres import SUPERUSER
from tests.conftest import TEMPLATE
from tests.core.ledger.busy_payments import has_payments_of_every_fate
from tests.core.ledger.planted_cancels import PLANTED_CANCELS
from tests.core.ledger.planted_payments import BARE, PLANTED_PAYMENTS
from tests.core.markets.bookmaker import Bookmaker
from tests.settings import make_settings
from tests.world import World

WANJIRU, OTIENO, AMINA = "+254700000001", "+254700000002", "+254700000003"

_GIVEN_UP = """
INSERT INTO given_up (player_id, scope, series)
SELECT b.player_id, t.scope, series_of(t.key)
FROM bet b JOIN transfer t ON t.id = b.transfer_id LIMIT 1
"""
_A_TRANSFER = "(SELECT min(transfer_id) FROM entry)"

PLANTED = [
    *PLANTED_PAYMENTS,
    *PLANTED_CANCELS,
    (
        "what was given up was not placed",
        _GIVEN_UP,
    ),
    (
        "every transfer balances",
        f"UPDATE entry SET cents = cents + 1 WHERE cents > 0 AND transfer_id = {_A_TRANSFER}",
    ),
    (
        "every transfer has its entries",
        f"DELETE FROM entry WHERE cents > 0 AND transfer_id = {_A_TRANSFER}",
    ),
    ("every entry has its transfer and account", f"DELETE FROM transfer WHERE id = {_A_TRANSFER}"),
    (
        "all entries add up to nothing",
        f"UPDATE entry SET cents = cents - 5 WHERE cents < 0 AND transfer_id = {_A_TRANSFER}",
    ),
    (
        "a transfer is what was asked for",
        f"UPDATE entry SET cents = cents * 2 WHERE transfer_id = {_A_TRANSFER}",
    ),
    (
        "each transfer touches what its kind may",
        f"UPDATE transfer SET kind = 'deposit' WHERE id = {_A_TRANSFER}",
    ),
    (
        "each movement of a wallet is explained",
        "UPDATE transfer SET kind = 'deposit' WHERE kind = 'capital'",
    ),
    ("each wallet has its balance", "DELETE FROM balance WHERE cents > 0"),
    ("each player has a wallet", "DELETE FROM account WHERE kind = 'player_held'"),
    ("each balance equals its entries", "UPDATE balance SET cents = cents + 100 WHERE cents > 0"),
    (
        "no balance is below its minimum",
        BARE.format(table="balance") + "UPDATE balance SET cents = -1 WHERE cents > 0",
    ),
    ("each bet moved its stake to its side", "UPDATE bet SET side = 'no' WHERE side = 'yes'"),
    ("each stake has its bet", "DELETE FROM bet WHERE id = (SELECT min(id) FROM bet)"),
    (
        "open stakes equal the side's account",
        "UPDATE bet SET stake_cents = stake_cents + 100 WHERE id = (SELECT max(id) FROM bet)",
    ),
    (
        "side accounts and posted lines equal the frozen pool",
        "UPDATE settlement_line SET payout_cents = payout_cents + 1 WHERE payout_cents > 0",
    ),
    (
        "settled and voided markets are empty",
        "UPDATE market SET status = 'settled' WHERE status = 'settling'",
    ),
    (
        "payouts, fee and remainder equal the pool",
        "UPDATE settlement SET fee_cents = fee_cents + 1",
    ),
    (
        "each plan is the one that was frozen",
        """
        UPDATE settlement_line l SET payout_cents = payout_cents + CASE side WHEN 'yes' THEN -5000
            ELSE 5000 END
        FROM bet b JOIN market m ON m.id = b.market_id
        WHERE b.id = l.bet_id AND m.status = 'settling' AND (side = 'no' OR stake_cents = 7000)
        """,
    ),
    ("each bet of a settlement has its line", "DELETE FROM settlement_line WHERE payout_cents > 0"),
    (
        "each line is paid once its turn has come",
        "UPDATE settlement SET through_player = 0",
    ),
    (
        "each paid line has the right money in the right wallet",
        "UPDATE settlement_line SET player_id = player_id + 1 WHERE payout_cents > 0",
    ),
    (
        "each payout and refund has its line",
        "DELETE FROM settlement_line WHERE payout_cents > 0",
    ),
    (
        "each finished settlement booked its fee and remainder",
        "UPDATE settlement SET fee_cents = 0, remainder_cents = remainder_cents + fee_cents",
    ),
    (
        "a market is settled when its settlement is finished",
        "UPDATE settlement SET finished_at = NULL",
    ),
    ("each block follows the one before", "UPDATE seal_block SET previous_hash = sha256('x')"),
    (
        "each block counts the transfers of its time",
        f"DELETE FROM transfer WHERE id = {_A_TRANSFER}",
    ),
    (
        "each block counts the audit events of its time",
        "DELETE FROM audit_event WHERE id = (SELECT min(id) FROM audit_event)",
    ),
    ("each published head is in the chain", "UPDATE published_head SET hash = sha256('x')"),
    (
        "a late bet gets its stake back, and no bet in time is refunded alone",
        "UPDATE settlement SET late_from = late_from + interval '1 day'",
    ),
    (
        "a late bet gets its stake back, and no bet in time is refunded alone",
        "UPDATE settlement SET late_cents = late_cents + 100 WHERE late_from IS NOT NULL",
    ),
    (
        "each line is reversed once its turn in the next version has come",
        "UPDATE transfer SET key = 'x' || key WHERE kind = 'payout_reversal'",
    ),
    (
        "each corrected settlement gave back its fee and remainder",
        "UPDATE transfer SET reverses = NULL WHERE kind = 'fee_reversal'",
    ),
    (
        "each reversal of a settlement is linked and exact",
        "UPDATE transfer SET reverses = NULL WHERE kind = 'payout_reversal'",
    ),
    (
        "each reversal of a settlement is linked and exact",
        """
        UPDATE entry e SET cents = cents - 1 FROM transfer t, account a
        WHERE t.id = e.transfer_id AND a.id = e.account_id AND t.kind = 'payout_reversal'
          AND a.kind = 'player_clawback'
        """,
    ),
    (
        "what a player owes is what could not be taken back",
        """
        UPDATE entry e SET account_id = d.id FROM account a, account d
        WHERE a.id = e.account_id AND a.kind = 'player_available' AND d.owner = a.owner
          AND d.kind = 'player_held' AND e.transfer_id IN (
              SELECT id FROM transfer WHERE kind = 'payout_reversal')
        """,
    ),
    (
        "what a player owes is what could not be taken back",
        """
        UPDATE entry e SET cents = 900000 FROM transfer t, account a
        WHERE t.id = e.transfer_id AND a.id = e.account_id AND t.kind = 'repayment'
          AND a.kind = 'player_clawback'
        """,
    ),
    (
        "each movement of a wallet is explained",
        """
        UPDATE entry e SET cents = cents - 1 FROM transfer t, account a
        WHERE t.id = e.transfer_id AND a.id = e.account_id AND t.kind = 'repayment'
          AND a.kind = 'player_available'
        """,
    ),
    (
        "nobody decides alone or with a bet",
        BARE.format(table="market") + "UPDATE market SET resolved_by = proposed_by",
    ),
]


@pytest.fixture(scope="module")
def busy_book(engines: Engines) -> str:
    """A database with payments of every fate, and markets open, settled and half settled."""
    name = "kibeezy_busy_book"
    create_database(engines=engines, name=name, template=TEMPLATE)
    app_url, owner_url = engines.urls_of(database=name)
    database, owner = open_database(app_url), create_engine(driver_url(owner_url))
    _fill(
        World(
            database=database,
            owner=owner,
            settings=make_settings(
                database_url=app_url, migration_database_url=owner_url, redis_url=engines.redis_url
            ),
        )
    )
    database.dispose()
    owner.dispose()
    return name


@pytest.fixture
def copy(engines: Engines, busy_book: str) -> Iterator[str]:
    """The name of a database of this test's own."""
    name = f"{busy_book}_copy"
    create_database(engines=engines, name=name, template=busy_book)
    yield name
    drop_database(engines=engines, name=name)


def test_a_clean_book_has_no_violation(engines: Engines, copy: str) -> None:
    assert found_in(engines, copy) == set()


def test_something_is_planted_against_every_invariant() -> None:
    assert {name for name, _ in PLANTED} == set(INVARIANTS)


@pytest.mark.parametrize(("name", "corruption"), PLANTED, ids=[name for name, _ in PLANTED])
def test_planted_corruption_is_named(
    engines: Engines, copy: str, name: str, corruption: LiteralString
) -> None:
    with psycopg.connect(engines.postgres.url(login=SUPERUSER, database=copy)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(corruption)
    assert name in found_in(engines, copy)


def found_in(engines: Engines, database: str) -> set[str]:
    """The invariants that the application finds broken."""
    engine = open_database(engines.urls_of(database=database)[0])
    with engine.connect() as connection:
        found = {violation.name for violation in verify(connection)}
    engine.dispose()
    return found


def _fill(world: World) -> None:
    bookmaker = Bookmaker(world)
    for phone in (WANJIRU, OTIENO, AMINA):
        world.has_player(phone, balance=kes(1000))
    has_payments_of_every_fate(world, AMINA)
    settled, settling, still_open = (world.has_market(f"Will it be {n}?") for n in range(3))
    for market_id in (settled, settling, still_open):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
        bookmaker.bets(OTIENO, market_id, Side.YES, 70)
        bookmaker.bets(AMINA, market_id, Side.NO, 100)
    taken_back = bookmaker.bets(OTIENO, still_open, Side.NO, 40)
    bookmaker.cancels(OTIENO, taken_back.reference)
    bookmaker.ends(settled, Outcome.YES)
    _has_a_corrected_market(world, bookmaker)
    bookmaker.closes(settling)
    bookmaker.proposes(settling, Outcome.YES)
    bookmaker.resolves(settling)
    in_transaction(world.database, lambda c: settle_chunk(c, market_id=settling, limit=1))
    world.seals()
    in_transaction(world.database, lambda c: publish_head(c, witnesses=()))


def _has_a_corrected_market(world: World, bookmaker: Bookmaker) -> None:
    """Three results, a late bet, and a winner of the second who spent it all and repays a part."""
    corrected = world.has_market("Will it be corrected?")
    for phone, side in ((WANJIRU, Side.YES), (OTIENO, Side.YES), (AMINA, Side.NO)):
        bookmaker.bets(phone, corrected, side, 100)
    with world.database.connect() as connection:
        late = now(connection)
    bookmaker.bets(OTIENO, corrected, Side.NO, 50)
    bookmaker.ends(corrected, Outcome.NO, late_from=late)
    bookmaker.ends_anew(corrected, Outcome.YES)
    spent_on = world.has_market("Will it be spent?")
    left = world.wallet(WANJIRU).whole_shillings
    bookmaker.bets(WANJIRU, spent_on, Side.YES, left)
    bookmaker.ends_anew(corrected, Outcome.VOID)
    world.gives(WANJIRU, kes(10))
    debtor = world.player(WANJIRU).id
    in_transaction(world.database, lambda c: repay_debt(c, player_id=debtor))
