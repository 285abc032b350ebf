"""Nobody decides alone, about their own money, or without saying why."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction, sql_state
from core.errors import NoSuchThing
from core.provider.decide import (
    Decision,
    DecisionOutcome,
    NotOpen,
    OwnMoney,
    ProposedAlready,
    agree,
    open_decision,
    propose_decision,
)
from core.provider.subjects import Subject, SubjectKind
from core.provider.withdraw_decision import withdraw_decision
from core.staff.records import Admin, NotAllowed, Role
from core.staff.rules import SameAdmin
from core.staff.still_active import ProposerGone
from core.staff_input import InvalidFreeText
from tests.chaos.street import eventually
from tests.core.deposits.purse import Purse
from tests.core.deposits.test_request_deposit import somebody_waits
from tests.core.staff.leaving import WAYS, Leaving
from tests.world import World

PLAYER = "+254700000050"


@pytest.fixture
def subject(world: World) -> Subject:
    purse = Purse.of_a_new_player(world, phone=PLAYER)
    return Subject(SubjectKind.DEPOSIT, purse.asks().id)


@pytest.fixture
def finance(world: World) -> Admin:
    return world.has_admin("finance@kibeezy.test", Role.FINANCE)


@pytest.fixture
def owner_(world: World) -> Admin:
    return world.has_admin("owner@kibeezy.test", Role.OWNER)


def proposes(
    world: World,
    subject: Subject,
    by: Admin,
    *,
    outcome: DecisionOutcome = DecisionOutcome.FAILED,
    evidence: str = "the portal",
) -> int:
    player_id = world.player(PLAYER).id
    return in_transaction(
        world.database,
        lambda c: propose_decision(
            c, subject=subject, outcome=outcome, player_id=player_id, evidence=evidence, by=by
        ),
    )


def agrees(world: World, decision_id: int, by: Admin) -> Decision:
    return in_transaction(world.database, lambda c: agree(c, decision_id=decision_id, by=by))


def test_two_people_decide_once(
    world: World, subject: Subject, finance: Admin, owner_: Admin
) -> None:
    decision_id = proposes(world, subject, finance)
    made = agrees(world, decision_id, owner_)
    assert (made.subject, made.outcome) == (subject, DecisionOutcome.FAILED)
    assert (made.proposed_by, made.agreed_by) == (finance.email, owner_.email)
    with pytest.raises(NotOpen):
        agrees(world, decision_id, owner_)
    with pytest.raises(NotOpen):
        in_transaction(world.database, lambda c: open_decision(c, subject=subject))


def test_of_two_who_agree_at_once_one_is_told_that_it_is_done(
    world: World, subject: Subject, finance: Admin, owner_: Admin
) -> None:
    decision_id = proposes(world, subject, finance)
    third = world.has_admin("third@kibeezy.test", Role.FINANCE)
    with ThreadPoolExecutor(1) as pool, world.database.connect() as first:
        agree(first, decision_id=decision_id, by=owner_)
        second = pool.submit(agrees, world, decision_id, third)
        eventually(lambda: somebody_waits(world))
        first.commit()
        with pytest.raises(NotOpen):
            second.result()


def test_the_proposer_is_not_the_second_person(
    world: World, subject: Subject, finance: Admin
) -> None:
    decision_id = proposes(world, subject, finance)
    with pytest.raises(SameAdmin):
        agrees(world, decision_id, finance)


@pytest.mark.parametrize("leaves", WAYS)
def test_a_proposal_ends_with_its_proposer(
    world: World, subject: Subject, finance: Admin, owner_: Admin, leaves: Leaving
) -> None:
    decision_id = proposes(world, subject, finance)
    leaves(world, finance)
    with pytest.raises(ProposerGone):
        agrees(world, decision_id, owner_)
    in_transaction(world.database, lambda c: withdraw_decision(c, subject=subject, by=owner_))
    third = world.has_admin("third@kibeezy.test", Role.FINANCE)
    assert agrees(world, proposes(world, subject, owner_), third).proposed_by == owner_.email


def test_the_database_itself_demands_two_people(
    world: World, subject: Subject, finance: Admin
) -> None:
    proposes(world, subject, finance)
    alone = text("UPDATE decision SET agreed_by = proposed_by, agreed_at = kibeezy_now()")
    with pytest.raises(DBAPIError) as refused, world.database.begin() as connection:
        connection.execute(alone)
    assert sql_state(refused.value) == "23514"


@pytest.mark.parametrize("role", [Role.RESOLVER, Role.SUPPORT, Role.VIEWER])
def test_only_who_may_see_to_money_decides(
    world: World, subject: Subject, finance: Admin, role: Role
) -> None:
    other = world.has_admin("other@kibeezy.test", role)
    with pytest.raises(NotAllowed):
        proposes(world, subject, other)
    decision_id = proposes(world, subject, finance)
    with pytest.raises(NotAllowed):
        agrees(world, decision_id, other)


def test_nobody_decides_about_money_of_their_own(
    world: World, subject: Subject, finance: Admin
) -> None:
    player = world.has_admin("player@kibeezy.test", Role.FINANCE, phone=PLAYER)
    # Whoever holds an old idea of the admin is refused by what the database knows.
    for admin in (player, replace(player, phone=None)):
        with pytest.raises(OwnMoney):
            proposes(world, subject, admin)
    decision_id = proposes(world, subject, finance)
    with pytest.raises(OwnMoney):
        agrees(world, decision_id, player)


def test_a_decision_says_where_it_can_be_seen(
    world: World, subject: Subject, finance: Admin
) -> None:
    with pytest.raises(InvalidFreeText):
        proposes(world, subject, finance, evidence=" ")


def test_a_proposal_is_never_replaced_in_silence(
    world: World, subject: Subject, finance: Admin, owner_: Admin
) -> None:
    wrong = proposes(world, subject, finance)
    with pytest.raises(ProposedAlready):
        proposes(world, subject, owner_, outcome=DecisionOutcome.CONFIRMED)
    in_transaction(world.database, lambda c: withdraw_decision(c, subject=subject, by=owner_))
    right = proposes(world, subject, finance, outcome=DecisionOutcome.CONFIRMED)
    with pytest.raises(NotOpen):
        agrees(world, wrong, owner_)
    assert agrees(world, right, owner_).outcome is DecisionOutcome.CONFIRMED


def test_what_nobody_proposed_cannot_be_agreed_to(world: World, owner_: Admin) -> None:
    with pytest.raises(NoSuchThing):
        agrees(world, 7, owner_)


def test_a_decision_that_was_made_stays_as_it_is(
    world: World, subject: Subject, finance: Admin, owner_: Admin
) -> None:
    agrees(world, proposes(world, subject, finance), owner_)
    for change in ("outcome = 'confirmed'", "agreed_by = NULL, agreed_at = NULL"):
        with pytest.raises(DBAPIError) as refused, world.database.begin() as connection:
            connection.execute(text(f"UPDATE decision SET {change}"))
        assert sql_state(refused.value) == "KB005"
