"""A market's record: whole enough for a regulator, and silent about who the players are."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from core.audit_trail.records import record
from core.markets.rules import NoSuchMarket, Outcome, Side
from core.money import kes
from core.reports.document import json_chunks
from core.reports.market_record import allow_phones, market_record
from core.reports.pseudonym import pseudonym
from core.staff.records import NotAllowed, Role
from tests.core.markets.bookmaker import Bookmaker
from tests.core.reports.played_day import OTIENO, WANJIRU, PlayedDay, lines_of, total
from tests.world import ASHA, BARAKA, World


def test_the_record_of_a_settled_market(day: PlayedDay) -> None:
    told = day.record()
    assert (told.head["question"], told.head["payout_rule"]) == (
        "=2+3 is what Gor Mahia scores?",
        "pro_rata",
    )
    assert (told.head["created_by"], told.head["approved_by"]) == (ASHA, BARAKA)
    assert [(line["event"], line["by"]) for line in lines_of(told, "events")] == [
        ("created", ASHA),
        ("approved", BARAKA),
        ("closed", ASHA),
        ("proposed", ASHA),
        ("resolved", BARAKA),
        ("settled", "system"),
    ]
    proposed = lines_of(told, "events")[3]
    assert proposed["details"] == {
        "outcome": "yes",
        "evidence": "The referee's report",
        "status_before": "closed",
        "status_after": "proposed",
        "proposed_after": "yes",
    }

    first, second = lines_of(told, "pools")
    assert (first["pool_yes_kes"], first["pool_no_kes"]) == (kes(200), kes(100))
    assert (second["bets"], second["pool_yes_kes"]) == (1, kes(300))

    [settled] = lines_of(told, "settlements")
    assert (settled["outcome"], settled["pool_kes"]) == ("yes", kes(400))
    assert (settled["paid_kes"], settled["fee_kes"]) == (kes(360), kes(40))
    assert (settled["lines"], settled["lines_done"]) == (3, 3)
    assert len(settled["plan_hash"]) == 64

    lines = lines_of(told, "lines")
    assert [(line["side"], line["payout_kes"]) for line in lines] == [
        ("yes", kes(240)),
        ("no", kes(0)),
        ("yes", kes(120)),
    ]
    assert total(lines, "stake_kes") == settled["pool_kes"]
    assert [line["payout_reference"] is None for line in lines] == [False, True, False]
    statement = lines_of(day.statement())
    references = {line["reference"]: line["movement"] for line in statement}
    assert (references[lines[0]["bet"]], references[lines[0]["payout_reference"]]) == (
        "Stake",
        "Winnings",
    )


def test_a_corrected_market_has_two_settlements_and_tells_what_was_taken_back(
    day: PlayedDay,
) -> None:
    world = day.world
    # It was played on the day before, and a correction has 72 hours.
    bookmaker = Bookmaker(world)
    before = day.record().head
    bookmaker.corrects(day.market_id, Outcome.NO)
    proposed = day.record().head
    for name in ("outcome", "resolved_by", "result"):
        assert proposed[name] == before[name] is not None, "in force until another is resolved"
    assert proposed["proposed_outcome"] == "no"
    bookmaker.resolves(day.market_id)
    bookmaker.pays(day.market_id)
    told = day.record()
    first, second = lines_of(told, "settlements")
    assert (first["settlement"], first["outcome"], first["paid_kes"]) == (1, "yes", kes(360))
    assert (second["settlement"], second["outcome"], second["paid_kes"]) == (2, "no", kes(360))
    assert (second["lines"], second["lines_done"]) == (3, 3)
    assert {first["proposed_by"], first["resolved_by"]} == {ASHA, BARAKA}

    lines = lines_of(told, "lines")
    assert [line["settlement"] for line in lines] == [1, 1, 1, 2, 2, 2]
    assert [line["payout_kes"] for line in lines[3:]] == [kes(0), kes(360), kes(0)]
    statement = {line["reference"]: line["movement"] for line in lines_of(day.statement())}
    for line in (lines[0], lines[2]):
        assert statement[line["reversal_reference"]] == "Winnings taken back"
    assert [line["reversal_reference"] for line in lines[3:]] == [None, None, None]

    today = lines_of(day.close(day.day + timedelta(days=1)), "figures")
    figures = {line["name"]: (line["transfers"], line["amount_kes"]) for line in today}
    assert figures["payouts_reversed"] == (2, kes(360))
    assert figures["payouts"] == (1, kes(360))
    assert (figures["fees"][1], figures["fees_reversed"][1]) == (kes(40), kes(40))
    assert figures["gross_gaming_revenue"] == (None, kes(0))
    assert not [name for name in figures if name.startswith("other_")]


def test_players_have_pseudonyms_that_stay_and_open_nothing(day: PlayedDay) -> None:
    player_id = day.world.player(WANJIRU).id
    with day.world.database.begin() as connection:
        record(
            connection,
            actor=f"player:{player_id}",
            act="market.disputed",
            subject=f"market:{day.market_id}",
            player=player_id,
            why=f"player:{player_id} called from {WANJIRU}",
        )
    told = day.record()
    name = pseudonym(day.world.pepper, player_id=player_id)
    wanjiru, otieno, again = [line["player"] for line in lines_of(told, "lines")]
    assert wanjiru == again == name != otieno
    disputed = lines_of(told, "events")[-1]
    assert disputed["by"] == disputed["details"]["player"] == name
    document = "".join(json_chunks(told))
    assert not [
        told for told in (WANJIRU, WANJIRU[1:], OTIENO, "Wanjiru", "player:") if told in document
    ]


def test_phones_are_told_only_to_an_owner_and_it_is_written_down(day: PlayedDay) -> None:
    world = day.world
    owner = world.has_admin("owner@kibeezy.test", Role.OWNER)
    finance = world.has_admin("finance@kibeezy.test", Role.FINANCE)
    with world.database.begin() as connection, pytest.raises(NotAllowed):
        allow_phones(connection, market_id=day.market_id, by=finance)
    with world.database.begin() as connection:
        allow_phones(connection, market_id=day.market_id, by=owner)
    told = day.record(with_phones=True)
    assert [line["phone"] for line in lines_of(told, "lines")] == [WANJIRU, OTIENO, WANJIRU]
    last = lines_of(told, "events")[-1]
    assert (last["event"], last["by"]) == ("exported with phones", "owner@kibeezy.test")


def test_what_the_trail_does_not_tell_the_market_does(day: PlayedDay) -> None:
    with day.world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM audit_event WHERE act = 'market.approved'"))
    events = lines_of(day.record(), "events")
    assert [(e["event"], e["by"], e["source"]) for e in events[:2]] == [
        ("created", ASHA, "audit trail"),
        ("approved", BARAKA, "market"),
    ]


def test_disputes_are_told_with_their_rulings(world: World) -> None:
    world.has_player(OTIENO, balance=kes(100))
    market_id = world.has_market()
    bookmaker = Bookmaker(world)
    bookmaker.bets(OTIENO, market_id, Side.NO, 50)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    with world.owner.begin() as connection:
        connection.execute(text("ALTER TABLE market DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE market SET challenge_ends_at = kibeezy_now() + '1 hour'"))
        connection.execute(
            text(
                "INSERT INTO dispute (market_id, proposed_at, player_id)"
                " SELECT id, proposed_at, :player FROM market"
            ),
            {"player": world.player(OTIENO).id},
        )
    told = PlayedDay(world, date.max, market_id).record()
    [dispute] = lines_of(told, "disputes")
    assert dispute["player"] == pseudonym(world.pepper, player_id=world.player(OTIENO).id)
    assert (dispute["ruling"], dispute["ruled_by"]) == (None, None)
    [line] = lines_of(told, "lines")
    assert (line["payout_kes"], line["settlement"]) == (None, None)


def test_there_is_no_record_of_no_market(world: World) -> None:
    for market_id in (999, 2**40):
        with world.database.connect() as connection, pytest.raises(NoSuchMarket):
            market_record(connection, market_id=market_id, pepper=world.pepper, with_phones=False)
