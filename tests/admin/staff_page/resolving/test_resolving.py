"""A result is looked at to the cent, confirmed in words by a second person, and paid."""

from sqlalchemy import func

from core.database import in_transaction
from core.ledger.transfer import AccountKind
from core.markets.rules import Outcome
from core.markets.settle_market import begin_settlement, finish_settlement, settle_chunk
from core.money import kes
from core.outbox.deliver import Worker
from core.outbox.records import outbox
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.resolving.steps import (
    OTIENO,
    confirms,
    figure,
    page,
    settling,
    wallets,
)
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import works
from tests.core.markets.test_settlement import system
from tests.world import ASHA, BARAKA, World


def test_what_was_shown_is_paid_to_the_cent(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int, worker: Worker
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    before = sum((wallet.cents for wallet in wallets(world)), start=0)
    desk.signs_in(Role.RESOLVER)
    shown = desk.opens(page(market)).shows(
        "Proposal: YES", ASHA, "The referee's report", "Winning players 2", "Losing players 1"
    )
    paid, fee, remainder = (figure(shown, name) for name in ("Payouts", "Fee", "Remainder"))
    assert remainder, "a case with cents that nobody gets"
    assert paid + fee + remainder == figure(shown, "Pool") == kes(403)
    confirms(desk, market, f"{market} YES", looked_at=shown).shows(
        "the worker pays it now", "0 % 0 of 3 bets"
    )
    works(worker)
    desk.opens(settling(market)).shows(f"Market {market} is settled: YES.", "queued for 1 of 1")
    after = sum((wallet.cents for wallet in wallets(world)), start=0)
    assert after - before == paid.cents
    assert system(world, AccountKind.FEE_REVENUE) == fee
    assert system(world, AccountKind.ROUNDING) == remainder
    ended = desk.opens(settling(market))
    assert [figure(ended, name) for name in ("Payouts", "Fee", "Remainder")] == [
        paid,
        fee,
        remainder,
    ]


def test_the_largest_payouts_name_no_person(
    desk: Desk, bookmaker: Bookmaker, market: int, world: World
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    desk.signs_in(Role.RESOLVER)
    shown = desk.opens(page(market)).shows(f"Player {world.player(OTIENO).id}")
    shown.shows_not(OTIENO, "Wanjiru")


def test_progress_is_shown_chunk_by_chunk_while_the_worker_pays(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    desk.signs_in(Role.VIEWER)
    desk.opens(settling(market)).shows("is not resolved: nothing is to be paid yet")
    bookmaker.resolves(market)
    live = f"/admin/live/settling/{market}"
    desk.opens(settling(market)).shows("Paying YES", "0 % 0 of 3 bets", "has not begun")
    in_transaction(world.database, lambda c: begin_settlement(c, market_id=market))
    for done, part in ((1, "33 %"), (2, "66 %"), (3, "100 %")):
        in_transaction(world.database, lambda c: settle_chunk(c, market_id=market, limit=1))
        shown = desk.opens(live).shows(f"{part} {done} of 3 bets", f"0 of {done} batches")
        assert "<html" not in shown.html
    in_transaction(world.database, lambda c: finish_settlement(c, market_id=market))
    desk.opens(live).shows(f"Market {market} is settled: YES.", ASHA, BARAKA, "0 of 3 batches")
    bookmaker.tells()
    desk.opens(live).shows("queued for 3 of 3 batches")
    assert "data-over" in desk.opens(live).html


def test_a_worker_that_gave_up_is_told(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    desk.signs_in(Role.SUPPORT)
    job = outbox.update().where(outbox.c.kind == "settle_market")
    with world.database.begin() as connection:
        connection.execute(job.values(last_error="PlanChanged"))
    desk.opens(settling(market)).shows("last try ended with PlanChanged", "tries again")
    with world.database.begin() as connection:
        connection.execute(job.values(set_aside_at=func.kibeezy_now()))
    desk.opens(settling(market)).shows("The worker has given up (PlanChanged).")


def test_a_void_gives_every_stake_back(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int, worker: Worker
) -> None:
    bookmaker.proposes(market, Outcome.VOID)
    desk.signs_in(Role.RESOLVER)
    shown = desk.opens(page(market)).shows(
        "Proposal: VOID",
        "Every stake goes back in full",
        "Players paid back 3",
        "Void and pay back",
    )
    assert figure(shown, "Refunds") == figure(shown, "Pool") == kes(403)
    confirms(desk, market, f"{market} YES").refuses(f"Type {market} VOID")
    confirms(desk, market, f"{market} VOID").shows("Paying VOID")
    works(worker)
    desk.opens(settling(market)).shows(f"Market {market} is voided: VOID.", "Refunds 403")
    assert wallets(world) == [kes(1000)] * 3


def test_a_correction_says_what_it_takes_back_and_pays_anew(
    desk: Desk, world: World, bookmaker: Bookmaker, market: int, worker: Worker
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    first = bookmaker.resolves(market)
    bookmaker.pays(market)
    desk.signs_in(Role.RESOLVER)
    desk.opens(page(market)).shows("This market is settled: there is nothing to resolve.")
    bookmaker.corrects(market, Outcome.NO)
    shown = desk.opens(page(market)).shows("Correction: NO", "From players 2")
    assert figure(shown, "Taken back") == first.paid
    assert figure(shown, "Payouts") == kes(403) - figure(shown, "Fee") - figure(shown, "Remainder")
    confirms(desk, market, f"{market} NO").shows("This is a correction", "Paying NO")
    works(worker)
    desk.opens(settling(market)).shows(f"Market {market} is settled: NO.")
    assert wallets(world) == [kes(900), kes(767), kes(930) + figure(shown, "Payouts")]
