"""A large withdrawal is held as any other, and paid once two people have released it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from core.config.rules import Dated
from core.database import now
from core.money import kes
from core.players.pause_withdrawals import pause_withdrawals
from core.provider.decide import DecisionOutcome, NotOpen, OwnMoney, ProposedAlready
from core.staff.records import Admin, NotAllowed, Role
from core.staff.rules import ProposalChanged, SameAdmin
from core.withdrawals.approve_large import (
    AlreadyReleased,
    NotWaitingForPeople,
    PlayerLocked,
    PlayerPaused,
)
from core.withdrawals.check_sim import SimAnswer, sim_not_asked
from core.withdrawals.decide_withdrawal import (
    cancel_proposal,
    decide_withdrawal,
    propose_withdrawal_outcome,
)
from core.withdrawals.records import Withdrawal
from tests.core.withdrawals.office import Office
from tests.core.withdrawals.teller import Teller, find_or_make, sets


def jobs(teller: Teller) -> list[str]:
    """What the worker is asked to do towards paying."""
    query = "SELECT kind FROM outbox WHERE kind IN ('b2c_send', 'sim_swap_ask') ORDER BY id"
    return teller.column(query)


def messages(teller: Teller) -> list[str]:
    return teller.column("SELECT body FROM sms_out WHERE kind LIKE 'withdrawal%' ORDER BY id")


def texts_of_the_wait(large: Withdrawal) -> str:
    return (
        "We look at large withdrawals first. Your KES 500 is safe. An SMS will tell you."
        f" Ref {large.reference}."
    )


def test_nothing_waits_for_people_until_two_have_set_from_where(teller: Teller) -> None:
    assert not teller.asks(kes(1000)).needs_release
    assert jobs(teller) == ["sim_swap_ask"]


def test_it_is_held_and_told_and_nobody_is_asked_anything(
    office: Office, large: Withdrawal
) -> None:
    teller = office.teller
    assert (large.state, large.needs_release) == ("requested", True)
    assert (teller.money, teller.held, jobs(teller)) == (kes(500), kes(500), [])
    assert messages(teller) == [texts_of_the_wait(large)]
    assert not teller.asks(kes(499)).needs_release


def test_two_people_release_it_and_then_the_sim_is_asked_about(
    office: Office, large: Withdrawal
) -> None:
    teller = office.teller
    office.proposes(large)
    made = office.approves(large)
    assert (made.proposed_by, made.agreed_by) == (office.neema.email, office.juma.email)
    assert (teller.state(large), jobs(teller)) == ("requested", ["sim_swap_ask"])
    teller.is_asked_about_its_sim(large)
    teller.sim_is(large, SimAnswer.NOT_SWAPPED)
    assert (teller.state(large), jobs(teller)) == ("queued", ["sim_swap_ask", "b2c_send"])
    payout = teller.is_sent(large)
    assert payout is not None
    assert payout.amount == kes(500)


def test_where_no_sim_is_asked_about_it_is_queued_at_once(
    office: Office, large: Withdrawal
) -> None:
    sets(office.teller.world, Dated.SIM_SWAP_CHECK_FROM_KES, 501)
    office.proposes(large)
    office.approves(large)
    assert (office.teller.state(large), jobs(office.teller)) == ("queued", ["b2c_send"])


def test_a_new_sim_at_the_release_gives_the_money_back(office: Office, large: Withdrawal) -> None:
    teller = office.teller
    office.proposes(large)
    office.approves(large)
    teller.is_asked_about_its_sim(large)
    teller.sim_is(large, SimAnswer.SWAPPED, swapped_on=date(2026, 11, 25))
    assert (teller.state(large), teller.money, teller.held) == ("cancelled", kes(1000), kes(0))
    assert teller.paused_until is not None


@pytest.mark.parametrize("act", ["proposes", "approves"])
def test_while_withdrawals_are_paused_or_the_player_is_locked_nobody_releases(
    office: Office, large: Withdrawal, act: str
) -> None:
    teller = office.teller
    if act == "approves":
        office.proposes(large)
    player_id = teller.player_id
    with teller.world.database.begin() as connection:
        until = now(connection) + timedelta(days=1)
        pause_withdrawals(connection, player_id=player_id, until=until, because="test")
    with pytest.raises(PlayerPaused):
        getattr(office, act)(large)
    teller.world.moves(days=2)
    teller.becomes(locked_at=until)
    with pytest.raises(PlayerLocked):
        getattr(office, act)(large)
    assert (teller.state(large), teller.held, jobs(teller)) == ("requested", kes(500), [])
    teller.becomes(locked_at=None)
    getattr(office, act)(large)


def test_what_is_paused_between_release_and_payment_is_not_paid(
    office: Office, large: Withdrawal
) -> None:
    teller = office.teller
    office.proposes(large)
    office.approves(large)
    player_id = teller.player_id
    with teller.world.database.begin() as connection:
        sim_not_asked(connection, withdrawal_id=large.id, because="test")
        until = now(connection) + timedelta(days=1)
        pause_withdrawals(connection, player_id=player_id, until=until, because="test")
    assert teller.is_sent(large) is None
    assert (teller.state(large), teller.money) == ("cancelled", kes(1000))


def test_nobody_releases_alone_or_for_the_own_phone(office: Office, large: Withdrawal) -> None:
    teller = office.teller
    support = find_or_make(teller.world, "support@kibeezy.test", Role.SUPPORT)
    herself = teller.world.has_admin("player@kibeezy.test", Role.OWNER, phone=teller.phone)
    for by, refusal in ((support, NotAllowed), (herself, OwnMoney)):
        with pytest.raises(refusal):
            office.proposes(large, by=by)
        with pytest.raises(refusal):
            office.refuses(large, by=by)
    with pytest.raises(NotOpen):
        office.approves(large)
    office.proposes(large)
    for by, refused in ((office.neema, SameAdmin), (support, NotAllowed), (herself, OwnMoney)):
        with pytest.raises(refused):
            office.approves(large, by=by)
    assert (teller.state(large), jobs(teller)) == ("requested", [])


def test_a_repeat_returns_the_first_result(office: Office, large: Withdrawal) -> None:
    first = office.proposes(large)
    assert office.proposes(large) == first
    with pytest.raises(ProposedAlready):
        office.proposes(large, by=office.juma)
    made = office.approves(large)
    assert office.approves(large) == made
    with pytest.raises(AlreadyReleased):
        office.approves(large, by=office.wanja)
    with pytest.raises(AlreadyReleased):
        office.proposes(large)
    assert jobs(office.teller) == ["sim_swap_ask"]


def test_one_person_refuses_and_the_money_is_back(office: Office, large: Withdrawal) -> None:
    teller = office.teller
    office.proposes(large)
    given_back = office.refuses(large, why="The player asked us to")
    assert (given_back.state, given_back.result_code) == ("cancelled", "refused")
    assert (teller.money, teller.held) == (kes(1000), kes(0))
    [_waits, told] = messages(teller)
    assert told.startswith("Your withdrawal was not approved, so KES 500 is back with you.")
    assert told.endswith(f" Balance KES 1,000. Ref {large.reference}.")
    assert teller.column("SELECT actor || ': ' || reason FROM transfer WHERE kind = 'release'") == [
        f"{office.juma.email}: The player asked us to"
    ]
    assert office.refuses(large).state == given_back.state
    for act in (office.proposes, office.approves):
        with pytest.raises(NotWaitingForPeople):
            act(large)
    with pytest.raises(NotWaitingForPeople):
        office.refuses(large, by=office.wanja)
    assert (teller.money, len(messages(teller))) == (kes(1000), 2)
    open_still = "SELECT id FROM decision WHERE agreed_at IS NULL AND withdrawn_at IS NULL"
    assert teller.column(open_still) == []


def test_what_is_released_is_refused_no_more(office: Office, large: Withdrawal) -> None:
    office.proposes(large)
    office.approves(large)
    with pytest.raises(AlreadyReleased):
        office.refuses(large)
    assert office.teller.held == kes(500)


def test_what_is_not_large_waits_for_nobody(office: Office) -> None:
    small = office.teller.asks(kes(100))
    for act in (office.proposes, office.approves, office.refuses):
        with pytest.raises(NotWaitingForPeople):
            act(small)


def test_another_proposal_is_not_taken_for_a_release(office: Office, large: Withdrawal) -> None:
    teller = office.teller

    def says_failed(by: Admin) -> None:
        with teller.world.database.begin() as connection:
            propose_withdrawal_outcome(
                connection,
                withdrawal_id=large.id,
                outcome=DecisionOutcome.FAILED,
                evidence="wrong number",
                by=by,
            )

    says_failed(office.neema)
    with pytest.raises(NotOpen):
        office.approves(large)
    with pytest.raises(ProposedAlready):
        office.proposes(large)
    with teller.world.database.begin() as connection:
        cancel_proposal(connection, withdrawal_id=large.id, by=office.juma)
    office.proposes(large)
    with teller.world.database.begin() as connection:
        made = decide_withdrawal(connection, withdrawal_id=large.id, by=office.juma)
    assert made.outcome is DecisionOutcome.RELEASED, "the second person's word for any proposal"
    assert jobs(teller) == ["sim_swap_ask"]


def test_the_release_that_was_read_is_approved_and_no_other(
    office: Office, large: Withdrawal
) -> None:
    read = office.proposes(large, why="Looked at everything")
    with office.teller.world.database.begin() as connection:
        cancel_proposal(connection, withdrawal_id=large.id, by=office.neema, decision_id=read)
    other = office.proposes(large, why="Looked at nothing")
    with pytest.raises(ProposalChanged):
        office.approves(large, decision_id=read)
    assert jobs(office.teller) == []
    assert office.approves(large, decision_id=other).evidence == "Looked at nothing"


def test_what_is_asked_about_already_is_not_asked_about_again(
    office: Office, large: Withdrawal
) -> None:
    """As by the release before, which asked when the withdrawal was made."""
    teller = office.teller
    with teller.world.owner.begin() as connection:
        connection.execute(text(f"INSERT INTO sim_question (withdrawal_id) VALUES ({large.id})"))
    office.proposes(large)
    office.approves(large)
    assert (teller.state(large), jobs(teller)[-1]) == ("queued", "b2c_send")
