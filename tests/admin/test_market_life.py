"""Pausing a market, attesting it, and ruling on disputes, as admins type it."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from app import Wiring, create_app
from core.markets.rules import Side
from core.money import kes
from core.settings import Settings
from core.staff.records import Role
from tests.admin.operator import Operator
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, third_admin
from tests.world import ASHA, BARAKA, World

WANJIRU = "+254700000001"
EVIDENCE = "--evidence 'The referee said so'"
CREATE = (
    "market create --question 'Will it rain?' --closes-at 2099-12-31T18:00+03:00 --label Rain"
    f" --by {ASHA}"
)


@pytest.fixture
def operator(settings: Settings) -> Iterator[Operator]:
    """With ten minutes to dispute a result."""
    app = create_app(settings.model_copy(update={"challenge_window_minutes": 10}))
    yield Operator(app.test_cli_runner())
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    wiring.close()


@pytest.fixture
def disputed(operator: Operator, world: World) -> int:
    """Proposed YES by Asha, disputed by Wanjiru, who has bet NO."""
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market(label="Rain")
    Bookmaker(world).bets(WANJIRU, market_id, Side.NO, 100)
    operator.types(f"market close {market_id} --by {ASHA}")
    operator.types(f"market propose {market_id} yes {EVIDENCE} --by {ASHA}")
    disputes(world, market_id, WANJIRU)
    return market_id


def test_approving_says_what_is_attested(operator: Operator, world: World) -> None:
    for email in (ASHA, BARAKA):
        world.has_admin(email)
    named = int(operator.types(f"{CREATE} --resolves-from 'the Met office'").split()[1])
    said = operator.types(f"market approve {named} --by {BARAKA} --approval-ref BCLB/7")
    assert said.startswith("By approving you attest: no pending court case; not the safety, health")
    assert "it resolves from the Met office." in said
    for term in ("Will it rain?", "1000 bps (10 %)", "pro_rata", "2099-12-31 18:00"):
        assert term in said
    assert "Equal shares" not in said
    assert f"Market {named} is open until 2099-12-31T18:00:00+03:00." in said
    unnamed = int(operator.types(f"{CREATE} --approval-ref BCLB/8").split()[1])
    said = operator.types(f"market approve {unnamed} --by {BARAKA}")
    assert "two admins resolve it from public evidence." in said
    equal = int(operator.types(f"{CREATE} --approval-ref BCLB/9 --payout equal").split()[1])
    said = operator.types(f"market approve {equal} --by {BARAKA}")
    assert "Equal shares: a winner may get less than a large stake" in said
    with world.database.connect() as connection:
        rows = connection.exec_driver_sql("SELECT approval_ref FROM market ORDER BY id").scalars()
        assert list(rows) == ["BCLB/7", "BCLB/8", "BCLB/9"]


def test_a_draft_is_edited_and_then_approved_by_a_third(operator: Operator, world: World) -> None:
    for email in (ASHA, BARAKA):
        world.has_admin(email)
    market_id = int(operator.types(CREATE).split()[1])
    edit = f"market edit {market_id} --by {BARAKA}"
    said = operator.types(f"{edit} --question 'Will it snow?' --payout equal")
    assert said == f"Market {market_id} is a draft: Will it snow? (list label: Rain)\n"
    assert "passed" in operator.is_refused(f"{edit} --closes-at 2020-01-01T00:00+03:00")
    approve = f"market approve {market_id} --by"
    assert "who edited it" in operator.is_refused(f"{approve} {BARAKA}")
    assert "Equal shares" in operator.types(f"{approve} {third_admin(world).email}")
    assert operator.is_refused(f"{edit} --label Snow") == f"Error: Market {market_id} is open."


def test_a_market_is_suspended_and_resumed(operator: Operator, world: World) -> None:
    market_id = world.has_market()
    suspend = f"market suspend {market_id} --reason 'A rumour' --by {ASHA}"
    assert "is suspended: no bets" in operator.types(suspend)
    assert operator.reads("market list --json")[0]["status"] == "suspended"
    assert operator.is_refused(suspend) == f"Error: Market {market_id} is suspended."
    resume = f"market resume {market_id} --reason 'It was false' --by {BARAKA}"
    assert "takes bets again, until " in operator.types(resume)
    assert operator.is_refused(resume) == f"Error: Market {market_id} is open."


def test_closing_and_proposing_name_their_deadlines(operator: Operator, world: World) -> None:
    market_id = world.has_market()
    closed = operator.types(f"market close {market_id} --by {ASHA}")
    until = datetime.fromisoformat(closed.split(" until ")[1].split(",")[0])
    assert until.utcoffset() is not None
    said = operator.types(f"market propose {market_id} yes {EVIDENCE} --by {ASHA}")
    assert "Players may dispute it until " in said


def test_a_dispute_is_listed_ruled_and_then_resolved_by_another(
    operator: Operator, world: World, disputed: int
) -> None:
    zawadi = third_admin(world).email
    world.moves(minutes=11)
    resolve = f"market resolve {disputed} --by {BARAKA}"
    assert "disputed: a third admin must rule first" in operator.is_refused(resolve)
    [listed] = operator.reads(f"market disputes {disputed} --json")
    assert (listed["phone"], listed["stands"], listed["ruling"]) == (WANJIRU, True, None)
    rule = f"market rule {disputed} dismissed --reason 'We saw the match'"
    assert "proposed the result" in operator.is_refused(f"{rule} --by {ASHA}")

    assert "disputes dismissed" in operator.types(f"{rule} --by {zawadi}")

    table = operator.types(f"market disputes {disputed}")
    for words in (WANJIRU, "dismissed", zawadi, "We saw the match"):
        assert words in table
    ruler = operator.is_refused(f"market resolve {disputed} --by {zawadi}")
    assert "ruled on its dispute" in ruler
    assert "is settled" in operator.types(resolve)


def test_an_upheld_dispute_needs_a_new_proposal(
    operator: Operator, world: World, disputed: int
) -> None:
    rule = f"market rule {disputed} upheld --reason 'It was NO' --by {BARAKA}"
    assert "It is closed again." in operator.types(rule)
    world.moves(minutes=11)
    refused = operator.is_refused(f"market resolve {disputed} --by {BARAKA}")
    assert refused == f"Error: Market {disputed} is closed."
    operator.types(f"market propose {disputed} no {EVIDENCE} --by {ASHA}")
    assert operator.types(f"market disputes {disputed}").count("upheld") == 1


def test_who_may_not_rule_and_what_is_not_there(operator: Operator, world: World) -> None:
    world.has_admin("viewer@kibeezy.test", Role.VIEWER)
    market_id = world.has_market()
    rule = "market rule {} dismissed --reason x --by {}"
    for line in (rule.format(999, ASHA), "market disputes 999"):
        assert operator.is_refused(line) == "Error: There is no market 999."
    viewer = operator.is_refused(rule.format(market_id, "viewer@kibeezy.test"))
    assert viewer == "Error: An admin with the role viewer may not do that."
    assert operator.types(f"market disputes {market_id}") == "No disputes.\n"
