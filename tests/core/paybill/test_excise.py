"""Excise on what comes by the paybill: taken when a player is credited, never in suspense."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.config.in_force import read_value
from core.config.rules import BOUNDS, Dated
from core.database import in_transaction, sql_state
from core.errors import NoSuchThing
from core.ledger import book
from core.ledger.transfer import AccountKind
from core.money import Money, kes
from core.paybill.place_payment import approve_placement, propose_placement
from core.paybill.records import get_payment
from core.paybill.validate_payment import Objection, validate_payment
from core.players.limits import LimitKind, set_limit
from core.staff.records import Admin, Role, find_admin
from tests.core.paybill.payer import is_heard, is_proven, pays
from tests.world import World

WANJIRU = "+254700000001"
SOON = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _wanjiru(world: World) -> None:
    world.has_player(WANJIRU)


def held_for(world: World, kind: AccountKind) -> Money:
    with world.database.connect() as connection:
        account_id = book.system_account(connection, kind=kind)
        return book.derived_cents(connection, account_id=account_id)


def excise(world: World) -> Money:
    return held_for(world, AccountKind.EXCISE_PAYABLE)


def kept(world: World, paybill_id: int) -> tuple[int, int]:
    """Excise in cents and its rate, as they stand on the payment's row."""
    query = text("SELECT excise_cents, excise_bps FROM paybill_payment WHERE id = :id")
    with world.database.connect() as connection:
        row = connection.execute(query, {"id": paybill_id}).one()
    return row.excise_cents, row.excise_bps


def state(world: World, paybill_id: int) -> tuple[str, str | None]:
    with world.database.connect() as connection:
        found = get_payment(connection, paybill_id=paybill_id)
    return found.state.value, found.reason


def is_placed(world: World, paybill_id: int) -> None:
    """Two people say that it is Wanjiru's."""
    one, other = (admin(world, f"{name}@kibeezy.test") for name in ("neema", "juma"))
    in_transaction(
        world.database,
        lambda c: propose_placement(
            c, paybill_id=paybill_id, phone=WANJIRU, evidence="a call", by=one
        ),
    )
    in_transaction(world.database, lambda c: approve_placement(c, paybill_id=paybill_id, by=other))


def admin(world: World, email: str) -> Admin:
    try:
        return in_transaction(world.database, lambda c: find_admin(c, email=email))
    except NoSuchThing:
        return world.has_admin(email, Role.FINANCE)


def last_message(world: World) -> str:
    with world.database.connect() as connection:
        query = text("SELECT body FROM sms_out ORDER BY id DESC LIMIT 1")
        return str(connection.execute(query).scalar_one())


def test_the_player_is_credited_with_what_is_left(world: World) -> None:
    world.always_had(Dated.EXCISE_BPS, 500)
    paid = pays(world, account=WANJIRU, amount=Money(50_050))
    assert (world.wallet(WANJIRU), excise(world)) == (Money(47_548), Money(2_502))
    assert kept(world, paid) == (2_502, 500)
    assert "Deposit of KES 500.50 received, excise KES 25.02, M-Pesa SIMPLE" in last_message(world)
    world.ledger_is_sound()


def test_suspense_holds_all_of_it_and_the_rate_is_that_of_the_placement(world: World) -> None:
    world.always_had(Dated.EXCISE_BPS, 500)
    stray = pays(world, account="nobody's")
    assert held_for(world, AccountKind.MPESA_SUSPENSE) == kes(500)
    assert (excise(world), kept(world, stray)) == (kes(0), (0, 0))

    world.agrees_on(Dated.EXCISE_BPS, 1_000, counts_in=SOON)
    world.moves(minutes=3)
    is_placed(world, stray)
    assert (world.wallet(WANJIRU), excise(world)) == (kes(450), kes(50))
    assert kept(world, stray) == (5_000, 1_000)
    assert "excise KES 50" in last_message(world)
    world.ledger_is_sound()


def test_the_rate_is_that_of_the_proof_not_of_the_news(world: World) -> None:
    heard = is_heard(world, account=WANJIRU)
    world.agrees_on(Dated.EXCISE_BPS, 500, counts_in=SOON)
    world.moves(minutes=3)
    is_proven(world, heard)
    assert world.wallet(WANJIRU) == kes(475)
    world.ledger_is_sound()


