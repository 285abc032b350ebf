"""What the lists of markets show, and in which order."""

import random
import re
from datetime import timedelta

import pytest

from core.database import in_transaction
from core.markets.list_markets import BETS_OF_LATE, list_open_markets
from core.markets.rules import Side
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.phone import Phone
from tests.world import PIN, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def bookmaker(world: World) -> Bookmaker:
    return Bookmaker(world)


def test_what_closes_within_a_day_comes_first_and_then_what_people_bet_on(
    world: World, phone: Phone, bookmaker: Bookmaker
) -> None:
    world.has_player(phone.number, balance=kes(1000))
    world.has_market(label="Far", closes_in=9 * DAY)
    world.has_market(label="Tonight", closes_in=20 * HOUR)
    quiet = world.has_market(label="Quiet", closes_in=5 * DAY)
    loud = world.has_market(label="Loud", closes_in=8 * DAY)
    world.has_market(label="In an hour", closes_in=HOUR)
    for market_id in (loud, quiet, loud):
        bookmaker.bets(phone.number, market_id, Side.YES, 20)
    listed = ["In an hour", "Tonight", "Loud", "Quiet", "Far"]
    assert lines(phone.dial().choose("Bet")) == listed

    # Eight days less eight days and an hour: what was far is now what is about to close.
    world.moves(days=7, hours=1)
    assert lines(phone.dial().choose("Bet")) == ["Loud", "Far"]


