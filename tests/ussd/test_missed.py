"""A receipt whose SMS did not arrive is read on the menu instead, once, before anything else."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import create_engine, literal, select, text

from core.database import in_transaction
from core.gsm7 import septets
from core.money import kes
from core.notices import send, texts
from core.notices.missed import SHOWN_FOR, UNKNOWN_FOR, newest_missed
from core.notices.notify import Notice
from core.notices.reports import record_report
from core.players.account import choose_language
from core.text import Language, Text
from tests.core.notices.post import accepted, begun
from tests.phone import Phone
from tests.world import PIN, World

MISSED, PERHAPS = "that did not reach you: ", "that may not have reached you: "
_references = (f"REF{number:03}" for number in count(1))


@pytest.fixture
def caller(world: World, phone: Phone) -> Phone:
    """A player with money and a market to bet on, who has not dialled yet."""
    world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    return phone


def paid_in(reference: str) -> Text:
    return texts.deposit_received(
        amount=kes(300),
        excise=kes(0),
        receipt="SGR7WWWWWW",
        reference=reference,
        balance=kes(800),
    )


def receipt(world: World, phone: Phone, text: Text, kind: str = "deposit_received") -> int:
    """An SMS to the phone whose sending has begun."""
    player = world.player(phone.number)
    notice = Notice(player.id, player.phone, player.language, kind, text)
    return begun(world.database, notice)


def reported(world: World, provider_id: str, status: str) -> None:
    in_transaction(
        world.database, lambda c: record_report(c, provider_id=provider_id, status=status)
    )


def fails(world: World, phone: Phone, reference: str = "") -> str:
    """A receipt that the network could not deliver; returns the reference in it."""
    reference = reference or next(_references)
    reported(world, accepted(world.database, receipt(world, phone, paid_in(reference))), "Failed")
    return reference


def is_lost(world: World, phone: Phone, reference: str) -> int:
    """A receipt whose answer from the provider was lost."""
    sms_id = receipt(world, phone, paid_in(reference))
    in_transaction(
        world.database, lambda c: send.record_unknown(c, sms_id=sms_id, failure="ReadTimeout")
    )
    return sms_id


def test_the_next_dial_shows_it_in_its_own_words_then_the_menu(world: World, caller: Phone) -> None:
    reference = fails(world, caller)
    caller.dial().shows(MISSED + "Deposit of KES 300 received, M-Pesa SGR7WWWWWW.")
    caller.shows(f"Balance KES 800. Ref {reference}.").choose("Go on").shows("1. Bet")
    caller.dial().lacks(MISSED).shows("1. Bet")


def test_a_refused_one_is_shown_like_one_that_failed(world: World, caller: Phone) -> None:
    sms_id = receipt(world, caller, paid_in("REFUSE"))
    in_transaction(
        world.database, lambda c: send.record_refused(c, sms_id=sms_id, failure="UserInBlacklist")
    )
    caller.dial().shows(MISSED).shows("REFUSE")


def test_a_page_that_nobody_answered_may_not_have_arrived(world: World, caller: Phone) -> None:
    fails(world, caller)
    caller.dial().shows(MISSED)
    caller.dial().shows(MISSED).type("00").shows("1. Bet")
    caller.dial().shows(MISSED).choose("Go on")
    caller.dial().lacks(MISSED)


def test_the_same_hop_again_skips_no_receipt(world: World, caller: Phone) -> None:
    older, newer = fails(world, caller), fails(world, caller)
    caller.dial().repeats().shows(newer).choose("Next").repeats().shows(older)
    caller.choose("Go on").repeats().shows("1. Bet")


def test_the_newest_comes_first_and_three_are_enough_for_one_call(
    world: World, caller: Phone
) -> None:
    oldest, *others = [fails(world, caller) for _ in range(4)]
    caller.dial()
    for reference in reversed(others[1:]):
        caller.shows(reference).choose("Next")
    caller.shows(others[0]).lacks("Next").choose("Go on").shows("1. Bet")
    caller.dial().shows(oldest).choose("Go on").shows("1. Bet")
    caller.dial().lacks(MISSED)


def test_a_lost_answer_is_given_two_minutes_and_no_certainty(world: World, caller: Phone) -> None:
    is_lost(world, caller, "UNSURE")
    caller.dial().lacks("UNSURE").shows("1. Bet")
    world.moves(seconds=UNKNOWN_FOR.total_seconds() + 1)
    caller.dial().lacks(MISSED).shows(PERHAPS).shows("UNSURE")


@pytest.mark.parametrize("first", ["Failed", "Expired", None])
def test_what_arrives_late_after_all_is_not_shown_any_more(
    world: World, caller: Phone, first: str | None
) -> None:
    provider_id = accepted(world.database, receipt(world, caller, paid_in("LATELY")))
    if first is not None:
        reported(world, provider_id, first)
        caller.dial().shows("LATELY")
    reported(world, provider_id, "Success")
    caller.dial().lacks("LATELY").shows("1. Bet")


def test_what_is_a_week_old_is_left_to_the_statement(world: World, caller: Phone) -> None:
    fails(world, caller)
    world.moves(seconds=SHOWN_FOR.total_seconds() - 60)
    caller.dial().shows(MISSED)
    world.moves(seconds=timedelta(minutes=2).total_seconds())
    caller.dial().lacks(MISSED).shows("1. Bet")


@pytest.mark.parametrize("kind", ["answer", "result_proposed", "pin_changed"])
def test_only_receipts_are_shown(world: World, caller: Phone, kind: str) -> None:
    sms_id = receipt(world, caller, texts.pin_changed(), kind=kind)
    reported(world, accepted(world.database, sms_id), "Failed")
    caller.dial().lacks(MISSED).shows("1. Bet")


def test_somebody_elses_receipt_is_not_shown(
    world: World, caller: Phone, phone_of: Callable[[str], Phone]
) -> None:
    other = phone_of("+254700000002")
    world.has_player(other.number)
    fails(world, other)
    caller.dial().lacks(MISSED)
    other.dial().shows(MISSED)


def test_what_was_dialled_for_comes_behind_it(world: World, caller: Phone) -> None:
    fails(world, caller)
    caller.dial("*384*2030*1*101#").shows(MISSED).choose("Go on").shows("1. YES")
    caller.type("0").shows("Choose a market")


def test_an_offer_to_go_on_comes_first(world: World, caller: Phone) -> None:
    caller.dial().choose("Bet").choose("Gor").choose("YES").type("200").shows("Enter PIN")
    fails(world, caller)
    caller.dial().shows("Continue: bet").choose("Start again").shows(MISSED)
    caller.choose("Go on").shows("1. Bet")


def test_going_on_leaves_it_for_the_next_dial(world: World, caller: Phone) -> None:
    caller.dial().choose("Bet").choose("Gor").choose("YES").type("200")
    fails(world, caller)
    caller.dial().choose("Continue: bet").type(PIN).shows("Bet placed")
    caller.dial().shows("Your last bet was placed.").choose("Go on").shows(MISSED)


def test_a_newcomer_proves_the_number_first(world: World, phone: Phone) -> None:
    world.has_player(phone.number, verified=False)
    fails(world, phone)
    phone.dial().shows("6-digit code").lacks(MISSED)


@pytest.mark.parametrize("language", Language)
def test_a_whole_segment_is_turned_over_and_nothing_of_it_is_lost(
    world: World, caller: Phone, language: Language
) -> None:
    player_id = world.player(caller.number).id
    in_transaction(
        world.database, lambda c: choose_language(c, player_id=player_id, language=language)
    )
    words = " ".join(f"word{number:03}" for number in range(20)) + "!"
    assert septets(words) == 160
    reported(world, accepted(world.database, receipt(world, caller, Text(words))), "Failed")
    caller.dial()
    pages = [caller.screen]
    assert "\n99. " in pages[0], "it does not fit one page"
    pages.append(caller.type("99").screen)
    assert all(septets(page) <= 156 for page in pages)
    lines = [line for page in pages for line in page.split("\n") if not line[:1].isdigit()]
    assert " ".join(lines).endswith(words)
    # Another receipt that fails now does not change the page that is being turned.
    fails(world, caller)
    assert caller.type("0").screen == pages[0]
    caller.type("99").type("1").shows("REF")


def test_the_look_up_reads_only_what_was_missed_however_it_is_prepared(
    world: World, caller: Phone
) -> None:
    """A partial index is of use only where the planner sees that it covers the question."""
    fails(world, caller)
    delivered = text(
        "INSERT INTO sms_out (player_id, phone, kind, status) SELECT :player_id, '+254700000001',"
        " 'bet_placed', 'delivered' FROM generate_series(1, 3000)"
    )
    asked = select(newest_missed(literal(1))).compile(
        dialect=create_engine("postgresql+psycopg://", paramstyle="numeric_dollar").dialect,
        compile_kwargs={"render_postcompile": True},
    )
    # The driver names the type of a span as it sends it.
    prepared = re.sub(r"(kibeezy_now\(\) - \$\d+)", r"\1::interval", str(asked))
    with world.owner.connect() as connection:
        connection.execute(delivered, {"player_id": world.player(caller.number).id})
        connection.execute(text("ANALYZE sms_out"))
        plan = connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {prepared}").scalars().all()
    assert any("sms_out_missed" in line for line in plan), "\n".join(plan)
    assert not any("Seq Scan on sms_out" in line for line in plan), "\n".join(plan)