@given(
    events=st.lists(
        st.one_of(
            st.tuples(st.just("rate"), st.integers(0, BOUNDS[Dated.EXCISE_BPS][1])),
            st.tuples(st.sampled_from(["own", "stray"]), st.integers(1, 1_000_000)),
            st.tuples(st.just("place"), st.just(0)),
        ),
        max_size=8,
    )
)
@how(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_payments_at_any_rates_add_up_to_the_cent(
    world: World, events: list[tuple[str, int]]
) -> None:
    before = world.wallet(WANJIRU), excise(world), held_for(world, AccountKind.MPESA_SUSPENSE)
    net = taken = 0
    strays = dict[int, int]()
    rate = in_transaction(world.database, lambda c: read_value(c, name=Dated.EXCISE_BPS))
    for event, number in events:
        cents = 0
        match event:
            case "rate":
                rate = number
                world.agrees_on(Dated.EXCISE_BPS, rate, counts_in=SOON)
                world.moves(minutes=2)
            case "own":
                pays(world, account=WANJIRU, amount=Money(number))
                cents = number
            case "stray":
                strays[pays(world, account="nobody's", amount=Money(number))] = number
            case _ if strays:
                paybill_id, cents = strays.popitem()
                is_placed(world, paybill_id)
            case _:
                pass
        taken += cents * rate // 10_000
        net += cents - cents * rate // 10_000
    wallet, paid, waiting = before
    assert world.wallet(WANJIRU) == wallet + Money(net)
    assert excise(world) == paid + Money(taken)
    left = held_for(world, AccountKind.MPESA_SUSPENSE)
    assert left == waiting + Money(sum(strays.values()))
    world.ledger_is_sound()


def test_the_daily_limit_counts_what_was_paid_not_what_was_left(world: World) -> None:
    world.always_had(Dated.EXCISE_BPS, 500)
    player_id, kind = world.player(WANJIRU).id, LimitKind.DAILY_DEPOSIT
    in_transaction(
        world.database, lambda c: set_limit(c, player_id=player_id, kind=kind, amount=kes(1_000))
    )
    pays(world, account=WANJIRU, amount=kes(600))
    over = pays(world, account=WANJIRU, amount=kes(401))
    assert state(world, over) == ("suspense", "over the player's daily limit")
    assert state(world, pays(world, account=WANJIRU, amount=kes(400)))[0] == "credited"


def test_everybody_s_daily_limit_sends_the_rest_to_suspense(world: World) -> None:
    world.always_had(Dated.DAILY_DEPOSIT_MAX_KES, 1_000)
    pays(world, account=WANJIRU, amount=kes(600))
    assert validates(world, kes(401)) is Objection.ACCOUNT
    assert validates(world, kes(400)) is None
    over = pays(world, account=WANJIRU, amount=kes(401))
    assert state(world, over) == ("suspense", "over the player's daily limit")


def test_more_than_an_account_may_hold_goes_to_suspense(world: World) -> None:
    """What is left after excise counts: that is what the account would hold."""
    world.always_had(Dated.EXCISE_BPS, 500)
    world.always_had(Dated.WALLET_MAX_KES, 1_000)
    world.gives(WANJIRU, kes(50))
    assert validates(world, kes(1_001)) is Objection.ACCOUNT
    over = pays(world, account=WANJIRU, amount=kes(1_001))
    assert state(world, over) == ("suspense", "over the most an account may hold")
    pays(world, account=WANJIRU, amount=kes(1_000))
    assert world.wallet(WANJIRU) == kes(1_000)


def validates(world: World, amount: Money) -> Objection | None:
    return in_transaction(
        world.database,
        lambda c: validate_payment(c, account=WANJIRU, amount=amount, settings=world.settings),
    )


@pytest.mark.parametrize("change", ["excise_cents = 0, excise_bps = 0", "excise_bps = 501"])
def test_the_database_lets_nobody_change_the_excise_of_a_credit(world: World, change: str) -> None:
    world.always_had(Dated.EXCISE_BPS, 500)
    pays(world, account=WANJIRU, amount=kes(1))
    with pytest.raises(DBAPIError) as refused, world.database.begin() as connection:
        connection.execute(text(f"UPDATE paybill_payment SET {change}"))
    assert sql_state(refused.value) == "KB006"


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("excise_bps = 500, excise_cents = 2500", "paybill_excise_of_credits"),
        ("excise_cents = 2500", "paybill_excise"),
    ],
)
def test_the_database_taxes_nothing_in_suspense(world: World, change: str, guard: str) -> None:
    pays(world, account="nobody's")
    with pytest.raises(DBAPIError) as refused, world.database.begin() as connection:
        connection.execute(text(f"UPDATE paybill_payment SET {change}"))
    assert f'"{guard}' in str(refused.value)