def test_popular_is_what_is_bet_on_now_not_what_was_once(
    world: World, phone: Phone, bookmaker: Bookmaker
) -> None:
    world.has_player(phone.number, balance=kes(1_000_000))
    old = world.has_market(label="Last week's", closes_in=2 * DAY)
    new = world.has_market(label="This week's", closes_in=3 * DAY)
    bookmaker.bets_in_bulk(phone.number, old, BETS_OF_LATE)
    bookmaker.bets(phone.number, new, Side.NO, 20)
    assert lines(phone.dial().choose("Bet")) == ["Last week's", "This week's"]
    bookmaker.bets_in_bulk(phone.number, new, BETS_OF_LATE // 2)
    assert lines(phone.dial().choose("Bet")) == ["This week's", "Last week's"]


def test_where_bets_are_even_the_earlier_closing_time_and_then_the_number_decides(
    world: World, phone: Phone
) -> None:
    world.has_player(phone.number)
    for label, days in (("Third", 4), ("First", 2), ("Second", 3)):
        world.has_market(label=label, closes_in=days * DAY)
    assert lines(phone.dial().choose("Bet")) == ["First", "Second", "Third"]
    same_moment(world)
    assert lines(phone.dial().choose("Bet")) == ["Third", "First", "Second"]


def test_categories_stand_in_the_order_of_their_best_market(
    world: World, phone: Phone, bookmaker: Bookmaker
) -> None:
    world.has_player(phone.number, balance=kes(1000))
    for number in range(4):
        world.has_market(label=f"Athletics {number}", category="Athletics", closes_in=3 * DAY)
        world.has_market(label=f"Music {number}", category="Music", closes_in=4 * DAY)
    world.has_market(label="Derby", category="Football", closes_in=5 * HOUR)
    favourite = world.has_market(label="Song", category="Music", closes_in=9 * DAY)
    bookmaker.bets(phone.number, favourite, Side.YES, 20)
    phone.dial().choose("Bet")
    assert lines(phone) == ["Football (1)", "Music (5)", "Athletics (4)"]
    assert lines(phone.choose("Music"))[0] == "Song"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_open_market_is_listed_once_in_the_order_of_the_rule(
    world: World, phone: Phone, bookmaker: Bookmaker, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - which markets there are is no secret
    world.has_player(phone.number, balance=kes(100_000))
    made = {world_has_some_market(world, chance): 0 for _ in range(chance.choice([6, 8, 9, 16]))}
    for market_id in chance.choices(list(made), k=30):
        bookmaker.bets(phone.number, market_id, Side.NO, 20)
        made[market_id] += 1
    for market_id in chance.sample(list(made), k=3):
        bookmaker.closes(market_id)
    world.moves(hours=5)

    markets = {market_id: bookmaker.market(market_id) for market_id in made}
    left = {number: one for number, one in markets.items() if one.takes_bets}

    def rank(number: int) -> tuple[object, ...]:
        one = left[number]
        soon = one.closes_at - one.as_of <= DAY
        first = one.closes_at.timestamp() if soon else 0
        return (not soon, first, -made[number], one.closes_at, number)

    assert listed(world) == sorted(left, key=rank)
    shown = everything_listed(phone.dial().choose("Bet"))
    assert sorted(shown) == sorted(one.label for one in left.values())


def test_a_number_typed_on_any_list_opens_the_market(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    for number in range(101, 113):
        category = "Football" if number % 2 else "Weather"
        world.has_market(f"Question {number}?", label=f"Label {number}", category=category)
    phone.dial().choose("Bet").shows("Football (6)").type("112").shows("Question 112?")
    phone.type("00").choose("Bet").type(" 112 ").shows("Question 112?")
    phone.type("00").choose("Bet").choose("Football").type("112").shows("Question 112?")
    phone.type("00").choose("Bet").choose("Football").type("99").shows("Label 111")
    phone.type("101").shows("Question 101?").type("0").shows("Label 101")


def test_a_number_that_opens_nothing_is_answered_with_the_reason(
    world: World, phone: Phone, bookmaker: Bookmaker
) -> None:
    world.has_player(phone.number)
    rain, snow = world.has_market(label="Rain"), world.has_market(label="Snow")
    bookmaker.closes(snow)
    phone.dial().choose("Bet").type(str(snow))
    phone.shows("That market takes no bets now. No money was taken.").shows("1. Rain")
    phone.type("999").shows("There is no market with that number.").shows("1. Rain")
    phone.type("Rain").shows("Choose from the list, or type a market's number.").shows("1. Rain")
    phone.type(str(rain)).shows("1. YES")


def test_a_category_whose_markets_have_all_closed_says_so(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    world.has_market(label="Derby", category="Football", closes_in=HOUR)
    for number in range(8):
        world.has_market(label=f"Sky {number}", category="Weather")
    phone.dial().choose("Bet").shows("1. Football (1)")
    world.moves(hours=1)
    phone.choose("Football").shows("Nothing under Football is open now.").type("0")
    phone.shows("1. Sky 0").lacks("Football")


def test_a_sentence_above_a_list_neither_hides_nor_moves_an_option(
    world: World, phone: Phone, bookmaker: Bookmaker
) -> None:
    world.has_player(phone.number)
    over = world.has_market(label="Over")
    labels = [f"Very long label {letter}W" for letter in "ABCDEFG"]
    for label in labels:
        world.has_market(label=label)
    bookmaker.closes(over)
    phone.dial().choose("Bet").type(str(over)).shows("takes no bets now. No money was taken.")
    phone.choose("Go on")
    assert everything_listed(phone) == labels
    # Two parts of five and two: a sentence with room above the second stays there.
    phone.type("1*1").shows("Type one answer at a time.")
    assert lines(phone) == labels[5:]


@pytest.mark.parametrize(("open_markets", "list_title"), [(4, "Choose"), (20, "What")])
def test_who_knows_the_number_sees_five_pages_before_the_receipt(
    world: World, phone: Phone, open_markets: int, list_title: str
) -> None:
    world.has_player(phone.number, balance=kes(500))
    numbers = [world.has_market(f"Question {one}?") for one in range(open_markets)]
    pages = [phone.dial().screen]
    pages += [phone.type(keys).screen for keys in ("1", str(numbers[-1]), "1", "200")]
    phone.type(PIN).shows("Bet placed").has_hung_up()
    assert [page.split()[0] for page in pages] == ["Kibeezy", list_title, "Question", "How", "KES"]
    assert world.wallet(phone.number) == kes(300)


def test_who_dials_the_number_of_the_market_sees_three(world: World, phone: Phone) -> None:
    market_id = world.has_market("Question?")
    world.has_player(phone.number, balance=kes(500))
    pages = [phone.dial(f"*384*2030*1*{market_id}#").screen]
    pages += [phone.type(keys).screen for keys in ("1", "200")]
    phone.type(PIN).shows("Bet placed").has_hung_up()
    assert [page.split()[0] for page in pages] == ["Question?", "How", "KES"]


def lines(phone: Phone) -> list[str]:
    """The options of this page, without their numbers."""
    return re.findall(r"^[1-5]\. (.*)$", phone.screen, re.MULTILINE)


def everything_listed(phone: Phone) -> list[str]:
    """Every market on this list, category by category where there are categories."""
    shown = lines(phone)
    while re.search(r"^99\. ", phone.screen, re.MULTILINE):
        shown += lines(phone.type("99"))
    if not any(line.endswith(")") for line in shown):
        return shown
    phone.type("00").choose("Bet")
    found = []
    for category in shown:
        found += everything_listed(phone.choose(category))
        phone.type("00").choose("Bet")
    return found


def listed(world: World) -> list[int]:
    markets = in_transaction(world.database, list_open_markets)
    return [market.id for market in markets]


def world_has_some_market(world: World, chance: random.Random) -> int:
    return world.has_market(
        label=f"Some {chance.randrange(10**9)}",
        category=chance.choice(["Football", "Weather", "Music"]),
        closes_in=timedelta(hours=chance.randint(1, 80)),
    )


def same_moment(world: World) -> None:
    """Bring every closing time forward to the earliest, which the terms allow."""
    with world.owner.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE market SET closes_at = (SELECT min(closes_at) FROM market)"
        )
